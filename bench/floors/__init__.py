"""Floors: the least SQL that yields the same figures from the same tables."""
