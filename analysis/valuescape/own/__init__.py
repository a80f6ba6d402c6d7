"""Someone's own conversations, from a file to a report."""
