"""Small pieces of HTML: everything that comes from data is escaped."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], caption: str, words: int = 1
) -> str:
    """Return a table whose first ``words`` columns hold words and the others numbers.

    Examples
    --------
    >>> print(table(["Value", "n"], [["<care>", "3"]], "Counts"))
    <div class="scroll" tabindex="0" role="region" aria-label="Counts"><table>
    <caption><span>Counts</span></caption>
    <thead><tr><th scope="col" class="words">Value</th><th scope="col">n</th></tr></thead>
    <tbody><tr><th scope="row" class="words">&lt;care&gt;</th><td>3</td></tr></tbody>
    </table></div>
    """
    mark = [' class="words"' if place < words else "" for place in range(len(header))]
    head = "".join(
        f'<th scope="col"{m}>{escape(h)}</th>' for m, h in zip(mark, header, strict=True)
    )
    body = []
    for row in rows:
        cells = [
            f'<th scope="row"{m}>{escape(c)}</th>' if place == 0 else f"<td{m}>{escape(c)}</td>"
            for place, (m, c) in enumerate(zip(mark, row, strict=True))
        ]
        body.append(f"<tr>{''.join(cells)}</tr>")
    label = escape(caption, quote=True)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table>\n'
        f"<caption><span>{escape(caption)}</span></caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>{''.join(body)}</tbody>\n</table></div>"
    )


def paragraph(text: str) -> str:
    """Return a paragraph."""
    return f"<p>{escape(text)}</p>"


def items(texts: Sequence[str]) -> str:
    """Return a list."""
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"


def section(name: str, title: str, *parts: str) -> str:
    """Return a section with its heading."""
    inside = "\n".join(part for part in parts if part)
    return f'<section id="{name}">\n<h2>{escape(title)}</h2>\n{inside}\n</section>'


def figure(name: str, svg: bytes, title: str, caption: str, alt: str) -> str:
    """Return a figure that holds its picture and links to the data behind it."""
    picture = base64.b64encode(svg).decode("ascii")
    links = f'<a href="figures/{name}.csv">data</a>, <a href="figures/{name}.png">PNG</a>'
    return (
        f'<figure id="figure-{name}">\n<div class="scroll" tabindex="0" role="region" '
        f'aria-label="{escape(title, quote=True)}"><img alt="{escape(alt, quote=True)}" '
        f'src="data:image/svg+xml;base64,{picture}"></div>\n'
        f"<figcaption><strong>{escape(title)}.</strong> {escape(caption)} "
        f'<span class="links">({links})</span></figcaption>\n</figure>'
    )
