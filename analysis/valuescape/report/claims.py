"""Each sentence of the paper that tells a result, with where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import yaml

from valuescape.errors import InputError
from valuescape.report.provenance import Origin
from valuescape.report.sources import Number, number, read_sources, selects
from valuescape.report.tables.layout import EMPTY

_ABSTRACT = re.compile(r"^abstract: \|\n((?:  .*\n|\n)+)", re.MULTILINE)
_HEADING = re.compile(r"^#+ .*\{#(sec-[\w-]+)\}\s*$")
_APART = ("{{< include", "![", "$$", ":::", "|", "#", "---")
_END = re.compile(r"(?:(?<=[.?!])|(?<=[.?!][*”]))\s+(?=[A-Z@*“]|\{\{<)")
_KEY = re.compile(r"\{\{<\s*var\s+([\w.]+)\s*>\}\}")
_EXHIBIT = re.compile(r"@((?:fig|tbl)-[\w-]+)")
_FIGURE = re.compile(r"\(\.\./figures/([\w-]+)\.svg\)\{#fig-([\w-]+)")
_CITATION = re.compile(r"\s*\[@[^\]]+\]")
TOLD = (
    "abstract",
    "sec-results",
    "sec-discussion",
    "sec-further",
    "sec-calibration",
    "sec-robustness-tables",
)
"""The parts of the paper whose sentences are claims; what is below them counts in."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence and where it stands.

    Attributes
    ----------
    text : str
        With its shortcodes, on one line.
    section : str
        Label of the nearest heading above, or ``abstract``.
    part : str
        Label of the nearest heading of the first rank.
    shown : tuple of str
        Figures and tables that it refers to, or else its paragraph.
    """

    text: str
    section: str
    part: str
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of the paper.

    Attributes
    ----------
    sentence, section : str
        As in the manuscript.
    numbers : tuple of Number
        What its numbers are and where they stand.
    results, stages, shown, tests : tuple of str
        Tables, the stages that write them, figures and tables of the paper, and tests.
    """

    sentence: str
    section: str
    numbers: tuple[Number, ...]
    results: tuple[str, ...]
    stages: tuple[str, ...]
    shown: tuple[str, ...]
    tests: tuple[str, ...]


def sentences(manuscript: str) -> Iterator[Sentence]:
    r"""Yield the sentences of a manuscript: of its abstract and of its paragraphs.

    Parameters
    ----------
    manuscript : str
        The text of a ``.qmd`` file, shortcodes unresolved.

    Examples
    --------
    >>> text = "# A {#sec-a}\n\nIt is so (@fig-x). It is {{< var q.n >}}.\n"
    >>> [(s.text, s.shown) for s in sentences(text)]
    [('It is so (@fig-x).', ('fig-x',)), ('It is {{< var q.n >}}.', ('fig-x',))]
    """
    front = _ABSTRACT.search(manuscript)
    if front:
        yield from _of_paragraph(front[1], "abstract", "abstract")
    section = part = ""
    for block in re.split(r"\n\s*\n", manuscript):
        heading = _HEADING.match(block.strip().split("\n")[0])
        if heading:
            section = heading[1]
            part = section if block.strip().startswith("# ") else part
        if not block.strip().startswith(_APART):
            yield from _of_paragraph(block, section, part)


def _of_paragraph(block: str, section: str, part: str) -> Iterator[Sentence]:
    flat = " ".join(block.split())
    beside = tuple(dict.fromkeys(_EXHIBIT.findall(flat)))
    for text in filter(None, _END.split(flat)):
        own = tuple(dict.fromkeys(_EXHIBIT.findall(text)))
        yield Sentence(text, section, part, own or beside)


def exhibits(manuscript: str, origins: Mapping[str, Origin]) -> dict[str, tuple[str, ...]]:
    """Return the files behind each figure and table of a manuscript by its label.

    Parameters
    ----------
    manuscript : str
        The text of a ``.qmd`` file.
    origins : mapping
        Origins of figures by name and of tables by label, files from the folder ``data``.
    """
    labels = {name: f"fig-{label}" for name, label in _FIGURE.findall(manuscript)}
    return {
        labels.get(name, name): tuple(f"data/{file}" for file in found["data"])
        for name, found in origins.items()
        if name in labels or name.startswith("tbl-")
    }


def gather_claims(
    manuscript: str,
    sources: Path,
    variables: Mapping[str, str],
    root: Path,
    origins: Mapping[str, Origin],
) -> list[Claim]:
    """List the claims of the paper and check every number against its result.

    Parameters
    ----------
    manuscript : str
        Text of ``paper.qmd``.
    sources : Path
        ``sources.yaml``.
    variables : mapping of str to str
        The paper's variables by dotted name.
    root : Path
        The checkout, in which results stand.
    origins : mapping
        What figures and tables are made from, as :func:`exhibits` takes it.

    Raises
    ------
    InputError
        If a number has no source or prints otherwise than in its result, a verdict is not borne
        out or not in the text, or a result has no test.
    """
    given = read_sources(sources)
    told = [s for s in sentences(manuscript) if s.part in TOLD]
    verdicts = _verdicts(given["verdicts"], told, root)
    claims = []
    for sentence in told:
        keys = dict.fromkeys(_KEY.findall(sentence.text))
        numbers = [_checked(number(key, given["numbers"], root), variables) for key in keys]
        numbers += verdicts.get(sentence.text, [])
        if numbers:
            claims.append(_claim(sentence, numbers, given["tests"]))
    behind = exhibits(manuscript, origins)
    return [_shown(claim, claims, behind) for claim in claims]


