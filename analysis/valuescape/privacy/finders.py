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
    gate : re.Pattern or None
        What every text with such a datum holds: quicker to look for than the datum.
    """

    kind: Kind
    pattern: re.Pattern[str]
    check: Callable[[re.Match[str]], list[Span]] | None = None
    gate: re.Pattern[str] | None = None

    def spans(self, text: str) -> Iterator[Span]:
        """Yield disjoint spans in order."""
        if self.gate is not None and self.gate.search(text) is None:
            return
        for match in self.pattern.finditer(text):
            if self.check is not None:
                yield from self.check(match)
            else:
                yield match.span("hide" if "hide" in self.pattern.groupindex else 0)


_LOCAL = r"[\w.!#$%&'*+/=^`{|}~-]"
_LAST = r"(?:xn--[a-z0-9-]{2,40}|[^\W\d_]{2,24})(?![\w-])"
_DOMAIN = rf"(?:[\w-]{{1,63}}+\.){{1,8}}{_LAST}"
_SPELT_LAST = r"(?:com|org|net|edu|gov|info|io|co|eu|uk|de|fr|es|it|nl|se|pl|br|in|jp|au|ca)(?!\w)"
_EMAIL = re.compile(
    rf"(?<!{_LOCAL})(?:{_LOCAL}++[@＠]{_DOMAIN}"
    rf"|[^\W\d_][\w+-]{{0,40}}[\d._][\w.+-]{{0,40}} ?@ ?{_DOMAIN}"
    r"|[\w.+-]++ ?[\[({] ?at ?[\])}] ?[\w-]{1,63}+"
    r"(?:(?:\.| ?[\[({] ?dot ?[\])}] ?| dot )[\w-]{1,63}+){1,4}"
    rf"|[\w.+-]++ at [\w-]{{1,40}} dot (?:[\w-]{{1,40}} dot )?{_SPELT_LAST})",
    re.IGNORECASE,
)
_QUERY_KEYS = (
    r"[\w.-]{0,30}?(?:token|secret|passw(?:or)?d|passwd|pwd|passcode|api[_-]?key|access[_-]?key|"
    r"signature|credentials?|sess(?:ion)?[_-]?id|jwt|otp|ticket)|auth|key|pass|sid|sig"
)
_USERINFO = re.compile(r"(?<=://)(?P<hide>[^\s/?#@\[\]<>\"']{1,512}+)(?=@[\w\[])")
_QUERY = re.compile(
    rf"(?<=[?&#])(?:{_QUERY_KEYS})=(?P<hide>[^\s&#\[\]<>\"')]{{1,4096}}+)"
    r"|(?<=[?&#])code=(?P<code>[^\s&#\[\]<>\"')]{20,4096}+)",
    re.IGNORECASE,
)
_SERVICE = re.compile(r"/*(?:git|hg|svn)@", re.IGNORECASE)
_NOBODY = frozenset(("anonymous", "git", "hg", "svn", "user", "username"))
_GAP = r"(?:[ \-\u00a0\u2010-\u2013]| [\-\u2010-\u2013] |\n)"
_DIGIT_RUN = re.compile(
    rf"(?:(?<![^\W_])|(?<=%B))(?<!\+)(?<!\d[ \-\u2010-\u2013\u00a0.])\d(?:{_GAP}?\d){{12,}}+"
)
_DOTTED_CARD = re.compile(r"(?<![\w.])\d{4}(?P<gap>[._])(?:\d{4}(?P=gap)){2}\d{4}(?![.]?\w)")
_IBAN = re.compile(
    r"(?:(?<![^\W_])|(?<=IBAN))[A-Z]{2}\d{2}(?:[ \-\u00a0]?[A-Z0-9]){11,30}+",
    re.ASCII | re.IGNORECASE,
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_POINT = r"(?:\.|\[\.\])"
_IPV4 = re.compile(
    rf"(?<![\w.:-])(?<!\[\.\])(?:{_OCTET}{_POINT}){{3}}{_OCTET}(?![^\W_]|-[^\W\d]|{_POINT}\w)",
    re.ASCII,
)
_IPV6 = re.compile(
    r"(?<![\w:.])(?=\S{0,5}:)[0-9a-f:.]{4,45}+(?:%\w{1,15}+)?(?![\w:])",
    re.IGNORECASE | re.ASCII,
)
_OF_SOFTWARE = re.compile(
    r"(?i)\b(?:version|ver|v|release|build|firmware|driver|assembly|section|sec|chapter|clause|"
    r"paragraph|para|article|figure|table|oid|§)[.:]? ?$"
)
_OF_THINGS = re.compile(
    r"(?i)\b(?:isbn(?:-1[03])?|issn|doi|ean|upc|gtin|imei|uuid|sku|order|invoice|tracking|ticket|"
    r"version|serial|timestamp)(?: (?:no|nr|number|id))?[.:#]{0,2} ?$"
)
_LOOK_BACK = 24


def _follows(words: re.Pattern[str], match: re.Match[str]) -> bool:
    """Say whether a candidate follows one of some words."""
    start = match.start()
    return words.search(match.string[max(0, start - _LOOK_BACK) : start]) is not None


def _users(match: re.Match[str]) -> list[Span]:
    return [] if match["hide"].lower() in _NOBODY else [match.span("hide")]


def _mail(match: re.Match[str]) -> list[Span]:
    if _SERVICE.match(match.group()):
        return []
    return [(match.end() - len(match.group().lstrip("/'`*=|^&")), match.end())]


def _query(match: re.Match[str]) -> list[Span]:
    return [match.span("hide" if match["hide"] else "code")]


def _cards(match: re.Match[str]) -> list[Span]:
    if _follows(_OF_THINGS, match) or match.group().startswith("0."):
        return []
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
    if _follows(_OF_SOFTWARE, match):
        return []
    text = match.group().rstrip(".")
    bare = text.removesuffix(":")
    for candidate in (text, bare):
        if is_host_address(candidate.replace("[.]", ".")):
            return [(match.start(), match.start() + len(candidate))]
    return []


_DASH = r"\-\u2010\u2011\u2013"
_SEP = rf"[ ./\u00a0{_DASH}]"
_MORE_DIGITS = rf"(?:[ ()./\u00a0{_DASH}]{{0,3}}+\d){{6,14}}(?!\d)"
_CUE = (
    r"phone|mobile|cell|tel|telephone|(?:call|ring|text|reach|dial|phone)(?: me| us)?(?: at| on)?|"
    r"whatsapp|fax|tlf|tfn|puh|rufnummer|cel|llám[ae](?:me|nos)?(?: al)?|appelle[zr]?|bel|звоните|"
    r"телефон|тел|携帯|t[ée]l[ée]phone|portable|telefon|telefono|tel[ée]fono|telefone|handy|mobil|"
    r"m[óo]vil|celular|cellulare|numero|n[úu]mero|电话|手机|電話"
)
_PHONES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w+.,])(?:\+|(?<!\d )00{_SEP}?|(?<!\d )011{_SEP})\(?[1-9]{_MORE_DIGITS}",
        r"(?<![\w.$€£-])(?:1[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-])[2-9]\d\d[ .-]?\d{4}"
        r"(?![\w-]|[.,]\d)",
        rf"(?<![\w.,$€£/-])(?<!\d[ \u00a0])(?:\(0\d{{1,5}}\)|0\d{{1,5}})"
        rf"(?:{_SEP}{{1,2}}+\d{{2,8}}){{1,5}}(?!\w|[.,]\d)",
        r"(?<![\w.,$€£-])0\d{9,10}(?!\w|[.,]\d)",
        r"(?<![\w.,-])\(\d{2,4}\) ?\d{3,5}[ -]\d{4}(?!\w)",
        r"(?<![\w.,-])[6-9]\d{4}[ -]\d{5}(?![\w-])",
        r"(?<![\w.,-])(?<!\d )8[ -]?\(?[3-9]\d\d\)?[ -]?\d{3}[ -]\d\d[ -]?\d\d(?![\w-])",
        r"(?<![\w.,-])(?<!\d )1[3-9]\d[ -]\d{4}[ -]\d{4}(?![\w-])",
        r"(?<![\w.,-])(?<!\d )[679]\d\d[ ]\d{3}[ ]\d{3}(?! ?\w)",
        rf"(?<!\w)(?:{_CUE})(?:[^\w\n+(]{{0,4}}(?:number|no|nr|is|est|ist|es|[eé])(?!\w)){{0,2}}[^\w\n+(]{{0,4}}"
        rf"(?P<hide>\+?\(?\d{_MORE_DIGITS})",
    )
)
_FROM_ABROAD = re.compile(r"(?:00|011)[ ./-]?[1-9]")
_SHORTEST, _HOME, _ABROAD = 9, 12, 18
_DATE = re.compile(r"\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d\d)(?!\d)")


def _phone(match: re.Match[str]) -> list[Span]:
    """Take a number, if it is none of a thing; one with a trunk 0 if it is long enough."""
    if _follows(_OF_THINGS, match):
        return []
    if "hide" in match.re.groupindex:
        return [match.span("hide")]
    found = match.group()
    digits = sum(c.isdigit() for c in found)
    if found.lstrip("(").startswith("0"):
        longest = _ABROAD if _FROM_ABROAD.match(found) else _HOME
        if not _SHORTEST <= digits <= longest or _DATE.match(found):
            return []
    return [match.span()]


_MANY_DIGITS = re.compile(r"\d(?:\D{0,5}\d){6}")
_SIGN = re.compile(r"[@＠]|(?:(?<=[\[({])|(?<=[\[({] ))(?i:at)|(?i: dot )")
_IPV4_GATE = re.compile(r"\d(?:\.|\[\.\])\d")
CONTACTS: tuple[Finder, ...] = (
    Finder("url_credentials", _USERINFO, _users),
    Finder("url_credentials", _QUERY, _query, re.compile("=")),
    Finder("email", _EMAIL, _mail, _SIGN),
    Finder("iban", _IBAN, _ibans, re.compile(r"[A-Za-z]{2}\d\d[ \-\u00a0]?[A-Za-z0-9]")),
    Finder("card", _DIGIT_RUN, _cards, _MANY_DIGITS),
    Finder("card", _DOTTED_CARD, _cards, _MANY_DIGITS),
    Finder("ip", _IPV4, _hosts, _IPV4_GATE),
    Finder("ip", _IPV6, _hosts, re.compile(r"[0-9a-fA-F:]:")),
    *(Finder("phone", p, _phone, _MANY_DIGITS) for p in _PHONES),
)
"""Finders of contact data, in the order in which they are applied."""
