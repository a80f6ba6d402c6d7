"""How to cite the package, from the facts of CITATION.cff."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from valuescape import __version__
from valuescape.errors import InputError, OptionError

NAME = "CITATION.cff"
_STUDY = "article"


def citation_file() -> str:
    """Return CITATION.cff: of the installed package, or of the checkout it is imported from.

    Raises
    ------
    InputError
        If neither holds it.
    """
    packed = files("valuescape.resources") / NAME
    if packed.is_file():
        return packed.read_text("utf-8")
    try:
        return (Path(__file__).parents[3] / NAME).read_text("utf-8")
    except OSError:
        raise InputError(f"{NAME}: not in this installation; install valuescape again") from None


def cite(format_: str) -> str:
    """Return the citation of the installed version.

    Parameters
    ----------
    format_ : {"text", "bibtex", "apa", "cff"}
        A sentence and BibTeX, one of them, or the file itself.

    Raises
    ------
    OptionError
        If the format is another.

    Examples
    --------
    >>> cite("apa").startswith("The valuescape contributors. (")
    True
    """
    if format_ not in FORMATS:
        raise OptionError(f"--format {format_!r} is not known; allowed are {', '.join(FORMATS)}")
    return FORMATS[format_]()


def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = yaml.safe_load(citation_file())
    return facts | {"version": __version__}


def _cff() -> str:
    lines = citation_file().splitlines()
    return "\n".join(f"version: {__version__}" if ln.startswith("version:") else ln for ln in lines)


def _authors(entry: Mapping[str, Any], last: str) -> str:
    names = [
        a["name"] if "name" in a else f"{a['family-names']}, {_initials(a['given-names'])}"
        for a in entry["authors"]
    ]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}{last}{names[-1]}"


def _initials(given: str) -> str:
    return " ".join(f"{name[0]}." for name in given.split())


def _year(entry: Mapping[str, Any]) -> str:
    return str(entry.get("date-released", entry.get("year")))[:4]


def _apa() -> str:
    facts = _facts()
    return (
        f"{_authors(facts, ', & ')}. ({_year(facts)}). {facts['title']} "
        f"(Version {facts['version']}) [Computer software]."
    )


def _bibtex() -> str:
    facts = _facts()
    fields = {
        "author": f"{{{_authors(facts, ' and ')}}}",
        "title": f"{{{facts['title']}}}",
        "year": _year(facts),
        "version": facts["version"],
        "license": facts["license"],
        "note": "Software",
    }
    rows = "\n".join(f"  {name} = {{{value}}}," for name, value in fields.items())
    return f"@software{{valuescape,\n{rows}\n}}"


def _study() -> str:
    """Name the study that is replicated, in APA style."""
    for entry in _facts()["references"]:
        if entry["type"] == _STUDY:
            where = f"https://doi.org/{entry['doi']}"
            return f"{_authors(entry, ', & ')} ({_year(entry)}). {entry['title']}. {where}"
    raise InputError(f"{NAME}: no reference of type {_STUDY}")


def _text() -> str:
    facts = _facts()
    return "\n\n".join(
        (facts["message"], _apa(), f"The study it replicates:\n{_study()}", _bibtex())
    )


FORMATS: dict[str, Callable[[], str]] = {
    "text": _text,
    "bibtex": _bibtex,
    "apa": _apa,
    "cff": _cff,
}
