"""The report on someone's own conversations as one page that needs no server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from valuescape.report.own import notes, sections
from valuescape.report.own.contents import Contents
from valuescape.report.own.html import section
from valuescape.report.own.wording import listed


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn figure: its file as SVG, its heading, caption and text alternative."""

    svg: bytes
    title: str
    caption: str
    alt: str


_SECTIONS = (
    ("summary", "Summary", sections.summary),
    ("reading", "How to read this", sections.reading),
    ("conversations", "The conversations", sections.conversations),
    ("values", "What assistants express", sections.values),
    ("tasks", "Which values go with which task", sections.tasks),
    ("answers", "How users are answered", sections.answers),
    ("undesired", "Undesired values and faults", sections.undesired),
    ("labels", "What the labels are, and how good", notes.labels),
    ("hidden", "What is hidden and what was left out", notes.hidden),
    ("limits", "Limits", notes.limits),
    ("files", "Files and citation", notes.files),
)


def report_page(contents: Contents, pictures: Mapping[str, Picture]) -> str:
    """Write the page.

    Parameters
    ----------
    contents : Contents
        Tables that hold nothing to hide.
    pictures : mapping of str to Picture
        By the name of their files; sections leave out those that are absent.

    Returns
    -------
    str
        HTML whose content security policy allows neither scripts nor connections; names from data
        are escaped.
    """
    folder = files("valuescape.resources") / "report"
    made = [(name, title, write(contents, pictures)) for name, title, write in _SECTIONS]
    shown = [(name, title, parts) for name, title, parts in made if parts]
    parts = {
        "TITLE": escape(title_of(contents)),
        "SUBTITLE": escape(_subtitle(contents)),
        "CONTENTS": "".join(f'<li><a href="#{name}">{title}</a></li>' for name, title, _ in shown),
        "BODY": "\n".join(section(name, title, *inside) for name, title, inside in shown),
        "VERSION": escape(contents.version),
        "STYLE": (folder / "report.css").read_text("utf-8"),
    }
    page = (folder / "report.html").read_text("utf-8")
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: parts[found.group(1)], page)


def title_of(contents: Contents) -> str:
    """Return the heading of the page and of the explorer beside it."""
    return f"Values that AI assistants express: {contents.source}"


def _subtitle(contents: Contents) -> str:
    sizes = contents.sizes
    assistants = sizes["assistants"] or 0
    told = [f"{sizes['subjective']:,} subjective conversations"]
    if contents.clusters in ("users", "prompts"):
        told.append(f"{sizes['clusters']:,} {contents.clusters}")
    if assistants > 1:
        told.append(f"{assistants} assistants")
    return f"{listed(told)}, labelled by {contents.labeller}"
