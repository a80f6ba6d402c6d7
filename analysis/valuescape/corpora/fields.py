"""Fields of a record, each checked: a wrong one is named without printing what anybody wrote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from valuescape.errors import InputError

_SHOWN = 20


def shown(value: Any) -> str:
    """Name what was found where a name is wanted, such as a role: a short one is quoted.

    Examples
    --------
    >>> shown(None), shown("human"), shown([1])
    ('missing', "'human'", 'a list')
    """
    if isinstance(value, str) and len(value) <= _SHOWN:
        return repr(value)
    return kind_of(value)


def kind_of(value: Any) -> str:
    """Name what was found where a text may stand: it is never quoted.

    Examples
    --------
    >>> kind_of(None), kind_of("my secret"), kind_of([1])
    ('missing', 'a str', 'a list')
    """
    return "missing" if value is None else f"a {type(value).__name__}"


def text(record: Mapping[str, Any], name: str) -> str:
    """Return a text that must be there.

    Raises
    ------
    InputError
        If it is absent or something else.
    """
    value = record.get(name)
    if not isinstance(value, str):
        raise InputError(f"{name!r} is {kind_of(value)}; needed is a text")
    return value


def named(record: Mapping[str, Any], name: str) -> str:
    """Return a text that must be there and not empty.

    Raises
    ------
    InputError
        If it is absent, empty or something else.
    """
    if not (value := text(record, name)):
        raise InputError(f"{name!r} is empty; needed is a text")
    return value


def optional_text(record: Mapping[str, Any], name: str) -> str | None:
    """Return a text, or None if it is absent, null or empty.

    Raises
    ------
    InputError
        If it is something else.
    """
    value = record.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{name!r} is {kind_of(value)}; allowed is a text")
    return value or None


def listed(record: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list that must be there.

    Raises
    ------
    InputError
        If it is absent or something else.
    """
    value = record.get(name)
    if not isinstance(value, list):
        raise InputError(f"{name!r} is {kind_of(value)}; needed is a list")
    return value


def mapping(value: Any, what: str) -> dict[str, Any]:
    """Return a JSON object.

    Raises
    ------
    InputError
        If it is absent or something else.
    """
    if not isinstance(value, dict):
        raise InputError(f"{what} is {kind_of(value)}; needed is an object")
    return value


def inner(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the object under a name, or an empty one if there is none.

    Examples
    --------
    >>> inner({"author": {"role": "user"}}, "author"), inner({"author": None}, "author")
    ({'role': 'user'}, {})
    """
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def many(record: Mapping[str, Any], name: str) -> list[Any]:
    """Return a list, or an empty one if it is absent or null.

    Raises
    ------
    InputError
        If it is something else.
    """
    return listed(record, name) if record.get(name) is not None else []


def identity(record: Mapping[str, Any], *names: str) -> str | None:
    """Return the first of several fields that holds a text or a number, as text.

    Examples
    --------
    >>> identity({"id": 7}, "uuid", "id")
    '7'
    """
    for name in names:
        value = record.get(name)
        if (isinstance(value, str) and value) or type(value) is int:
            return str(value)
    return None


def moment(value: Any, what: str) -> str | None:
    """Return a time as ISO 8601 in UTC, to the second.

    Parameters
    ----------
    value : Any
        Seconds since 1970, ISO 8601, a datetime, or None.  A time without a zone is in UTC.
    what : str
        The field, for the error.

    Raises
    ------
    InputError
        If it is none of these.

    Examples
    --------
    >>> moment(0, "create_time"), moment("2024-05-01T12:00:00+02:00", "created_at")
    ('1970-01-01T00:00:00Z', '2024-05-01T10:00:00Z')
    """
    if value is None or value == "":
        return None
    try:
        found = _moment(value)
        if found is not None:
            return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError) as error:
        raise InputError(f"{what!r} is {shown(value)}; allowed is a time") from error
    raise InputError(f"{what!r} is {shown(value)}; allowed is a time")


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, str):
        found = datetime.fromisoformat(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found = datetime.fromtimestamp(value, UTC)
    else:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
