"""Benchmarks: each figure beside something plain, measured in the same run on the same machine."""
