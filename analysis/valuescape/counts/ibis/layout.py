"""Rows that an engine counted, laid out as arrays, or put in order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuescape.counts.arrow import from_text, to_numpy
from valuescape.counts.ibis.queries import SUMS
from valuescape.counts.margins import CellCounts
from valuescape.statistics.arrays import IntArray
from valuescape.statistics.cluster_products import ClusterProducts


def codes(column: pa.ChunkedArray, names: tuple[str, ...]) -> IntArray:
    """Return the place of each entry among names, which hold them all."""
    found = pc.index_in(column.combine_chunks(), value_set=from_text(names))
    return to_numpy(found).astype(np.int64)


def numbers(column: pa.ChunkedArray) -> IntArray:
    """Return whole numbers of any width."""
    return to_numpy(column.cast(pa.int64()).combine_chunks())


class GrowingTable:
    """Counts by context and value, added up pass by pass while values are still being met."""

    def __init__(self, contexts: tuple[str, ...]) -> None:
        self._contexts = contexts
        self._parts: list[tuple[IntArray, IntArray, list[str], IntArray]] = []

    def add(self, rows: pa.Table) -> None:
        """Add rows of a context, a value and a number ``n``, each pair once."""
        value = rows["value"].combine_chunks().dictionary_encode()
        names = value.dictionary.to_pylist()
        place = to_numpy(value.indices).astype(np.int64)
        self._parts.append(
            (codes(rows["context"], self._contexts), place, names, numbers(rows["n"]))
        )

    def laid_out(self) -> tuple[tuple[str, ...], IntArray]:
        """Return the values met, sorted, and the table of contexts by values."""
        values = tuple(sorted({name for _, _, names, _ in self._parts for name in names}))
        table = np.zeros((len(self._contexts), len(values)), dtype=np.int64)
        order = {name: place for place, name in enumerate(values)}
        for context, place, names, n in self._parts:
            if names:
                column = np.array([order[name] for name in names])[place]
                table[context, column] += n
        return values, table


class ProductSums:
    """Sums over clusters, added up pass by pass; see :func:`queries.cluster_products`."""

    def __init__(self, contexts: tuple[str, ...], values: tuple[str, ...]) -> None:
        shape = len(contexts), len(values)
        self._names = {"context": contexts, "value": values}
        self._all = np.zeros(2, dtype=np.int64)
        self._margins = {
            name: np.zeros((len(names), 3), dtype=np.int64) for name, names in self._names.items()
        }
        self._cell = np.zeros((len(SUMS), *shape), dtype=np.int64)
        self._both = np.zeros(shape, dtype=np.int64)

    def add(self, rows: pa.Table) -> None:
        """Add the rows of some parts, of one pass."""
        of = {
            name: rows.filter(pc.equal(rows["part"], name))
            for name in ("all", "context", "value", "cell", "both")
        }
        for number, name in enumerate(SUMS[:2]):
            self._all[number] += numbers(of["all"][name]).sum()
        for margin, table in self._margins.items():
            place = codes(of[margin][margin], self._names[margin])
            for column, name in enumerate(SUMS[:3]):
                table[place, column] += numbers(of[margin][name])
        for number, name in enumerate(SUMS):
            self._cell[number][self._cells(of["cell"])] += numbers(of["cell"][name])
        self._both[self._cells(of["both"])] += numbers(of["both"][SUMS[0]])

    def _cells(self, rows: pa.Table) -> tuple[IntArray, IntArray]:
        context, value = (codes(rows[name], names) for name, names in self._names.items())
        return context, value

    def products(self, counted: CellCounts) -> ClusterProducts:
        """Return all sums."""
        squares, with_value, with_context, with_size = self._cell
        return ClusterProducts(
            n_clusters=int(self._all[0]),
            squared_size=int(self._all[1]),
            n_context=counted.n_context,
            n_value=counted.n_value,
            k=counted.counts,
            squares=squares,
            with_value=with_value,
            with_context=with_context,
            with_size=with_size,
            together=self._both,
            of_context=self._margins["context"],
            of_value=self._margins["value"],
        )


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
