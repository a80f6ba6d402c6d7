"""One module a format: how to know a record of it, and how to turn it into conversations."""
