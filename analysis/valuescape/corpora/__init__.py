"""Conversations and released readings in: one adapter a format."""
