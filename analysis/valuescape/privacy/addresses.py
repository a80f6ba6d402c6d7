"""Where postal addresses stand in a text, by the words that streets are called by."""

from __future__ import annotations

import re

from valuescape.privacy.finders import Finder

_EDGE = r"(?<![\w/-])"
_WORD = r"[^\W\d_][\w'’.-]{0,30}+"
_PLACE = r"[^\W\d_][\w'’-]{0,30}+"
_NUMBER = r"\d{1,5}[a-zA-Z]?(?:[-/]\d{1,4}[a-zA-Z]?)?(?!\w)"
_UNIT = r"(?i:,? (?:apt|apartment|suite|ste|unit|flat|floor|fl|#)\.? ?#?\w{1,6})?"
_ENGLISH = (
    r"(?i:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|boulevard|blvd|place|pl|square|"
    r"sq|terrace|crescent|parkway|pkwy|highway|hwy|circle|cir|trail|close|mews|gardens|grove|way)"
)
_TOWN = rf"(?:,? {_WORD}(?: {_WORD}){{0,2}})?,? "
_ZIP = r"[A-Z]{2},? \d{5}(?:-\d{4})?(?!\w)"
_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}(?!\w)"
_CODE_AND_TOWN = rf"(?:,? ?(?:[A-Z]{{1,2}}-)?\d{{4,5}}(?: [A-Z]{{2}})? {_PLACE})?"
_GERMANIC = r"(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|damm|ufer|straat|laan|gracht|kade|plein)"
_FRENCH = r"(?i:rue|avenue|av\.|boulevard|bd|place|chemin|impasse|quai|all[ée]e|cours|route)"
_SOUTHERN = (
    r"(?i:calle|c/|avenida|avda?\.|plaza|paseo|carrer|rua|travessa|pra[çc]a|via|viale|piazza|corso)"
)
_PATTERNS = (
    rf"{_EDGE}{_NUMBER} (?:[A-Z\d][\w'’.-]{{0,30}}+ ){{1,4}}{_ENGLISH}(?![\w-])\.?{_UNIT}"
    rf"(?:{_TOWN}(?:{_ZIP}|{_POSTCODE}))?",
    rf"{_EDGE}(?:Am|An der|Auf der|Im|In der) (?:{_WORD} )?(?:Weg|Platz|Markt|Ring|Tor|Ufer|Damm) "
    rf"{_NUMBER}{_CODE_AND_TOWN}",
    rf"{_EDGE}(?:(?:Alte|Neue|Große|Kleine) )?"
    rf"[^\W\d_][^\W\d_]{{0,30}}?-?(?i:{_GERMANIC}) {_NUMBER}{_CODE_AND_TOWN}",
    rf"{_EDGE}{_NUMBER}(?: (?:bis|ter))?,? {_FRENCH}(?: {_WORD}){{0,5}}? [A-ZÀ-Þ]{_PLACE}"
    rf"(?:,? \d{{5}} {_PLACE}|(?=[,.;:!?\n]|$))",
    rf"{_EDGE}{_SOUTHERN} ?(?:{_WORD} ?){{1,6}},? ?(?:n[ºo°.]{{1,2}} ?)?\d{{1,5}}(?!\w)"
    rf"{_CODE_AND_TOWN}",
    rf"{_EDGE}(?i:p\.? ?o\.? box|postfach|apartado(?: de correos)?) ?\d{{1,7}}(?!\w)",
    rf"{_EDGE}{_POSTCODE}",
)
ADDRESSES: tuple[Finder, ...] = tuple(Finder("address", re.compile(p)) for p in _PATTERNS)
"""Finders of postal addresses: English, German and Dutch, French, Spanish, Portuguese, Italian."""
