"""Timings as ratios to the usual way, both in one run."""
