"""The demo of `make run`: the launcher, the seed, and the client of the simulator's page."""
