"""Readers of original tables, one module per source and vintage."""
