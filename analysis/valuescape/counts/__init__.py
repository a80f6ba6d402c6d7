"""Tables to sufficient statistics."""
