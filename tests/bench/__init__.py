"""Benchmarks: each prints its figures and ratios, and ends with one line of JSON; none asserts a time."""
