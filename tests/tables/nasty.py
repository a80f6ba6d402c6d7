"""Invented names that mean something to one of the formats, and must be shown as they are."""

import re

NASTY = (
    "<script>alert(1)</script>",
    "a|b",
    "50 % & more_under",
    "\\textbf{x} $y$ #1 ~z^2 {",
    "[a](http://example.org) *b* **c** _d_ `e`",
    "[5mm] at the start of a row",
    "* and a star",
    "line\nbreak\r\nand\ttab",
    "&amp; &lt; &#65;",
    "--- -- ,, '' :smile: www.example.org someone@example.org",
    '"quoted" \'single\' "></td><td>',
    "<!-- hidden -->",
    "[@key] {.class} [^1]",
    "−1 × ∞ ≤ 10⁻¹⁵, χ² 5\u202f%",
    "1. not a list",
    "- nor this",
    "iv) nor this",
    "Table: not a caption",
    "# nor a heading",
    "\x00 and \x1b",
    "",
    " ",
)


def one_line(text: str) -> str:
    """What a reader should see of a cell."""
    return (
        re.sub(r"\s+", " ", text, flags=re.ASCII).strip(" ").translate({0: "\ufffd", 27: "\ufffd"})
    )
