"""The report on someone's own conversations as one page that needs no server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from importlib.resources import files

from valuescape.report.own import notes, sections
from valuescape.report.own.contents import Contents, Picture
from valuescape.report.own.html import section
from valuescape.report.own.wording import listed

HEADING = "Values that AI assistants express"


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
    shown = [made for made in _sections(contents, pictures) if made[2]]
    parts = {
        "TITLE": escape(title_of(contents)),
        "HEADING": HEADING,
        "SUBTITLE": escape(_subtitle(contents)),
        "CONTENTS": "".join(f'<li><a href="#{name}">{title}</a></li>' for name, title, _ in shown),
        "BODY": "\n".join(section(name, title, *inside) for name, title, inside in shown),
        "VERSION": escape(contents.version),
        "STYLE": (folder / "report.css").read_text("utf-8"),
    }
    page = (folder / "report.html").read_text("utf-8")
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: parts[found.group(1)], page)


def _sections(
    contents: Contents, pictures: Mapping[str, Picture]
) -> list[tuple[str, str, list[str]]]:
    """Name, title and pieces of every section, in order."""
    return [
        ("summary", "Summary", sections.summary(contents)),
        ("reading", "How to read this", sections.reading(contents)),
        ("conversations", "The conversations", sections.conversations(contents, pictures)),
        ("values", "What assistants express", sections.values(contents, pictures)),
        ("tasks", "Which values go with which task", sections.tasks(contents, pictures)),
        ("answers", "How users are answered", sections.answers(pictures)),
        ("undesired", "Undesired values and faults", sections.undesired(contents, pictures)),
        ("labels", "What the labels are, and how good", notes.labels(contents)),
        ("hidden", "What is hidden and what was left out", notes.hidden(contents)),
        ("limits", "Limits", notes.limits(contents)),
        ("files", "Files and citation", notes.files(contents)),
    ]


def title_of(contents: Contents) -> str:
    """Return the title of the page and of the explorer beside it."""
    return f"{HEADING}: {contents.source}"


def _subtitle(contents: Contents) -> str:
    sizes = contents.sizes
    assistants = sizes["assistants"] or 0
    told = [f"{sizes['subjective']:,} subjective conversations"]
    if contents.clusters in ("users", "prompts"):
        told.append(f"{sizes['clusters']:,} {contents.clusters}")
    if assistants > 1:
        told.append(f"{assistants} assistants")
    return f"{contents.source}: {listed(told)}, labelled by {contents.labeller}"
