"""Watching labelled conversations over time: what drifts, since when, and whether it is the mix."""
