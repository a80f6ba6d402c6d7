"""Label files of any size to integer codes, on one machine, by pyarrow alone.

Nothing here imports pandas: a table of a million expressions is coded in a tenth of a second.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from valuescape.counts.arrow import from_numpy, to_numpy
from valuescape.errors import InputError
from valuescape.parquet import unreadable
from valuescape.statistics.arrays import IntArray
from valuescape.statistics.threads import n_threads, shared_out, slices

Source: TypeAlias = "Path | pa.Table"
"""A Parquet file, or an arrow table already in memory."""
Codes: TypeAlias = NDArray[np.int32]

KEY = "conversation_id"
PARTY = "assistant"
LONGEST_COMPARED = 40
ROWS_COMPARED = 1 << 18


@dataclass(frozen=True, slots=True)
class CodedLabels:
    """Who expresses what where, as integer codes.

    Attributes
    ----------
    contexts, values : tuple of str
        Names, sorted; every one occurs.
    context : ndarray of int32, shape (n_conversations,)
        Context of each conversation that has one.
    conversation, value : ndarray of int32, shape (n_expressions,)
        Which of these conversations expresses which value; each pair once.
    n_left_out : int
        Conversations left out: not subjective, or without a context.
    """

    contexts: tuple[str, ...]
    values: tuple[str, ...]
    context: Codes
    conversation: Codes
    value: Codes
    n_left_out: int


def code_labels(
    labels: Source, expressions: Source, *, context: str, labeller: str | None = None
) -> CodedLabels:
    """Read labels and expressions, and code what the assistants express.

    Rows marked ``subjective`` = false are left out where ``labels`` has that column, and rows of
    other parties than the assistant where ``expressions`` has ``party``. A value that one
    conversation expresses twice counts once.

    Parameters
    ----------
    labels : Path or pyarrow.Table
        One row a conversation: ``conversation_id`` and the context column (text; empty where a
        conversation has no context).
    expressions : Path or pyarrow.Table
        One row a value of a conversation: ``conversation_id`` and ``value``.
    context : str
        Column of `labels` whose entries are compared.
    labeller : str, optional
        Whose rows to take, by the column ``labeller``; may be left out where there is only one.

    Raises
    ------
    InputError
        If a file cannot be read, a column is missing or not text, a conversation is labelled
        twice or has values but no labels, an id or a value is empty, or nothing is left to count.
        The message names file, column and row (the first is 1).

    Examples
    --------
    >>> labels = pa.table({"conversation_id": ["a", "b"], "task": ["code", "advice"]})
    >>> expressions = pa.table({"conversation_id": ["a", "b", "b"],
    ...                         "value": ["clarity", "clarity", "care"]})
    >>> coded = code_labels(labels, expressions, context="task")
    >>> coded.contexts, coded.context.tolist(), coded.values, coded.value.tolist()
    (('advice', 'code'), [1, 0], ('care', 'clarity'), [1, 1, 0])
    """
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(
            _Sheet.read, labels, "labels", (KEY, context), ("subjective", "labeller"), labeller
        )
        second = pool.submit(
            _Sheet.read, expressions, "expressions", (KEY, "value"), ("party", "labeller"), labeller
        )
        one, many = first.result(), second.result()
    ids = one.text(KEY)
    one.refuse_repeated(ids)
    kinds = one.codes(context)
    used = kinds.codes >= 0
    if "subjective" in one.table.column_names:
        used &= one.flags("subjective")
    if not used.any():
        raise InputError(f"{one.name}: no conversation has an entry in {context!r}")
    row, value = _expressions(many, ids)
    n_left_out = int(used.size - used.sum())
    if n_left_out:
        kept = used[row]
        places = np.cumsum(used, dtype=np.int32) - np.int32(1)
        row, value = places[row[kept]], _Coded(value.codes[kept], value.names)
    context_codes, contexts = _only_used(kinds.codes[used], kinds.names)
    value_codes, values = _only_used(value.codes, value.names)
    if not values:
        raise InputError(f"{many.name}: no value of the conversations counted")
    conversation, value_codes = _distinct(row, value_codes, len(values))
    return CodedLabels(contexts, values, context_codes, conversation, value_codes, n_left_out)


def _expressions(many: _Sheet, ids: pa.ChunkedArray) -> tuple[Codes, _Coded]:
    """Return the row of the labels, and the value, of every expression of the assistants."""
    value = many.codes("value")
    many.refuse(value.codes < 0, "value", "is empty")
    row = _rows_of(many.text(KEY), ids)
    many.refuse(row < 0, KEY, "has no row in the labels")
    if "party" not in many.table.column_names:
        return row, value
    party = many.codes("party")
    if PARTY not in party.names:
        raise InputError(f"{many.name}: no row has the party {PARTY!r}")
    own = party.codes == party.names.index(PARTY)
    if own.all():
        return row, value
    return row[own], _Coded(value.codes[own], value.names)


def _rows_of(keys: pa.ChunkedArray, ids: pa.ChunkedArray) -> Codes:
    """Position of each key among `ids`, -1 if absent; runs of equal keys are looked up once."""
    if len(keys) == 0:
        return np.zeros(0, dtype=np.int32)
    changed = pc.not_equal(keys.slice(1), keys.slice(0, len(keys) - 1)).combine_chunks()
    # as truth values, of which numpy finds the true ones several times as fast as numbers
    starts = np.append(0, np.flatnonzero(to_numpy(changed).view(np.bool_)) + 1)
    first = keys.take(from_numpy(starts))
    if first.equals(ids):
        found = np.arange(len(ids))
    else:
        found = to_numpy(pc.index_in(first, value_set=ids).combine_chunks(), empty=-1)
    return np.repeat(found.astype(np.int32), np.diff(np.append(starts, len(keys))))


def _distinct(row: Codes, value: Codes, n_values: int) -> tuple[Codes, Codes]:
    """Drop pairs that occur again."""
    if _none_twice(row, value):
        return row, value
    pairs = np.unique(row.astype(np.int64) * n_values + value)
    rows, values = np.divmod(pairs, n_values)
    return rows.astype(np.int32), values.astype(np.int32)


def _none_twice(row: Codes, value: Codes) -> bool:
    """Tell whether rows come in order, none of them long, and no pair occurs twice."""
    if np.any(row[1:] < row[:-1]):
        return False
    starts = np.flatnonzero(row[1:] != row[:-1]) + 1
    longest = int(np.diff(starts, prepend=0, append=row.size).max())
    if longest > LONGEST_COMPARED:
        return False
    twice: list[int] = []

    def compare(ends: tuple[int, int]) -> None:
        some = slice(ends[0], ends[1] + longest - 1)
        rows, values = row[some], value[some]
        for step in range(1, longest):
            alike = np.flatnonzero(values[step:] == values[:-step])
            if np.any(rows[alike + step] == rows[alike]):
                twice.append(step)

    shared_out(compare, row.size, ROWS_COMPARED)
    return not twice


@dataclass(frozen=True, slots=True)
class _Coded:
    """Codes of a text column; -1 where empty."""

    codes: Codes
    names: tuple[str, ...]


def _only_used(codes: Codes, names: tuple[str, ...]) -> tuple[Codes, tuple[str, ...]]:
    """Drop names that no code uses."""
    used = np.bincount(codes, minlength=len(names)) > 0
    kept = tuple(name for name, keep in zip(names, used, strict=True) if keep)
    if used.all():
        return codes, kept
    return (np.cumsum(used, dtype=np.int32) - np.int32(1))[codes], kept


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A table with the name by which its errors call it, and its rows in the file."""

    name: str
    table: pa.Table
    rows: IntArray | None

    @classmethod
    def read(
        cls,
        source: Source,
        name: str,
        needed: tuple[str, ...],
        optional: tuple[str, ...],
        labeller: str | None,
    ) -> _Sheet:
        """Read the columns needed, and of the optional ones those that are there."""
        if not isinstance(source, pa.Table):
            name, source = str(source), _read_parquet(source, needed, optional)
        _refuse_absent(name, source.column_names, needed)
        if source.num_rows == 0:
            raise InputError(f"{name}: no rows; at least one is needed")
        return cls(name, source, None)._of_labeller(labeller)

    def _of_labeller(self, labeller: str | None) -> _Sheet:
        if "labeller" not in self.table.column_names:
            if labeller is not None:
                raise InputError(f"{self.name}: no column 'labeller' to look for {labeller!r}")
            return self
        found = self.codes("labeller")
        if labeller is None and len(found.names) < 2:
            return self
        if labeller not in found.names:
            given = "several labellers" if labeller is None else f"no labeller {labeller!r}"
            raise InputError(f"{self.name}: {given}; choose one of: {', '.join(found.names)}")
        rows = np.flatnonzero(found.codes == found.names.index(labeller))
        return _Sheet(self.name, self.table.take(from_numpy(rows)), rows)

    def refuse(self, bad: Any, column: str, problem: str) -> None:
        """Raise with the first bad row, if there is one."""
        if np.any(bad):
            place = int(np.argmax(bad))
            row = place if self.rows is None else int(self.rows[place])
            shown = self.table.column(column)[place].as_py()
            raise InputError(
                f"{self.name}: row {row + 1}, column {column!r} = {shown!r}: {problem}"
            )

    def text(self, column: str) -> pa.ChunkedArray:
        """Return a text column without gaps."""
        cells = self.table.column(column)
        self._check_text(column, cells.type)
        if pa.types.is_dictionary(cells.type):
            cells = cells.cast(cells.type.value_type)
        if cells.null_count:
            self.refuse(to_numpy(cells.is_null().combine_chunks()), column, "is empty")
        return cells

    def codes(self, column: str) -> _Coded:
        """Code a text column by the sorted names that occur."""
        cells = self.table.column(column)
        self._check_text(column, cells.type)
        if not pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_encode()
        whole = cells.unify_dictionaries().combine_chunks()
        names = whole.dictionary.to_pylist()
        order = sorted(range(len(names)), key=names.__getitem__)
        place = np.empty(len(names) + 1, dtype=np.int32)
        place[order], place[-1] = np.arange(len(names)), -1
        codes = to_numpy(whole.indices, empty=-1)
        return _Coded(place[codes], tuple(names[i] for i in order))

    def flags(self, column: str) -> Any:
        """Return a column of truth values; an empty cell is false."""
        cells = self.table.column(column)
        if not pa.types.is_boolean(cells.type):
            raise InputError(f"{self.name}: column {column!r} is {cells.type}; allowed: bool")
        return to_numpy(cells.combine_chunks(), empty=0).astype(bool)

    def refuse_repeated(self, ids: pa.ChunkedArray) -> None:
        """Raise if a conversation occurs twice."""
        if pc.all(pc.less(ids.slice(0, len(ids) - 1), ids.slice(1))).as_py() is not False:
            return
        first = to_numpy(pc.index_in(ids, value_set=ids).combine_chunks())
        again = first != np.arange(len(ids))
        self.refuse(again, KEY, "has labels in an earlier row; allowed is one row a conversation")

    def _check_text(self, column: str, kind: pa.DataType) -> None:
        plain = kind.value_type if pa.types.is_dictionary(kind) else kind
        if not (pa.types.is_string(plain) or pa.types.is_large_string(plain)):
            raise InputError(f"{self.name}: column {column!r} is {plain}; allowed: text")


