"""Coders' answers, read and checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from valuescape.audit.questions import Question
from valuescape.errors import InputError
from valuescape.parsing import check_head, read_json

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Answers:
    """One coder's answers.

    Attributes
    ----------
    coder : str
        As given on the page; empty for a sheet without a column ``coder``.
    table : DataFrame
        Indexed by item in the order asked for, one column a question.
    """

    coder: str
    table: pd.DataFrame


def read_answers(path: Path, draw: str, items: Sequence[str], asked: Sequence[Question]) -> Answers:
    """Read one coder's answers, from the page (JSON or CSV) or the sheet (CSV).

    Spreadsheets may have parted the columns of a sheet by semicolons.

    Parameters
    ----------
    path : Path
        ``.json`` or ``.csv``.
    draw : str
        The draw that the file must name.
    items : sequence of str
        Items drawn; each must be answered.
    asked : sequence of Question
        The questions.

    Returns
    -------
    Answers
        With one row an item.

    Raises
    ------
    InputError
        If the file cannot be read or belongs to another draw, an item is unknown, missing or
        repeated, or an answer is missing or not allowed.  Names the file and the row.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        rows = list(_from_json(path, draw) if path.suffix == ".json" else _from_csv(path, draw))
    except (OSError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise InputError(f"{path}: cannot be read ({' '.join(str(error).split())})") from None
    found: dict[str, dict[str, str]] = {}
    coders: set[str] = set()
    for where, row in rows:
        item = str(row.get("item", ""))
        if item not in items:
            raise InputError(f"{path}, {where}: item {item[:20]!r} was not drawn")
        if item in found:
            raise InputError(f"{path}, {where}: item {item} occurs a second time")
        coders.add(str(row.get("coder", "")).strip())
        found[item] = {q.key: _checked(row.get(q.key), q, f"{path}, {where}") for q in asked}
    missing = [item for item in items if item not in found]
    if missing:
        raise InputError(
            f"{path}: {len(missing)} items lack answers ({', '.join(missing[:_SHOWN])}...); "
            "the chances of being drawn hold only if all are coded"
        )
    if len(coders) > 1:
        raise InputError(f"{path}: answers of {len(coders)} coders; needed is one file a coder")
    table = pd.DataFrame.from_dict(found, orient="index").loc[list(items)]
    return Answers(coders.pop(), table)


def _checked(answer: object, question: Question, where: str) -> str:
    text = "" if answer is None else str(answer).strip()
    if text not in question.allowed:
        shown = f"{text[:20]!r} is not allowed" if text else "is missing"
        raise InputError(
            f"{where}: answer to {question.key!r} {shown}; allowed: {', '.join(question.allowed)}"
        )
    return text


def _from_json(path: Path, draw: str) -> Iterable[tuple[str, dict[str, Any]]]:
    content = read_json(path)
    if not isinstance(content, dict) or not isinstance(content.get("answers"), dict):
        raise InputError(f"{path}: needed is an object with draw, coder and answers")
    _check_draw(content.get("draw"), draw, path)
    for item, answers in content["answers"].items():
        if not isinstance(answers, dict):
            raise InputError(f"{path}, item {item[:20]!r}: needed is an object of answers")
        yield f"item {item[:20]}", {**answers, "item": item, "coder": content.get("coder", "")}


def _check_draw(found: object, draw: str, where: object) -> None:
    if found != draw:
        raise InputError(f"{where}: answers to another draw; this one is {draw}")


def _from_csv(path: Path, draw: str) -> Iterable[tuple[str, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig") as stream:
            parted = ";" if stream.readline().startswith("draw;") else ","
        check_head(path, parted)
        table = pd.read_csv(
            path, sep=parted, dtype=str, keep_default_na=False, encoding="utf-8-sig"
        )
    except pd.errors.EmptyDataError:
        raise InputError(f"{path}: the file is empty") from None
    if not isinstance(table.index, pd.RangeIndex):
        raise InputError(f"{path}, line 2: more cells than the header has columns")
    for name in ("draw", "item"):
        if name not in table.columns:
            raise InputError(f"{path}: column {name!r} is missing; do not remove it from the sheet")
    for number, row in enumerate(table.to_dict("records"), start=1):
        where = f"row {number} under the header"
        _check_draw(row["draw"], draw, f"{path}, {where}")
        yield where, {str(k): v for k, v in row.items()}
