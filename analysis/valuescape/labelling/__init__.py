"""From conversations to labels."""
