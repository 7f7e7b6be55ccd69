"""Attacks on the running processes, which are started once for all: what was tried, and what came of it."""
