"""Whether the paper says what the results say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml

from valuescape.errors import InputError
from valuescape.paths import Paths
from valuescape.report.claims import as_yaml, gather_claims
from valuescape.report.manuscript import read_manuscript, read_variables
from valuescape.report.proofreading import bibliography_keys, check_manuscript, leftovers
from valuescape.report.results import Results
from valuescape.settings import load_settings
from valuescape.stages.write import CLAIMS_NOTE, variables


def numbers_apart(home: Paths) -> list[str]:
    """Tell which numbers of the text are not those that results give."""
    computed = variables(home, load_settings(home.params), Results(home.results))
    written = yaml.safe_load((home.paper / "_variables.yml").read_text(encoding="utf-8"))
    now, before = dict(_flat(computed)), dict(_flat(written))
    return [
        f"paper/_variables.yml: {key} is {before.get(key)!r}, results give {now.get(key)!r}"
        for key in sorted(now.keys() | before.keys())
        if now.get(key) != before.get(key)
    ]


def _flat(node: object, name: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, inner in node.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, str(node)


def claims_apart(home: Paths) -> list[str]:
    """Tell whether paper/claims.yaml lists every claim with the numbers of its tables."""
    origins: dict[str, Any] = json.loads(
        (home.paper / "tables" / "origins.json").read_text(encoding="utf-8")
    )
    try:
        claims = gather_claims(
            (home.paper / "paper.qmd").read_text(encoding="utf-8"),
            home.paper / "sources.yaml",
            read_variables(home.paper / "_variables.yml"),
            home.root,
            origins,
        )
    except InputError as error:
        return [str(error)]
    listed = (home.paper / "claims.yaml").read_text(encoding="utf-8")
    if listed != as_yaml(claims, CLAIMS_NOTE):
        return ["paper/claims.yaml: is not what the stage write would write"]
    return []


def holes(home: Paths) -> list[str]:
    """Tell what in the manuscript, or on its rendered page, refers to nothing."""
    try:
        numbers = read_variables(home.paper / "_variables.yml")
        manuscript = read_manuscript(home.paper / "paper.qmd", numbers)
        check_manuscript(manuscript, bibliography_keys(home.paper / "references.bib"), home.paper)
    except InputError as error:
        return [str(error)]
    page = home.paper / "paper.html"
    if not page.is_file():
        return []
    return [f"paper/paper.html: {left}" for left in leftovers(page.read_text(encoding="utf-8"))]
