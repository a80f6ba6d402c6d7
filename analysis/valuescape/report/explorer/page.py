"""The explorer's page, put together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from importlib.resources import files

from valuescape.pages import script_json
from valuescape.report.explorer.data import ExplorerTables, explorer_data


@dataclass(frozen=True, slots=True)
class Wording:
    """What the page says of itself.

    Attributes
    ----------
    title : str
        Heading of the page.
    source : str
        What was labelled, by whom, and what the numbers do not mean.
    version : str
        Version of the package.
    unit : str
        What a count counts.
    """

    title: str
    source: str
    version: str
    unit: str = "readings"


def explorer_page(tables: ExplorerTables, wording: Wording) -> str:
    """Return one page that holds styles, script and data, and asks nothing of any server.

    Parameters
    ----------
    tables : ExplorerTables
        Taxonomy, associations, contexts and shares; floors have been applied to private ones.
    wording : Wording
        Title, source and version.

    Returns
    -------
    str
        HTML whose content security policy allows no connection; names are data, never markup.

    Raises
    ------
    InputError
        As :func:`~valuescape.report.explorer.data.explorer_data`.
    """
    folder = files("valuescape.resources") / "explorer"
    parts = {
        "TITLE": escape(wording.title),
        "SOURCE": escape(wording.source),
        "VERSION": escape(wording.version),
        "STYLE": (folder / "explorer.css").read_text("utf-8"),
        "SCRIPT": (folder / "explorer.js").read_text("utf-8"),
        "UNIT": escape(wording.unit),
        "DATA": script_json(explorer_data(tables) | {"unit": wording.unit}),
    }
    page = (folder / "explorer.html").read_text("utf-8")
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda found: parts[found.group(1)], page)
