"""Addresses of endpoints of the user's choice, and where their key is looked for."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from valuescape.errors import OptionError

KEY_VARIABLE = "VALUESCAPE_ENDPOINT_KEY"


def checked_address(base_url: str) -> str:
    """Return the address of an endpoint, with ``/v1`` where it names no path.

    Raises
    ------
    OptionError
        If it is no http address, or carries credentials or a query.  It is not quoted then.

    Examples
    --------
    >>> checked_address("http://localhost:8000"), checked_address("http://localhost:8080/api/v1/")
    ('http://localhost:8000/v1', 'http://localhost:8080/api/v1')
    """
    try:
        found = urlsplit(base_url)
        usable = found.scheme in ("http", "https") and bool(found.hostname) and found.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise OptionError("--base-url is no address such as http://localhost:8000/v1")
    if "@" in found.netloc or found.query or found.fragment:
        raise OptionError(
            "--base-url takes no credentials, query or fragment; a key goes into the environment "
            f"variable {KEY_VARIABLE}"
        )
    path = found.path.rstrip("/").removesuffix("/chat/completions")
    return f"{found.scheme}://{found.netloc}{path or '/v1'}"


def is_local(base_url: str) -> bool:
    """Say whether an address is this machine; no proxy stands between then.

    Examples
    --------
    >>> is_local("http://localhost:8000/v1"), is_local("https://example.org/v1")
    (True, False)
    """
    host = urlsplit(base_url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