def _verdicts(
    given: Sequence[Mapping[str, str]], told: Sequence[Sentence], root: Path
) -> dict[str, list[Number]]:
    found: dict[str, list[Number]] = {}
    for verdict in given:
        wanted, file, rows = verdict["sentence"], verdict["file"], verdict["rows"]
        fitting = [s.text for s in told if wanted in s.text]
        if len(fitting) != 1:
            raise InputError(f"sources.yaml: {len(fitting)} sentences hold {wanted!r}; one should")
        if not selects(file, rows, root):
            raise InputError(f"sources.yaml: {wanted!r} is not borne out: no row of {file}: {rows}")
        found.setdefault(fitting[0], []).append(Number("verdict", file, rows, "any row", None))
    return found


def _checked(found: Number, variables: Mapping[str, str]) -> Number:
    stands = variables.get(found.key)
    if stands is None or (found.printed is not None and found.printed != stands):
        raise InputError(
            f"sources.yaml: {found.key} is {stands!r} in _variables.yml and {found.printed!r} in "
            f"{found.file}: {found.rows or 'all rows'}, {found.column}"
        )
    return found


def _claim(sentence: Sentence, numbers: Sequence[Number], tests: Mapping[str, str]) -> Claim:
    files = tuple(dict.fromkeys(found.file for found in numbers))
    untested = [file for file in files if file not in tests]
    if untested:
        raise InputError(f"sources.yaml: {untested[0]} has no test; name one under tests")
    stages = [f.split("/")[2] for f in files if f.startswith("data/results/")]
    return Claim(
        sentence.text,
        sentence.section,
        tuple(numbers),
        files,
        tuple(dict.fromkeys(stages)),
        sentence.shown,
        tuple(dict.fromkeys(tests[file] for file in files)),
    )


def _shown(claim: Claim, claims: Sequence[Claim], behind: Mapping[str, Sequence[str]]) -> Claim:
    """Where a claim's paragraph shows nothing, take what shows its numbers or is of its results."""
    if claim.shown:
        return claim
    keys = {found.key for found in claim.numbers} - {"verdict"}
    same = [c.shown for c in claims if c.shown and keys & {found.key for found in c.numbers}]
    near = [(label,) for label, files in behind.items() if set(files) & set(claim.results)]
    return replace(claim, shown=next(iter([*same, *near]), ()))


def as_yaml(claims: Sequence[Claim], note: str) -> str:
    """Write claims as YAML that people can read."""
    listed = [
        {
            "sentence": claim.sentence,
            "section": claim.section,
            "numbers": [
                {name: value for name, value in asdict(found).items() if value}
                for found in claim.numbers
            ],
            "stages": list(claim.stages),
            "shown": list(claim.shown),
            "tests": list(claim.tests),
        }
        for claim in claims
    ]
    whole = {"claims": listed}
    return note + yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, width=10_000)


def index_table(claims: Sequence[Claim]) -> str:
    """Lay the claims out as a table with links, for the page."""
    lines = ["| Claim | Shown in | Results | Stages | Tests |", "|:------------|:--|:---|:--|:---|"]
    for claim in claims:
        cells = [_bare(claim.sentence)]
        cells.append(", ".join(f"@{name}" for name in claim.shown) or EMPTY)
        cells.append(", ".join(_link(file, 2) for file in claim.results))
        stages = (f"analysis/valuescape/stages/{stage}.py" for stage in claim.stages)
        cells.append(", ".join(_link(file, 1) for file in stages) or EMPTY)
        cells.append(", ".join(_link(file, 1) for file in claim.tests))
        lines.append("| " + " | ".join(cells) + " |")
    caption = (
        "Each sentence of abstract, results, discussion and appendices that tells a result, with "
        "where its numbers are shown, the tables they were taken from, the stages that wrote these "
        "and the tests that guard them. Rows and columns of each number are in `paper/claims.yaml`."
    )
    return "\n".join(
        [*lines, "", f': {caption} {{#tbl-origins tbl-colwidths="[35,13,21,12,19]"}}', ""]
    )


def _bare(sentence: str) -> str:
    r"""Return a sentence without references to exhibits and works.

    Examples
    --------
    >>> _bare("By headings (@fig-a, @tbl-b), so | so [@doe2020].")
    'By headings, so \\| so.'
    """
    text = re.sub(r"\((?:@(?:fig|tbl)-[\w-]+[,;\s]*)+\)", "", sentence)
    text = re.sub(r"[,;]\s*@(?:fig|tbl)-[\w-]+", "", _CITATION.sub("", text))
    return re.sub(r"\s+([,.;:)])", r"\1", text).replace("|", "\\|").strip()


def _link(file: str, parts: int) -> str:
    name = "/".join(file.split("/")[-parts:]).removesuffix(".py")
    return f"[{name}](../{file})"
