"""Benchmarks: invented data in bulk, hand-written SQL floors, and our own work beside them."""
