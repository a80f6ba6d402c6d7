"""Measure which values AI assistants express in real conversations."""

__version__ = "0.1.0"
