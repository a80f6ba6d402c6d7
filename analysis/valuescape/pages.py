"""Data inside a page of HTML."""

from __future__ import annotations

import json
from typing import Any

_SAFE = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def script_json(data: Any) -> str:
    r"""Return data as JSON that cannot end the script element it stands in.

    Parameters
    ----------
    data : object
        Lists, dictionaries, texts and numbers.

    Returns
    -------
    str
        ASCII without ``<``, ``>`` or ``&``.

    Raises
    ------
    ValueError
        If a number is not finite, which JSON cannot say.

    Examples
    --------
    >>> script_json({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    return json.dumps(data, allow_nan=False, separators=(",", ":")).translate(_SAFE)
