"""``valuescape labels merge``: labels of several labellers, or of parts of a corpus, as one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from valuescape.errors import InputError
from valuescape.labelling.tables import pair_of_tables
from valuescape.schema import TABLES
from valuescape.store import read_table
from valuescape.writing import write_together

TABLE_NAMES = ("labels", "expressions")
ENDINGS = (".parquet", ".csv")
_KEY = ["conversation_id", "labeller"]
_PART, _WHERE = "part", "where"


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge wrote.

    Attributes
    ----------
    labels, expressions : DataFrame
        The tables, in the order of the folders given.
    n_repeated : int
        Conversations that two folders hold alike, of one labeller; they are written once.
    """

    labels: pd.DataFrame
    expressions: pd.DataFrame
    n_repeated: int

    def lines(self) -> list[str]:
        """Return a line a labeller, and one for what was there twice."""
        counts = self.labels["labeller"].value_counts(sort=False)
        told = [f"{name}: {n:,} conversations" for name, n in sorted(counts.items())]
        if self.n_repeated:
            told.append(f"{self.n_repeated:,} in two folders alike, written once")
        return told


def merge_labels(folders: Sequence[Path], output: Path) -> Merged:
    """Merge tables that ``valuescape label`` wrote and write them into one folder.

    Parameters
    ----------
    folders : sequence of Path
        At least two; each holds ``labels`` and ``expressions``, as Parquet or CSV.
    output : Path
        Folder to write ``labels.parquet`` and ``expressions.parquet`` into; none of those given.

    Returns
    -------
    Merged
        One row of labels a conversation and labeller.

    Raises
    ------
    InputError
        If a table is missing or does not fit its schema, two folders label a conversation
        differently under one labeller's name, or a value belongs to no labels of its folder.  The
        message names file and row.  Nothing is written then.
    """
    if len(folders) < 2:
        raise InputError(f"{len(folders)} folder given; a merge needs at least two")
    if output.resolve() in {folder.resolve() for folder in folders}:
        raise InputError(f"{output}: is one of the folders to be merged; name another")
    labels, expressions = (_read_all(folders, name) for name in TABLE_NAMES)
    _refuse_orphans(labels, expressions)
    again = labels.duplicated(_KEY)
    if again.any():
        _refuse_differing(labels, expressions)
    first = pd.MultiIndex.from_frame(labels.loc[~again, [*_KEY, _PART]])
    own = pd.MultiIndex.from_frame(expressions[[*_KEY, _PART]]).isin(first)
    found = Merged(
        _bare(labels[~again], "labels"), _bare(expressions[own], "expressions"), int(again.sum())
    )
    write_together(pair_of_tables(found.labels, found.expressions, output))
    return found


def _read_all(folders: Sequence[Path], name: str) -> pd.DataFrame:
    """Read a table of every folder, and beside each row its folder's number, file and line."""
    parts = []
    for number, folder in enumerate(folders):
        path = _file(folder, name)
        frame = read_table(path, name, may_be_empty=name == "expressions")
        first = 1 if path.suffix == ".parquet" else 2
        frame[_PART] = number
        frame[_WHERE] = [f"{path}, line {line}" for line in range(first, first + len(frame))]
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def _file(folder: Path, name: str) -> Path:
    found = [path for ending in ENDINGS if (path := folder / f"{name}{ending}").is_file()]
    if len(found) != 1:
        told = "both are there" if found else "neither is there"
        raise InputError(f"{folder}: needed is {name}.parquet or {name}.csv; {told}")
    return found[0]


def _bare(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the table's own columns; no answer out of a closed list is missing, not empty."""
    table = TABLES[name]
    found = frame[list(table.columns)].reset_index(drop=True)
    for column in table.columns:
        if table.column(column).allowed:
            found[column] = found[column].where(found[column] != "", None)
    return found


def _refuse_orphans(labels: pd.DataFrame, expressions: pd.DataFrame) -> None:
    """Raise for the first value whose folder has no labels of its conversation."""
    there = pd.MultiIndex.from_frame(labels[[*_KEY, _PART]])
    absent = ~pd.MultiIndex.from_frame(expressions[[*_KEY, _PART]]).isin(there)
    if absent.any():
        row = expressions.iloc[int(absent.argmax())]
        raise InputError(f"{row[_WHERE]}: {_named(row)} has a value here but no row of labels")


def _refuse_differing(labels: pd.DataFrame, expressions: pd.DataFrame) -> None:
    """Raise for the first conversation that two folders label differently under one name."""
    shared = labels[labels.duplicated(_KEY, keep=False)]
    keys = pd.MultiIndex.from_frame(shared[_KEY].drop_duplicates())
    theirs = expressions[pd.MultiIndex.from_frame(expressions[_KEY]).isin(keys)]
    by_part = _spelt(theirs, "expressions").groupby([theirs[c] for c in (*_KEY, _PART)])
    values = {key: frozenset(cells) for key, cells in by_part}
    seen: dict[tuple[str, str], tuple[object, str]] = {}
    for facets, row in zip(_spelt(shared, "labels"), shared.to_dict("records"), strict=True):
        key = (row["conversation_id"], row["labeller"])
        said = (facets, values.get((*key, row[_PART])))
        earlier, where = seen.setdefault(key, (said, row[_WHERE]))
        if said != earlier:
            raise InputError(
                f"{row[_WHERE]}: {_named(row)} is labelled otherwise in {where}; leave one out, or "
                "give one labeller another name"
            )


def _named(row: Mapping[Hashable, object] | pd.Series) -> str:
    return f"conversation {row['conversation_id']!r} of {row['labeller']!r}"


def _spelt(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return the cells of each row as one text."""
    cells = frame[list(TABLES[name].columns)].astype("string").fillna("")
    return cells.agg("\x1f".join, axis=1)
