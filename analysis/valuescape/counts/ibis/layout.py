"""Rows that an engine counted, laid out as arrays, or put in order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuescape.counts.arrow import from_text, to_numpy
from valuescape.counts.ibis.queries import SUMS
from valuescape.statistics.arrays import IntArray


def codes(column: pa.ChunkedArray, names: tuple[str, ...]) -> IntArray:
    """Return the place of each entry among names, which hold them all."""
    found = pc.index_in(column.combine_chunks(), value_set=from_text(names))
    return to_numpy(found).astype(np.int64)


def cell_table(
    rows: pa.Table, contexts: tuple[str, ...], values: tuple[str, ...], n: str
) -> IntArray:
    """Lay rows of a context, a value and a number out."""
    found = np.zeros((len(contexts), len(values)), dtype=np.int64)
    numbers = to_numpy(rows[n].cast(pa.int64()).combine_chunks())
    found[codes(rows["context"], contexts), codes(rows["value"], values)] = numbers
    return found


def margin_table(rows: pa.Table, column: str, names: tuple[str, ...]) -> IntArray:
    """Lay the three sums of a margin out."""
    found = np.zeros((len(names), 3), dtype=np.int64)
    for place, n in enumerate(SUMS[:3]):
        numbers = to_numpy(rows[n].cast(pa.int64()).combine_chunks())
        found[codes(rows[column], names), place] = numbers
    return found


def filled(rows: pa.Table, empty: Mapping[str, pa.Scalar]) -> pa.Table:
    """Add columns of one entry, and put all in order."""
    for name, entry in empty.items():
        rows = rows.append_column(name, pa.repeat(entry, rows.num_rows))
    rows = rows.select(["stratum", "context", "value", "n"])
    return rows.sort_by([(name, "ascending") for name in ("stratum", "context", "value")])


def with_empty_blocks(sizes: pa.Table, types: pa.Table) -> pa.Table:
    """Add blocks in which neither arm has the value: all of a size less those with hits."""
    size = ["arm", "versus", "size_arm", "size_versus"]
    values = types.group_by(["arm", "versus", "value"]).aggregate([])
    seen = types.group_by([*size, "value"]).aggregate([("n", "sum")])
    every = sizes.join(values, ["arm", "versus"], join_type="inner")
    every = every.join(seen, [*size, "value"], join_type="left outer")
    n = pc.subtract(every["n"], pc.fill_null(every["n_sum"], 0))
    every = every.set_column(every.column_names.index("n"), "n", n)
    for name in ("hits_arm", "hits_versus"):
        every = every.append_column(name, pa.repeat(pa.scalar(0), every.num_rows))
    columns = ["arm", "versus", "value", "size_arm", "size_versus", "hits_arm", "hits_versus", "n"]
    whole = pa.concat_tables(
        [types.select(columns), every.select(columns).filter(pc.field("n") > 0)]
    )
    return whole.sort_by([(name, "ascending") for name in columns])
