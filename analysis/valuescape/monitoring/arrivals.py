"""What has arrived in a folder since it was last looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from valuescape.errors import InputError
from valuescape.monitoring.periods import EXPRESSION_COLUMNS, LABEL_COLUMNS, Period, make_period
from valuescape.parquet import unreadable

LABELS, EXPRESSIONS = "labels.parquet", "expressions.parquet"
_WANTED = (*LABEL_COLUMNS, "labeller", "status", "started_at")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One row group that had not been read before.

    Attributes
    ----------
    digest : str
        Digest of its conversation identifiers: the same rows have the same, in whatever file.
    batch : str
        Folder it lies in, relative to the watched one.
    period : Period
        Its conversations and what was expressed in them.
    """

    digest: str
    batch: str
    period: Period


def labels_files(folder: Path) -> list[Path]:
    """List the label files in a folder and the folders below it, in the order of their paths.

    Raises
    ------
    InputError
        If the folder is absent or holds none.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    found = sorted(folder.rglob(LABELS), key=lambda p: p.relative_to(folder).parts)
    if not found:
        raise InputError(
            f"{folder}: no {LABELS} in it or below; needed is one folder a batch, as "
            "valuescape label writes it"
        )
    return found


def fingerprint(path: Path) -> list[int]:
    """Return size and time of change of a file and of the expressions beside it."""
    files = (path, path.with_name(EXPRESSIONS))
    stats = [file.stat() for file in files if file.is_file()]
    return [part for one in stats for part in (one.st_size, one.st_mtime_ns)]


def new_arrivals(
    path: Path, folder: Path, known: set[str], labeller: str | None
) -> Iterator[Arrival]:
    """Read the row groups of a file that are not known, oldest first.

    Parameters
    ----------
    path : Path
        ``labels.parquet`` with ``expressions.parquet`` beside it.
    folder : Path
        The watched folder.
    known : set of str
        Digests of the row groups read before.
    labeller : str or None
        Whose labels are read.

    Raises
    ------
    InputError
        If a file is absent or damaged or lacks a column, or a row is not what a period may hold.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    beside = path.with_name(EXPRESSIONS)
    if not beside.is_file():
        raise InputError(f"{beside}: no such file; {LABELS} needs it beside")
    try:
        file = pq.ParquetFile(path)
        columns = [name for name in _WANTED if name in file.schema_arrow.names]
        _check(path, LABEL_COLUMNS, columns)
        said = None
        for i in range(file.num_row_groups):
            ids = file.read_row_group(i, columns=["conversation_id"]).column(0)
            digest = _digest(ids.to_pylist())
            if digest in known or not len(ids):
                continue
            labels = file.read_row_group(i, columns=columns).to_pandas()
            said = pd.read_parquet(beside) if said is None else said
            _check(beside, EXPRESSION_COLUMNS, list(said.columns))
            batch = path.parent.relative_to(folder).as_posix()
            found = _of(labels, said, labeller, f"{path}, row group {i + 1}")
            if found is not None:
                yield Arrival(digest, batch, found)
    except (OSError, pa.ArrowException) as error:
        raise unreadable(path, error) from error


def _of(labels: pd.DataFrame, said: pd.DataFrame, labeller: str | None, name: str) -> Period | None:
    if labeller is not None and "labeller" in labels.columns:
        labels = labels[labels["labeller"] == labeller]
        if "labeller" in said.columns:
            said = said[said["labeller"] == labeller]
    if "status" in labels.columns:
        labels = labels[labels["status"] == "ok"]
    return None if labels.empty else make_period(name, labels, said)


def _check(path: Path, needed: tuple[str, ...], columns: list[str]) -> None:
    missing = [name for name in needed if name not in columns]
    if missing:
        wanted = ", ".join(needed)
        raise InputError(f"{path}: column {missing[0]!r} is missing; needed are {wanted}")


def _digest(ids: list[object]) -> str:
    text = "\n".join(str(one) for one in ids)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]
