"""What is in a made-up shop, and its true totals."""
