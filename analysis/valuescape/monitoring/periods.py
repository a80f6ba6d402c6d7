"""Labelled conversations of a period, read from what ``valuescape label`` wrote."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from valuescape.errors import InputError
from valuescape.schema import TASK_TYPES
from valuescape.store import read_columns

LABEL_COLUMNS = ("conversation_id", "task_type", "response_type")
EXPRESSION_COLUMNS = ("conversation_id", "value")
ENDINGS = (".parquet", ".csv")


@dataclass(frozen=True, slots=True)
class Period:
    """Labelled conversations of one period.

    Attributes
    ----------
    name : str
        Where they come from, for messages.
    conversations : DataFrame
        ``conversation_id``, ``task_type``, ``response_type``, ``cluster`` and, where the labels
        have it, ``started_at``: one row a conversation that was labelled.
    expressions : DataFrame
        ``conversation_id``, ``value``: what the assistants expressed, each value once.
    """

    name: str
    conversations: pd.DataFrame
    expressions: pd.DataFrame


def read_period(path: Path, *, labeller: str | None = None, cluster: str | None = None) -> Period:
    """Read a period.

    Parameters
    ----------
    path : Path
        Folder with ``labels`` and ``expressions`` (Parquet or CSV), or the file of labels with
        the expressions beside it.
    labeller : str, optional
        Whose labels; needed where there are several.
    cluster : str, optional
        Column of the labels that says which conversations belong together (user, prompt); each
        stands for itself by default.

    Raises
    ------
    InputError
        If a file or column is missing, the period is empty, a conversation occurs twice, a task
        type is not known, or the labeller is not clear.
    """
    labels_path, expressions_path = _files(path)
    labels = read_columns(labels_path, LABEL_COLUMNS)
    expressions = read_columns(expressions_path, EXPRESSION_COLUMNS)
    chosen = _labeller(labels, labeller, labels_path)
    if chosen is not None:
        labels = labels[labels["labeller"] == chosen]
        if "labeller" in expressions.columns:
            expressions = expressions[expressions["labeller"] == chosen]
    return make_period(str(path), labels, expressions, cluster=cluster)


def make_period(
    name: str, labels: pd.DataFrame, expressions: pd.DataFrame, *, cluster: str | None = None
) -> Period:
    """Check the labels of one labeller and keep what is compared.

    Parameters
    ----------
    name : str
        Name for messages.
    labels, expressions : DataFrame
        Tables ``labels`` and ``expressions``; without ``party`` all are the assistant's.
    cluster : str, optional
        As in :func:`read_period`.

    Raises
    ------
    InputError
        As :func:`read_period`.

    Examples
    --------
    >>> labels = pd.DataFrame({"conversation_id": ["a"], "task_type": ["casual_chat"],
    ...                        "response_type": ["no_values"]})
    >>> said = pd.DataFrame({"conversation_id": ["a"], "value": ["warmth"]})
    >>> make_period("p", labels, said).conversations["cluster"].tolist()
    ['a']
    """
    if "status" in labels.columns:
        labels = labels[labels["status"] == "ok"]
    if labels.empty:
        raise InputError(f"{name}: no labelled conversation; a period needs at least one")
    twice = labels["conversation_id"].duplicated()
    if twice.any():
        shown = labels.loc[twice, "conversation_id"].iloc[0]
        raise InputError(f"{name}: conversation {shown!r} occurs twice; one row each is allowed")
    strange = ~labels["task_type"].isin(TASK_TYPES)
    if strange.any():
        shown, allowed = labels.loc[strange, "task_type"].iloc[0], ", ".join(TASK_TYPES)
        raise InputError(f"{name}: task_type is {shown!r}; allowed are {allowed}")
    if cluster is not None and cluster not in labels.columns:
        known = ", ".join(map(str, labels.columns))
        raise InputError(f"{name}: no column {cluster!r} to cluster by; there are {known}")
    belongs = labels[cluster] if cluster else labels["conversation_id"]
    if belongs.isna().any():
        raise InputError(f"{name}: column {cluster!r} is empty in a row; a label is needed")
    kept = [*LABEL_COLUMNS, *(["started_at"] if "started_at" in labels.columns else [])]
    conversations = labels[kept].assign(cluster=belongs.astype(str))
    said = expressions
    if "party" in said.columns:
        said = said[said["party"] == "assistant"]
    said = said[said["conversation_id"].isin(conversations["conversation_id"])]
    said = said[list(EXPRESSION_COLUMNS)].drop_duplicates()
    ordered = conversations.sort_values("conversation_id").reset_index(drop=True)
    return Period(name, ordered, said.reset_index(drop=True))


def _files(path: Path) -> tuple[Path, Path]:
    if path.is_file():
        folder, found = path.parent, path
    elif path.is_dir():
        folder = path
        candidates = [path / f"labels{ending}" for ending in ENDINGS]
        found = next((p for p in candidates if p.is_file()), candidates[0])
    else:
        raise InputError(f"{path}: no such file or folder")
    beside = [folder / f"expressions{ending}" for ending in ENDINGS]
    for file in (found, next((p for p in beside if p.is_file()), beside[0])):
        if not file.is_file():
            raise InputError(
                f"{file}: no such file; needed are labels and expressions (.parquet or .csv), "
                "as valuescape label writes them"
            )
    return found, next(p for p in beside if p.is_file())


def _labeller(labels: pd.DataFrame, wanted: str | None, path: Path) -> str | None:
    """Say whose labels to take; None where the table does not tell."""
    if "labeller" not in labels.columns:
        if wanted is not None:
            raise InputError(f"{path}: no column 'labeller' to look for {wanted!r} in")
        return None
    names = labels["labeller"].dropna().unique()
    if not all(isinstance(name, str) for name in names):
        raise InputError(f"{path}: column 'labeller' is no text; a name of who labelled is needed")
    known = sorted(names)
    allowed = ", ".join(known)
    if wanted is not None and wanted not in known:
        raise InputError(f"{path}: no labels of {wanted!r}; allowed are {allowed}")
    if wanted is None and len(known) > 1:
        raise InputError(f"{path}: labels of {allowed}; choose one with --labeller")
    return wanted or (known[0] if known else None)
