"""The one exception that a user's own input can raise."""


class InputError(ValueError):
    """Input that cannot be used; the message names the file, row or option and what is allowed."""
