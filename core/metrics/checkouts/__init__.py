"""Checkouts that were started, left, recovered or completed."""
