"""Tables as others read them: pandoc Markdown and LaTeX, the standard library HTML."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pypandoc

QUOTES = {"DoubleQuote": '""', "SingleQuote": "''"}
TYPOGRAPHY = {"–": "--", "—": "---", "’": "'", "‘": "'", "“": '"', "”": '"', "\xa0": " "}
SPACES = str.maketrans({"\u202f": " ", "\u2006": " ", "\u2009": " "})


def plain(text: str) -> str:
    """Text without what typography makes of quotes, dashes and spaces."""
    for sign, typed in TYPOGRAPHY.items():
        text = text.replace(sign, typed)
    return " ".join(text.translate(SPACES).split())


def written(part: Any) -> str:
    """Text of a piece of pandoc's tree; anything but text shows as the name of what it is."""
    if isinstance(part, list):
        return "".join(map(written, part))
    kind, content = part["t"], part.get("c")
    if kind == "Str":
        return str(content)
    if kind in ("Space", "SoftBreak"):
        return " "
    if kind in ("Plain", "Para"):
        return written(content)
    if kind == "Quoted":
        mark = QUOTES[content[0]["t"]]
        return f"{mark[0]}{written(content[1])}{mark[1]}"
    if kind == "Math":
        return f"${content[1]}$"
    if kind == "Superscript":
        return f"^{written(content)}^"
    if kind == "Span":
        return written(content[1])
    return f"<<{kind}>>"


@dataclass
class Read:
    """Caption, header and rows of one table, and paragraphs beside it."""

    caption: str = ""
    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)


def by_pandoc(text: str, reader: str) -> Read:
    """Read the one table of a document."""
    blocks = json.loads(pypandoc.convert_text(text, "json", format=reader))["blocks"]
    (table,) = (block["c"] for block in _flat(blocks) if block["t"] == "Table")
    rows = [[written(cell[4]) for cell in row[1]] for body in table[4] for row in body[3]]
    header = [written(cell[4]) for row in table[3][1] for cell in row[1]]
    beside = [written(block) for block in blocks if block["t"] != "Table"]
    return Read(written(table[1][1]), header, rows, beside)


def _flat(blocks: list[Any]) -> list[Any]:
    inside = [_flat(block["c"][1]) for block in blocks if block["t"] == "Div"]
    return [
        *(block for block in blocks if block["t"] != "Div"),
        *(b for part in inside for b in part),
    ]


class ByBrowser(HTMLParser):
    """The cells of a page as an HTML parser sees them; unknown elements are kept by name."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.texts: dict[str, str] = {}
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("th", "td"):
            self.rows[-1][-1] += data
        elif self.open:
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data
