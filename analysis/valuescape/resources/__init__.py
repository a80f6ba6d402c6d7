"""Files that commands need outside a checkout."""
