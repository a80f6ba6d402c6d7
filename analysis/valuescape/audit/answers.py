"""Coders' answers, read and checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from valuescape.audit.questions import Question
from valuescape.errors import InputError

_SHOWN = 5


def read_answers(
    path: Path, draw: str, items: Sequence[str], asked: Sequence[Question]
) -> pd.DataFrame:
    """Read one coder's answers, from the page (JSON or CSV) or the sheet (CSV).

    Parameters
    ----------
    path : Path
        ``.json`` or ``.csv``.
    draw : str
        The draw that a JSON file must name.
    items : sequence of str
        Items drawn; each must be answered.
    asked : sequence of Question
        The questions.

    Returns
    -------
    DataFrame
        Indexed by item in the order of ``items``, one column a question.

    Raises
    ------
    InputError
        If the file cannot be read or belongs to another draw, an item is unknown, missing or
        repeated, or an answer is missing or not allowed.  Names the file and the row.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        rows = _from_json(path, draw) if path.suffix == ".json" else _from_csv(path)
    except (UnicodeDecodeError, json.JSONDecodeError, pd.errors.ParserError) as error:
        raise InputError(f"{path}: cannot be read ({' '.join(str(error).split())})") from None
    found: dict[str, dict[str, str]] = {}
    for where, row in rows:
        item = str(row.get("item", ""))
        if item not in items:
            raise InputError(f"{path}, {where}: item {item[:20]!r} was not drawn")
        if item in found:
            raise InputError(f"{path}, {where}: item {item} occurs a second time")
        found[item] = {q.key: _checked(row.get(q.key), q, f"{path}, {where}") for q in asked}
    missing = [item for item in items if item not in found]
    if missing:
        raise InputError(
            f"{path}: {len(missing)} items lack answers ({', '.join(missing[:_SHOWN])}...); "
            "the chances of being drawn hold only if all are coded"
        )
    return pd.DataFrame.from_dict(found, orient="index").loc[list(items)]


def _checked(answer: object, question: Question, where: str) -> str:
    text = "" if answer is None else str(answer).strip()
    if text not in question.allowed:
        shown = f"{text[:20]!r} is not allowed" if text else "is missing"
        raise InputError(
            f"{where}: answer to {question.key!r} {shown}; allowed: {', '.join(question.allowed)}"
        )
    return text


def _from_json(path: Path, draw: str) -> Iterable[tuple[str, dict[str, Any]]]:
    content = json.loads(path.read_text("utf-8"))
    if not isinstance(content, dict) or not isinstance(content.get("answers"), dict):
        raise InputError(f"{path}: needed is an object with draw, coder and answers")
    if content.get("draw") != draw:
        raise InputError(f"{path}: answers to another draw; this one is {draw}")
    for item, answers in content["answers"].items():
        if not isinstance(answers, dict):
            raise InputError(f"{path}, item {item[:20]!r}: needed is an object of answers")
        yield f"item {item[:20]}", {**answers, "item": item}


def _from_csv(path: Path) -> Iterable[tuple[str, dict[str, Any]]]:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except pd.errors.EmptyDataError:
        raise InputError(f"{path}: the file is empty") from None
    if "item" not in table.columns:
        raise InputError(f"{path}: column 'item' is missing")
    for number, row in enumerate(table.to_dict("records"), start=1):
        yield f"row {number} under the header", {str(k): v for k, v in row.items()}
