"""What happens in a made-up shop: orders, refunds, edits, deletions."""
