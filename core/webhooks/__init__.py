"""A delivery's whole life: receive, verify, store, apply, retry."""
