"""A model under test answers our prompts; what it expresses is compared with a baseline."""
