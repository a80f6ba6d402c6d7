"""Where contact data stand in a text: one pattern a kind, checked where check digits exist.

Every repetition is bounded or possessive and every search starts at the edge of its own kind of
characters, so that the time is proportional to the length of the text, whatever the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from valuescape.privacy.checks import IBAN_LENGTHS, cards_in, is_host_address, is_iban

Kind: TypeAlias = Literal[
    "url_credentials", "email", "iban", "card", "ip", "phone", "address", "name"
]
Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds one kind of personal datum.

    Attributes
    ----------
    kind : str
        What it finds.
    pattern : re.Pattern
        Candidates; the group ``hide``, where there is one, is the part to hide.
    check : callable or None
        Narrows a candidate to the spans to hide; None takes every candidate.
    """

    kind: Kind
    pattern: re.Pattern[str]
    check: Callable[[re.Match[str]], list[Span]] | None = None

    def spans(self, text: str) -> Iterator[Span]:
        """Yield disjoint spans in order."""
        for match in self.pattern.finditer(text):
            if self.check is not None:
                yield from self.check(match)
            else:
                yield match.span("hide" if "hide" in self.pattern.groupindex else 0)


_LOCAL = r"[\w.!#$%&'*+/=^`{|}~-]"
_DOMAIN = r"(?:[\w-]{1,63}+\.){1,8}[^\W\d_]{2,24}(?![\w-])"
_EMAIL = re.compile(
    rf"(?<!{_LOCAL})(?:{_LOCAL}++[@＠]{_DOMAIN}"
    r"|[\w.+-]++ ?[\[({] ?at ?[\])}] ?[\w-]{1,63}+"
    r"(?:(?:\.| ?[\[({] ?dot ?[\])}] ?)[\w-]{1,63}+){1,4})",
    re.IGNORECASE,
)
_QUERY_KEYS = (
    "access_?token|auth|auth_?token|api_?key|client_?secret|key|pass|passwd|password|pwd|secret|"
    "session_?id|sig|signature|token"
)
_USERINFO = re.compile(r"(?<=://)(?P<hide>[^\s/?#@\[\]<>\"']{1,512}+)(?=@[\w\[])")
_QUERY = re.compile(
    rf"(?<=[?&])(?:{_QUERY_KEYS})=(?P<hide>[^\s&#\[\]<>\"')]{{1,4096}}+)", re.IGNORECASE
)
_DIGIT_RUN = re.compile(r"(?<![\w+])(?<!\d[ \-\u2011\u2013])\d(?:[ \-\u2011\u2013]?\d){12,}+")
_IBAN = re.compile(
    r"(?<![^\W_])[A-Z]{2}\d{2}(?:[ \-\u00a0]?[A-Z0-9]){11,30}+", re.ASCII | re.IGNORECASE
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"(?<![\w.:-])(?:{_OCTET}\.){{3}}{_OCTET}(?![\w-]|\.\w)", re.ASCII)
_IPV6 = re.compile(r"(?<![\w:.])(?=\S{0,5}:)[0-9a-f:.]{4,45}+(?:%\w{1,15}+)?(?![\w:])", re.I | re.A)


def _cards(match: re.Match[str]) -> list[Span]:
    pieces = list(re.finditer(r"\d++", match.group()))
    base = match.start()
    return [
        (base + pieces[first].start(), base + pieces[last - 1].end())
        for first, last in cards_in([piece.group() for piece in pieces])
    ]


def _ibans(match: re.Match[str]) -> list[Span]:
    candidate = match.group()
    places = [i for i, c in enumerate(candidate) if c.isalnum()]
    length = IBAN_LENGTHS.get(candidate[:2].upper(), 99)
    if len(places) < length:
        return []
    if is_iban("".join(candidate[i] for i in places[:length])):
        return [(match.start(), match.start() + places[length - 1] + 1)]
    return []


def _hosts(match: re.Match[str]) -> list[Span]:
    text = match.group().rstrip(".")
    bare = text.removesuffix(":")
    for candidate in (text, bare):
        if is_host_address(candidate):
            return [(match.start(), match.start() + len(candidate))]
    return []


_DASH = r"\-\u2010\u2011\u2013"
_SEP = rf"[ ./\u00a0{_DASH}]"
_MORE_DIGITS = rf"(?:[ ()./\u00a0{_DASH}]{{0,3}}+\d){{6,14}}(?!\d)"
_CUE = (
    r"phone|mobile|cell|tel|telephone|call me(?: at| on)?|text me(?: at| on)?|reach me(?: at| on)?|"
    r"whatsapp|fax|t[ée]l[ée]phone|portable|telefon|telefono|tel[ée]fono|telefone|handy|mobil|"
    r"m[óo]vil|celular|cellulare|numero|n[úu]mero|电话|手机|電話"
)
_PHONES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w+])(?:\+|00){_SEP}?[1-9]{_MORE_DIGITS}",
        r"(?<![\w.$€£-])(?:1[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])[2-9]\d\d[ .-]?\d{4}"
        r"(?![\w-]|[.,]\d)",
        rf"(?<![\w.,$€£/-])(?:\(0\d{{1,5}}\)|0\d{{1,5}})(?:{_SEP}{{1,2}}+\d{{2,8}}){{1,5}}(?!\w|[.,]\d)",
        r"(?<![\w.,$€£-])0\d{9,10}(?!\w|[.,]\d)",
        r"(?<![\w.,-])\(\d{2,4}\) ?\d{3,5}[ -]\d{4}(?!\w)",
        r"(?<![\w.,-])[6-9]\d{4}[ -]\d{5}(?![\w-])",
        rf"(?<!\w)(?:{_CUE})(?:[^\w\n+(]{{0,4}}(?:number|no|nr|is|est|ist|es|[eé])(?!\w)){{0,2}}[^\w\n+(]{{0,4}}"
        rf"(?P<hide>\+?\(?\d{_MORE_DIGITS})",
    )
)
_WITH_TRUNK_PREFIX = _PHONES[2]
_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d\d)(?!\d)")


def _national(match: re.Match[str]) -> list[Span]:
    """Take a number with the trunk prefix 0 if it is as long as one and no date."""
    digits = sum(c.isdigit() for c in match.group())
    return [match.span()] if 9 <= digits <= 12 and not _DATE.match(match.group()) else []


CONTACTS: tuple[Finder, ...] = (
    Finder("url_credentials", _USERINFO),
    Finder("url_credentials", _QUERY),
    Finder("email", _EMAIL),
    Finder("iban", _IBAN, _ibans),
    Finder("card", _DIGIT_RUN, _cards),
    Finder("ip", _IPV4, _hosts),
    Finder("ip", _IPV6, _hosts),
    *(Finder("phone", p, _national if p is _WITH_TRUNK_PREFIX else None) for p in _PHONES),
)
"""Finders of contact data, in the order in which they are applied."""
