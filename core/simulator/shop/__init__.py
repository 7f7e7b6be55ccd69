"""The contents of a made-up shop, and its true totals."""
