"""Proposes a feed from a file: its columns, their types, what tells records apart, and what the columns mean."""
