"""Keys of interfaces: from the environment alone, and never in an error."""

from __future__ import annotations

import os

from valuescape.errors import InputError


def read_key(variable: str) -> str | None:
    """Return the key in an environment variable, None if there is none.

    Parameters
    ----------
    variable : str
        Name of the variable; white space around its content is left out.

    Raises
    ------
    InputError
        If its content cannot be sent as a header.  The message does not quote it.
    """
    key = os.environ.get(variable, "").strip()
    if not key:
        return None
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise InputError(
            f"the environment variable {variable} holds no key: a key is one word of ASCII "
            "characters; nothing has been sent"
        )
    return key
