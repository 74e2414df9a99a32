"""Benchmarks: `make bench`. Nothing here is a test, and nothing here is part of the package."""