def _refuse_absent(name: str, there: list[str], needed: tuple[str, ...]) -> None:
    for column in needed:
        if column not in there:
            raise InputError(f"{name}: no column {column!r}; there are: {', '.join(there)}")


def _read_parquet(path: Path, needed: tuple[str, ...], optional: tuple[str, ...]) -> pa.Table:
    """Read the columns that are there, text with few different entries as dictionary codes."""
    import pyarrow.parquet as pq

    if path.is_dir():
        raise InputError(f"{path}: a folder; allowed is one file, or --engine duckdb or spark")
    try:
        schema = pq.read_schema(path)
        _refuse_absent(str(path), schema.names, needed)
        there = [c for c in (*needed, *optional) if c in schema.names]
        coded = [c for c in there if c != KEY and pa.types.is_string(schema.field(c).type)]

        def part(groups: range) -> pa.Table:
            with pq.ParquetFile(path, read_dictionary=coded) as file:
                return file.read_row_groups(groups, columns=there)

        n_groups = pq.read_metadata(path).num_row_groups
        with ThreadPoolExecutor(n_threads()) as pool:
            ends = slices(n_groups, n_threads())
            return pa.concat_tables(pool.map(part, [range(*pair) for pair in ends] or [range(0)]))
    except (OSError, pa.ArrowException) as error:
        raise unreadable(path, error) from None
