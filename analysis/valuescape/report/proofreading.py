"""What must hold of the manuscript before it is rendered, and of the page afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from valuescape.errors import InputError
from valuescape.report.manuscript import Manuscript

_KINDS = "fig|tbl|sec|eq"
_HIDDEN = re.compile(
    r"^(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^(?P=fence)[^\n]*$"
    r"|<!--.*?-->|(?P<tick>`+)(?!`).+?(?<!`)(?P=tick)(?!`)"
    r"|\$\$.+?\$\$|(?<![\\$])\$(?=\S)[^$\n]+?(?<=\S)\$(?!\d)",
    re.DOTALL | re.MULTILINE,
)
_LABEL = re.compile(rf"\{{[^{{}}\n]*?#((?:{_KINDS})-[\w:-]+)")
_KEY = re.compile(r"(?<![\w@\\/.])@(?:\{([^}\n]+)\}|([^\W_][\w:.#$%&+?<>~/-]*\w|\w))")
_SWALLOWED = re.compile(rf"@(?:{_KINDS})-[\w:-]+\s+\[[^\]]*@[^\]]*\]")
_BRACKET = re.compile(r"\[[^\[\]]*@[^\[\]]*\]")
_IMAGE = re.compile(r"!\[.*?\]\(([^\s)]+)[^)\n]*\)(\{[^{}]*\})?")
_ALTERNATIVE = re.compile(r'fig-alt="[^"]*\S[^"]*"')
_ENTRY = re.compile(r"^\s*@(\w+)\s*\{\s*([^,\s]+)\s*,", re.MULTILINE)
_LEFTOVERS = (r"\{\{&lt;", r"\{\{<", r"\?@", r"\?var:", r"\?\?", r"\[-?@\w", r"\{#\w+-")


def bibliography_keys(path: Path) -> list[str]:
    """Return the keys of a BibTeX file in the order they are written.

    Raises
    ------
    InputError
        If the file is missing or a key occurs twice.
    """
    if not path.is_file():
        raise InputError(f"{path.name}: no such file")
    entries = _ENTRY.findall(path.read_text(encoding="utf-8"))
    keys = [key for kind, key in entries if kind.lower() not in ("comment", "string", "preamble")]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise InputError(f"{path.name}: key {twice[0]!r} occurs twice")
    return keys


def check_manuscript(manuscript: Manuscript, keys: list[str], folder: Path) -> None:
    """Refuse a manuscript that would render with a hole in it.

    Parameters
    ----------
    manuscript : Manuscript
        The expanded text.
    keys : list of str
        Keys of the bibliography.
    folder : Path
        The folder that image paths are relative to.

    Raises
    ------
    InputError
        At the first label given twice, cross-reference or citation to nothing, citation that a
        cross-reference would swallow, missing image, or figure without ``fig-alt``; the message
        names it and its line.
    """
    text = _visible(manuscript.text)
    labels = _labels(text, manuscript)
    _check_keys(text, manuscript, labels, set(keys))
    _check_images(text, manuscript, folder)


def _visible(text: str) -> str:
    """Blank out code, comments and mathematics, keeping every offset."""
    return _HIDDEN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def _labels(text: str, manuscript: Manuscript) -> set[str]:
    labels: dict[str, str] = {}
    for match in _LABEL.finditer(text):
        place = manuscript.place(match.start())
        if match[1] in labels:
            raise InputError(f"{place}: label {match[1]!r} is already used at {labels[match[1]]}")
        labels[match[1]] = place
    return set(labels)


def _check_keys(text: str, manuscript: Manuscript, labels: set[str], keys: set[str]) -> None:
    mixed = [m for m in _BRACKET.finditer(text) if len(set(map(_is_label, _keys(m[0])))) == 2]
    for match in [*_SWALLOWED.finditer(text), *mixed]:
        raise InputError(
            f"{manuscript.place(match.start())}: in {match[0]!r} the citation is read as part of "
            "the cross-reference; put a word between them"
        )
    for match in _KEY.finditer(text):
        key, place = match[1] or match[2], manuscript.place(match.start())
        if _is_label(key) and key not in labels:
            raise InputError(f"{place}: cross-reference @{key} has no label {{#{key}}} in the text")
        if not _is_label(key) and key not in keys:
            raise InputError(f"{place}: citation @{key} is not in the bibliography")


def _keys(text: str) -> list[str]:
    return [braced or plain for braced, plain in _KEY.findall(text)]


def _is_label(key: str) -> bool:
    return re.match(rf"(?:{_KINDS})-", key) is not None


def _check_images(text: str, manuscript: Manuscript, folder: Path) -> None:
    for match in _IMAGE.finditer(text):
        place = manuscript.place(match.start())
        if not (folder / match[1]).is_file():
            raise InputError(f"{place}: no such image: {match[1]}")
        if not _ALTERNATIVE.search(match[2] or ""):
            raise InputError(
                f'{place}: image {match[1]} has no fig-alt="..." for those who read '
                "without seeing it"
            )


def leftovers(page: str) -> list[str]:
    """Return what a rendered HTML page shows that should have been resolved.

    Unresolved shortcodes, variables, references and citations, label braces, and links to figures,
    tables, sections, equations and references that are not on the page.

    Examples
    --------
    >>> leftovers("<p id='a'>See <a href='#a'>Table 1</a>.</p>")
    []
    >>> leftovers("<p>See ?@fig-x and <a href='#tbl-b'>it</a>.</p>")
    ['?@fig-x and', "link to '#tbl-b'"]
    """
    shown = re.sub(r"<(style|script|annotation)\b.*?</\1>", " ", page, flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", "", shown)
    found = [
        unescape(text[match.start() : match.start() + 11]).strip()
        for pattern in _LEFTOVERS
        for match in re.finditer(pattern, text)
    ]
    return found + [f"link to '#{target}'" for target in _dangling(shown)]


def _dangling(page: str) -> Iterator[str]:
    places = set(re.findall(r"""\bid=["']([^"']+)["']""", page))
    for target in re.findall(rf"""\bhref=["']#((?:{_KINDS}|ref)-[^"']+)["']""", page):
        if unescape(target) not in places:
            yield target
