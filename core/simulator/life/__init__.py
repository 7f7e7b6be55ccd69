"""What happens in a made-up shop: its history, then events such as orders, refunds, edits and deletions."""
