"""Rule files of the tree of values."""
