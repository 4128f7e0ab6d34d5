"""Segments: rule trees over customer attributes as SQL, counted and explained."""
