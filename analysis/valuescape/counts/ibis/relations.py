"""Label tables in an engine, and the sufficient statistics that it counts of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from valuescape.counts.ibis import queries
from valuescape.counts.ibis.engines import Engine
from valuescape.counts.ibis.layout import (
    GrowingTable,
    ProductSums,
    codes,
    filled,
    numbers,
    with_empty_blocks,
)
from valuescape.counts.ibis.sheets import Sheet
from valuescape.counts.margins import CellCounts
from valuescape.errors import InputError
from valuescape.statistics.arrays import IntArray
from valuescape.statistics.cluster_products import ClusterProducts

KEY = queries.KEY


@dataclass(frozen=True, slots=True)
class Relations:
    """Labels and expressions of one labeller, not yet counted.

    Attributes
    ----------
    labels, expressions : Sheet
        One row a conversation; one row a value of a conversation.
    context : str
        Column of `labels` whose entries are compared.
    passes : int
        In how many passes everything is counted; each reads the files again.
    """

    labels: Sheet
    expressions: Sheet
    context: str
    passes: int

    def conversations(self, **roles: str) -> Any:
        """Return the conversations as an expression, with columns of the labels by their roles.

        Raises
        ------
        InputError
            If there is no such column, or it is empty in a conversation that is counted.
        """
        there = self.labels.table.columns
        for column in roles.values():
            if column not in there:
                raise InputError(
                    f"{self.labels.name}: no column {column!r}; there are: {', '.join(there)}"
                )
        found = queries.conversations(self.labels.table, self.context, roles)
        for role, column in roles.items():
            bad = found.filter(found[role].isnull() & found["context"].notnull())
            if self.labels.rows(bad.limit(1)).num_rows:
                name = bad.mutate(**{column: bad[role]})
                self.labels.refuse(name, column, "is empty")
        return found

    def _passes(self, found: Any, column: str = KEY) -> Iterator[tuple[Any, Any]]:
        """Yield conversations, and expressions with them if the passes go by conversation."""
        many = self.expressions.table
        for number in range(self.passes):
            own = many if column != KEY else queries.in_pass(many, KEY, number, self.passes)
            yield queries.in_pass(found, column, number, self.passes), own

    def cells(self, done: Callable[[], None] = lambda: None) -> CellCounts:
        """Count every context against every value, and check every row on the way.

        Parameters
        ----------
        done : callable
            Called after every pass through the labels, and through the expressions.

        Raises
        ------
        InputError
            If a conversation is labelled twice or has values but no labels, an id or a value is
            empty, or nothing is left to count. Since rows of a database have no number, the
            message names the least of the entries.
        """
        found = self.conversations()
        sizes: dict[str | None, int] = {}
        for part, _ in self._passes(found):
            for name, n in self._sizes(part):
                sizes[name] = sizes.get(name, 0) + n
            done()
        contexts = tuple(sorted(name for name in sizes if name is not None))
        if not contexts:
            raise InputError(
                f"{self.labels.name}: no conversation has an entry in {self.context!r}"
            )
        cells = GrowingTable(contexts)
        any_own = False
        for part, said in self._passes(found):
            rows = self._cells(part, said)
            any_own = any_own or bool(pc.any(rows["own"]).as_py())
            cells.add(rows.filter(pc.and_(rows["own"], pc.is_valid(rows["context"]))))
            done()
        if not any_own:
            raise InputError(f"{self.expressions.name}: no row has the party {queries.PARTY!r}")
        values, counts = cells.laid_out()
        if not values:
            raise InputError(f"{self.expressions.name}: no value of the conversations counted")
        n_context = np.array([sizes[name] for name in contexts], dtype=np.int64)
        return CellCounts(contexts, values, counts, n_context, sizes.get(None, 0))

    def _sizes(self, found: Any) -> Iterator[tuple[str | None, int]]:
        """Count conversations by context, and refuse ids that are empty or repeated."""
        rows = self.labels.rows(queries.margins(found))
        labels = self.labels.table
        if pc.any(rows["nameless"]).as_py():
            self.labels.refuse(labels.filter(labels[KEY].isnull()), KEY, "is empty")
        if pc.any(rows["repeated"]).as_py():
            again = labels.group_by(KEY).having(labels.count() > 1).aggregate(n=labels.count())
            problem = "has labels in an earlier row; allowed is one row a conversation"
            self.labels.refuse(again, KEY, problem)
        return zip(rows["context"].to_pylist(), rows["n"].to_pylist(), strict=True)

    def _cells(self, found: Any, said: Any) -> pa.Table:
        """Count pairs by context and value, and refuse those that name nothing."""
        many = self.expressions
        rows = many.rows(queries.cells(found, queries.occurrences(said)))
        if rows["value"].null_count:
            many.refuse(many.table.filter(many.table["value"].isnull()), "value", "is empty")
        if pc.any(rows["nameless"]).as_py():
            many.refuse(many.table.filter(many.table[KEY].isnull()), KEY, "is empty")
        if not pc.all(rows["known"]).as_py():
            absent = many.table.anti_join(self.labels.table, KEY)
            many.refuse(absent, KEY, "has no row in the labels")
        return rows

    def value_pairs(self, counted: CellCounts) -> IntArray:
        """Count conversations that express two values; on the diagonal, those with the value.

        Parameters
        ----------
        counted : CellCounts
            From :meth:`cells`, which has checked the rows.

        Returns
        -------
        ndarray of int64, shape (n_values, n_values)
            For :func:`valuescape.statistics.cooccurrence.cooccurrence_of_counts`.
        """
        shape = len(counted.values), len(counted.values)
        together = np.zeros(shape, dtype=np.int64)
        for found, said in self._passes(self.conversations()):
            rows = self.expressions.rows(
                queries.value_pairs(queries.counted(found, queries.occurrences(said)))
            )
            first, other = (codes(rows[name], counted.values) for name in ("value", "other"))
            together[first, other] += numbers(rows["n"])
        together += together.T
        np.fill_diagonal(together, counted.n_value)
        return together

    def cluster_products(self, counted: CellCounts, *, cluster: str) -> ClusterProducts:
        """Add second moments of users (or prompts) up.

        Parameters
        ----------
        counted : CellCounts
            From :meth:`cells`.
        cluster : str
            Column of the labels that names the user or prompt.

        Returns
        -------
        ClusterProducts
            For :func:`valuescape.statistics.cluster_products.sums_of_products`.

        Raises
        ------
        InputError
            If there is no such column, or it is empty somewhere.
        """
        sums = ProductSums(counted.contexts, counted.values)
        for found, said in self._passes(self.conversations(cluster=cluster), "cluster"):
            spoken = queries.counted(found, queries.occurrences(said))
            parts = (*queries.in_clusters(found), queries.said_in_clusters(spoken))
            for query in queries.cluster_products(*parts):
                sums.add(self.expressions.rows(query))
        return sums.products(counted)

    def stratum_counts(self, *, stratum: str) -> pa.Table:
        """Count by stratum: cells, margins and totals that are not zero.

        Parameters
        ----------
        stratum : str
            Column of the labels that names the stratum.

        Returns
        -------
        pyarrow.Table
            Columns ``stratum``, ``context``, ``value``, ``n``, as in
            :class:`valuescape.counts.cells.CellTables`: a margin of a context has an empty
            ``value``, one of a value an empty ``context``, the total both.
        """
        found = self.conversations(stratum=stratum)
        spoken = queries.counted(found, queries.occurrences(self.expressions.table))
        sizes, both = map(self.expressions.rows, queries.stratum_counts(found, spoken))
        none = pa.scalar("", pa.string())
        by_value = both.group_by(["stratum", "value"]).aggregate([("n", "sum")])
        total = sizes.group_by("stratum").aggregate([("n", "sum")])
        parts = [
            (both, {}),
            (sizes, {"value": none}),
            (by_value.rename_columns(["stratum", "value", "n"]), {"context": none}),
            (total.rename_columns(["stratum", "n"]), {"context": none, "value": none}),
        ]
        return pa.concat_tables([filled(part, empty) for part, empty in parts])

    def block_types(self, *, block: str) -> pa.Table:
        """Count prompts that two assistants (contexts) answered, by what became of each value.

        Parameters
        ----------
        block : str
            Column of the labels that names the prompt.

        Returns
        -------
        pyarrow.Table
            ``arm``, ``versus``, ``value``, ``size_arm``, ``size_versus`` (answers of each),
            ``hits_arm``, ``hits_versus`` (those with the value), and ``n`` such blocks. Blocks in
            which neither has the value are counted for every value that the two ever express.
        """
        found = self.conversations(block=block)
        spoken = queries.counted(found, queries.occurrences(self.expressions.table))
        sizes, types = map(self.expressions.rows, queries.block_types(found, spoken))
        return with_empty_blocks(sizes, types)


def relate(
    labels: Any,
    expressions: Any,
    *,
    context: str,
    labeller: str | None = None,
    engine: Engine | None = None,
) -> Relations:
    """Take label tables for counting, by the rules of :func:`valuescape.counts.local.code_labels`.

    Parameters
    ----------
    labels, expressions : Path or ibis.Table
        A Parquet file, a folder of them, or a table of any engine that Ibis speaks to; columns as
        in :func:`~valuescape.counts.local.code_labels`.
    context : str
        Column of `labels` whose entries are compared.
    labeller : str, optional
        Whose rows to take, by the column ``labeller``; may be left out where there is only one.
    engine : Engine, optional
        From :func:`~valuescape.counts.ibis.engines.opened`; paths need one.

    Raises
    ------
    InputError
        If a file cannot be read, a column is missing or not of its type, there is no row, or the
        labeller is none of theirs.
    """
    one = Sheet.read(labels, "labels", (KEY, context), labeller, engine)
    many = Sheet.read(expressions, "expressions", (KEY, "value"), labeller, engine)
    for sheet, columns in ((one, (KEY, context)), (many, ("value", KEY))):
        for column in columns:
            sheet.check_text(column)
    if "subjective" in one.table.columns:
        one.check_flags("subjective")
    if "party" in many.table.columns:
        many.check_text("party")
    passes = engine.passes(_n_rows(many)) if engine else 1
    return Relations(one, many, context, passes)


def _n_rows(sheet: Sheet) -> int:
    return int(sheet.rows(sheet.table.aggregate(n=sheet.table.count()))["n"][0].as_py())
