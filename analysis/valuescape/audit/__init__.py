"""Validation by people: a probability sample, blind double coding, and what it says."""
