"""Recall and precision of redaction on the planted sentences, and the table of them in the docs.

``python -m tests.privacy.measured`` writes the table into docs/explanation/privacy.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from valuescape.privacy.finders import Kind
from valuescape.privacy.redaction import KINDS, redact
from valuescape.statistics.shares import wilson
from valuescape.store import write_text

WRITTEN = Path(__file__).with_name("written.txt")
DOCUMENT = Path(__file__).parents[2] / "docs" / "explanation" / "privacy.md"
BEGIN, END = "<!-- quality -->", "<!-- /quality -->"
SORTS: dict[str, tuple[Kind, str]] = {
    "email": ("email", "e-mail address"),
    "phone": ("phone", "telephone number"),
    "card": ("card", "card number"),
    "iban": ("iban", "IBAN"),
    "ip": ("ip", "IP address"),
    "url_credentials": ("url_credentials", "credentials in a URL"),
    "address": ("address", "postal address"),
    "name": ("name", "name, introduced by words"),
    "name_bare": ("name", "name, not introduced"),
}
_ITEM = re.compile(r"\[\[(.+?)\]\](?!\])", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:n|t|u([0-9a-f]{4}))")
_MASK = re.compile(rf"\[({'|'.join(kind.upper() for kind in KINDS)})\]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, the sort of datum it is about and where the datum stands, if it has one."""

    sort: str
    text: str
    planted: tuple[int, int] | None
    held_out: bool


def sentences(path: Path = WRITTEN) -> list[Sentence]:
    """Read the sentences; of each sort every third, with a datum or without, is for development."""
    found: list[Sentence] = []
    sort, counts = "", {True: 0, False: 0}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("== "):
            sort, counts = line[3:], {True: 0, False: 0}
        elif line and not line.startswith("#"):
            raw = _ESCAPE.sub(_escaped, line)
            item = _ITEM.search(raw)
            held_out = counts[item is not None] % 3 != 0
            counts[item is not None] += 1
            text = _ITEM.sub(lambda found: found[1], raw)
            planted = (item.start(), item.start() + len(item[1])) if item else None
            found.append(Sentence(sort, text, planted, held_out))
    return found


def _escaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else {"\\n": "\n", "\\t": "\t"}[match[0]]


def hidden_spans(text: str) -> list[tuple[Kind, int, int]]:
    """Return what redaction hides, in places of the text given."""
    masked = redact(text)
    pieces = _MASK.split(masked)
    pattern = "(.+?)".join(re.escape(piece) for piece in pieces[::2])
    match = re.fullmatch(pattern, text, re.DOTALL)
    assert match is not None
    kinds = [kind for piece in pieces[1::2] for kind in KINDS if kind.upper() == piece]
    return [(kind, *match.span(k)) for k, kind in enumerate(kinds, start=1)]


@dataclass(frozen=True, slots=True)
class Quality:
    """Of one sort: data planted, hidden whole, touched; spans found and right; near misses left."""

    sort: str
    planted: int
    whole: int
    touched: int
    found: int
    right: int
    misses: int
    left: int


def measure(given: Iterable[Sentence]) -> list[Quality]:
    """Count, sort by sort; spans of one kind are counted with its first sort."""
    rows = list(given)
    spans = [hidden_spans(row.text) for row in rows]
    found = []
    for sort, (kind, _) in SORTS.items():
        own = [(row, s) for row, s in zip(rows, spans, strict=True) if row.sort == sort]
        planted = [(row, s) for row, s in own if row.planted]
        bare = [s for row, s in own if not row.planted]
        first = next(name for name, (k, _) in SORTS.items() if k == kind) == sort
        of_kind = [
            (row, a, b)
            for row, s in zip(rows, spans, strict=True)
            for k, a, b in s
            if k == kind and first
        ]
        found.append(
            Quality(
                sort,
                len(planted),
                sum(_whole(row, s) for row, s in planted),
                sum(any(_meets(row, a, b) for _, a, b in s) for row, s in planted),
                len(of_kind),
                sum(SORTS[r.sort][0] == kind and _meets(r, a, b) for r, a, b in of_kind),
                len(bare),
                sum(not s for s in bare),
            )
        )
    return found


def _meets(row: Sentence, start: int, end: int) -> bool:
    return row.planted is not None and start < row.planted[1] and row.planted[0] < end


def _whole(row: Sentence, spans: list[tuple[Kind, int, int]]) -> bool:
    """Say whether no letter or digit of the datum is left to see."""
    assert row.planted is not None
    seen = set(range(*row.planted))
    for _, start, end in spans:
        seen -= set(range(start, end))
    return not any(row.text[i].isalnum() for i in seen)


def _share(k: int, n: int) -> str:
    if n == 0:
        return "–"
    interval = wilson(k, n)
    return f"{k}/{n} ({100 * float(interval.low):.0f}–{100 * float(interval.high):.0f} %)"


def table(given: Iterable[Sentence]) -> str:
    """Return the table of the documentation, as Markdown."""
    head = [
        "kind",
        "hidden whole",
        "hidden in part",
        "right, of what was hidden",
        "near misses left",
    ]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for q in measure(given):
        cells = (
            SORTS[q.sort][1],
            _share(q.whole, q.planted),
            _share(q.touched, q.planted),
            _share(q.right, q.found),
            _share(q.left, q.misses),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def block() -> str:
    """Return both tables, between the marks that the document holds."""
    rows = sentences()
    held_out = table(row for row in rows if row.held_out)
    developed = table(row for row in rows if not row.held_out)
    return (
        f"{BEGIN}\n**Held out**\n\n{held_out}\n\n"
        f"**The third the patterns were developed on**\n\n{developed}\n{END}"
    )


def written_with(block_: str, document: str) -> str:
    """Return the document with the block in place of the one between the marks."""
    before, rest = document.split(BEGIN)
    return before + block_ + rest.split(END)[1]


if __name__ == "__main__":
    write_text(written_with(block(), DOCUMENT.read_text("utf-8")), DOCUMENT)
