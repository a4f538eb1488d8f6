"""Benchmarks: fill, measure ours and the floor by turns, compare what both say."""
