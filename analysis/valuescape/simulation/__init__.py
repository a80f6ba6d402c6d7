"""Simulated data with planted truth, and what the statistics make of them."""
