"""Where each figure and table of the paper comes from: data, script and stages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from valuescape.report.gallery import EXHIBITS
from valuescape.report.results import Results

_LABEL = re.compile(r"\{#(tbl-[\w-]+)")
Origin = dict[str, Any]


def origin(data: Sequence[str], script: str, last: str) -> Origin:
    """Tell of one exhibit its data, its script and the stages that made it.

    Parameters
    ----------
    data : sequence of str
        Files from the folder ``data``.
    script : str
        The file that lays it out, from the folder ``analysis``.
    last : str
        The stage that calls the script.

    Examples
    --------
    >>> origin(["results/respond/shares.csv"], "valuescape/x.py", "draw")["stages"]
    ['respond', 'draw']
    """
    made = [name.split("/")[1] for name in data if name.startswith("results/")]
    return {"data": list(data), "script": script, "stages": list(dict.fromkeys([*made, last]))}


def figure_origins() -> dict[str, Origin]:
    """Return the origin of every figure by its name."""
    return {
        name: origin([f"results/{table}.csv" for table in found.results], found.script, "draw")
        for name, found in EXHIBITS.items()
    }


def laid_out(
    make: Callable[[Results], str], results: Results, read: Sequence[str] = ()
) -> tuple[str, dict[str, Origin]]:
    """Lay a table out and note which results it asked for.

    Parameters
    ----------
    make : callable
        From results to the table's text.
    results : Results
        Where they are.
    read : sequence of str
        Files of the folder ``data`` that it was given besides.

    Returns
    -------
    text : str
        The table.
    origins : dict
        Its origin by its label.
    """
    fresh = Results(results.folder)
    text = make(fresh)
    function = make.func if isinstance(make, partial) else make
    script = function.__module__.replace(".", "/") + ".py"
    data = [*read, *(f"results/{name}.csv" for name in sorted(fresh.asked))]
    found = {label: origin(data, script, "write") for label in _LABEL.findall(text)}
    return text, found


def as_json(origins: dict[str, Origin]) -> str:
    """Write origins so that the same ones give the same bytes."""
    return json.dumps(origins, indent=1, sort_keys=True) + "\n"
