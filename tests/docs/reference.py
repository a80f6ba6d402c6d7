"""Writes docs/reference/statistics.md from docstrings: ``python -m tests.docs.reference``."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from numpydoc.docscrape import FunctionDoc, NumpyDocString

from tests.paths import ROOT
from valuescape import statistics

PAGE = ROOT / "docs" / "reference" / "statistics.md"
HEAD = """# valuescape.statistics

Written from the docstrings by `python -m tests.docs.reference`; edits are lost. Arrays in, frozen
results out; every result has `to_frame()`. What each function was checked against is in
[methods](methods.md), which of them to use in [which test do I use?](../explanation/which-test.md).
Every example runs in the tests, after

```python
>>> import numpy as np
>>> import pandas as pd
>>> from valuescape.statistics import *

```
"""


def page() -> str:
    """Return the whole page."""
    names = [n for n in statistics.__all__ if inspect.isfunction(getattr(statistics, n))]
    return "\n".join([HEAD, *(entry(name, getattr(statistics, name)) for name in sorted(names))])


def entry(name: str, function: Callable[..., Any]) -> str:
    """Return the part of one function: what it does, parameters, result, errors, example."""
    doc = FunctionDoc(function)
    result = _result(function)
    parts = [f"## `{name}`", _text(doc["Summary"]), _text(doc["Extended Summary"])]
    parts.append(_listed("Parameters", doc["Parameters"]))
    if result is not None:
        fields = NumpyDocString(inspect.getdoc(result) or "")["Attributes"]
        parts.append(_listed(f"Returns `{result.__name__}`", fields))
    else:
        parts.append(_listed("Returns", doc["Returns"]))
    parts.append(_listed("Raises", doc["Raises"]))
    parts.append("**References.** " + _text(doc["References"]) if doc["References"] else "")
    example = "\n".join(doc["Examples"]).strip()
    parts.append(f"```python\n{example}\n\n```" if example else "")
    return "\n\n".join(part for part in parts if part) + "\n"


def _result(function: Callable[..., Any]) -> type | None:
    """Return the class that a function's annotation names, if the package exports it."""
    name = str(inspect.signature(function).return_annotation).strip("'\"")
    found = getattr(statistics, name, None)
    return found if inspect.isclass(found) else None


def _listed(title: str, rows: Any) -> str:
    if not rows:
        return ""
    lines = [f"**{title}**", ""]
    for row in rows:
        kind = f" ({_roles(row.type)})" if row.name and row.type else ""
        name = f"`{row.name or row.type}`"
        lines.append(f"- {name}{kind}: {' '.join(_text(row.desc).split())}")
    return "\n".join(lines)


def _text(lines: Any) -> str:
    """Join lines, with inline mathematics and displayed formulas as Markdown has them."""
    out, formula = [], False
    for line in [*lines, ""]:
        if line.startswith(".. math::"):
            formula = True
            out += ["", "$$", line.removeprefix(".. math::").strip()]
        elif formula and not line.startswith(" ") and (line or out[-1] != "$$"):
            formula = False
            out += ["$$", "", line]
        else:
            out.append(line.strip() if formula else line)
    text = _roles(re.sub(r":math:`([^`]+)`", lambda m: f"${m[1]}$", "\n".join(out).strip()))
    return re.sub(r"(?ms)^(=+ =+\n.*^=+ =+)$", r"```text\n\1\n```", text)


def _roles(text: str) -> str:
    text = re.sub(r":(?:func|class|data|mod):`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", text)
    return text.replace("``", "`")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
