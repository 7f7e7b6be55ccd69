"""What `make run` adds to the product: the launcher, the seed, the welcome."""
