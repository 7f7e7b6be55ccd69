"""Benchmarks. Each prints its figures and ratios, and ends with one line of JSON. None asserts a time."""
