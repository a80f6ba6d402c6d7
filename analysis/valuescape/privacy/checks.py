"""Check digits and addresses: what tells a card, an account or a host from other digits."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from itertools import accumulate

IBAN_LENGTHS: dict[str, int] = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28,
    "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23,
    "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
    "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30,
    "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22,
    "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23,
    "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
"""Characters of an IBAN by country (the registry of ISO 13616)."""

_CARD_LENGTHS = range(13, 20)


def luhn(digits: str) -> bool:
    """Say whether the last digit is the Luhn check digit of the others.

    Parameters
    ----------
    digits : str
        Decimal digits of any script, at least two.

    References
    ----------
    ISO/IEC 7812-1, annex B.

    Examples
    --------
    >>> luhn("79927398713"), luhn("79927398710")
    (True, False)
    """
    doubled = (int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def is_card(digits: str) -> bool:
    """Say whether digits have a card's length, issuer's beginning and check digit.

    Parameters
    ----------
    digits : str
        Decimal digits of any script, without separators.

    Examples
    --------
    >>> is_card("4111111111111111"), is_card("0000000000000000")
    (True, False)
    """
    if len(digits) not in _CARD_LENGTHS:
        return False
    return _issued(int(digits[:4])) and luhn(digits)


def _issued(first: int) -> bool:
    """Say whether four leading digits belong to a network of payment cards."""
    two = first // 100
    return (
        first // 1000 == 4
        or 51 <= two <= 55
        or 2200 <= first <= 2204
        or 2221 <= first <= 2720
        or two in (34, 37, 35, 30, 36, 38, 39, 50)
        or 56 <= two <= 69
    )


def cards_in(groups: Sequence[str]) -> list[tuple[int, int]]:
    """Return disjoint runs of groups of digits that make card numbers.

    Parameters
    ----------
    groups : sequence of str
        Digits as separators part them.

    Returns
    -------
    list of tuple of int
        First group and the one after the last, in order.

    Examples
    --------
    >>> cards_in(["12", "4111", "1111", "1111", "1111", "2027"])
    [(1, 5)]
    """
    ends = list(accumulate(map(len, groups), initial=0))
    found = []
    first = 0
    while first < len(groups):
        last = _card_end(groups, ends, first)
        if last is not None:
            found.append((first, last))
        first = last or first + 1
    return found


def _card_end(groups: Sequence[str], ends: list[int], first: int) -> int | None:
    """Return the end of the longest card number that starts with a group."""
    found = None
    for last in range(first + 1, len(groups) + 1):
        if ends[last] - ends[first] >= _CARD_LENGTHS.stop:
            break
        if is_card("".join(groups[first:last])):
            found = last
    return found


def is_iban(compact: str) -> bool:
    """Say whether letters and digits are an account number of ISO 13616.

    Parameters
    ----------
    compact : str
        Without separators; capital or small ASCII letters.

    References
    ----------
    ISO 13616-1 (modulus 97-10 of ISO/IEC 7064).

    Examples
    --------
    >>> is_iban("GB82WEST12345698765432"), is_iban("GB83WEST12345698765432")
    (True, False)
    """
    text = compact.upper()
    if len(text) != IBAN_LENGTHS.get(text[:2]) or not (text.isascii() and text.isalnum()):
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def is_host_address(text: str) -> bool:
    """Say whether text is an IPv4 or IPv6 address that may point to someone.

    Loopback, unspecified, multicast and reserved addresses point to nobody, nor do those of IPv4
    that begin with 0 or end in three zeros.

    Examples
    --------
    >>> is_host_address("203.0.113.9"), is_host_address("::1"), is_host_address("12:30:45")
    (True, False, False)
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    nobody = address.is_loopback or address.is_unspecified or address.is_multicast
    if address.version == 4:
        nobody |= address.is_reserved or address.packed[0] == 0 or not any(address.packed[1:])
    return not nobody
