"""Campaigns: who falls into which group, and the record of who was sent what."""
