"""The association table: every context against every value, tested as independent conversations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from valuescape.counts.arrow import from_numpy, from_text
from valuescape.counts.local import CodedLabels, Source, code_labels
from valuescape.counts.margins import CellCounts
from valuescape.errors import InputError
from valuescape.statistics.arrays import FloatArray, IntArray
from valuescape.statistics.intervals import koopman_interval
from valuescape.statistics.multiplicity import fcr_conf_level
from valuescape.statistics.table_tests import LARGEST_Q, TableTests, table_tests
from valuescape.writing import replaced_file

if TYPE_CHECKING:
    import pandas as pd

CONF_LEVEL = 0.95
ENDINGS = (".parquet", ".csv")


@dataclass(frozen=True, slots=True)
class AssociationTable:
    """Every cell of a table of contexts by values.

    Attributes
    ----------
    contexts, values : tuple of str
        Names of the rows and columns, sorted.
    tests : TableTests
        Counts, adjusted residuals, exact mid-p and q of every cell.
    reported : ndarray of int64, shape (n_reported,)
        Cells with q at most the threshold, numbered row by row.
    risk_ratio, risk_ratio_low, risk_ratio_high : ndarray of float64, shape (n_reported,)
        Prevalence inside over outside of the reported cells, with Koopman's score interval at the
        level that keeps the false coverage rate of what is reported at 5 %. An upper limit is
        infinite, and the ratio too, where no conversation outside expresses the value.
    conf_level : float
        That level; 0.95 where nothing is reported.
    n_left_out : int
        Conversations left out: not subjective, or without a context.
    """

    contexts: tuple[str, ...]
    values: tuple[str, ...]
    tests: TableTests
    reported: IntArray
    risk_ratio: FloatArray
    risk_ratio_low: FloatArray
    risk_ratio_high: FloatArray
    conf_level: float
    n_left_out: int

    def to_arrow(self) -> pa.Table:
        """One row a cell, contexts first; the ratio is empty where it is not reported."""
        shape = self.tests.counts.shape
        context = np.repeat(np.arange(shape[0], dtype=np.int32), shape[1])
        value = np.tile(np.arange(shape[1], dtype=np.int32), shape[0])
        residual = self.tests.adjusted_residual.ravel()
        columns = {
            "context": _named(context, self.contexts),
            "value": _named(value, self.values),
            "k": from_numpy(self.tests.counts.ravel()),
            "n_context": from_numpy(np.repeat(self.tests.n_context, shape[1])),
            "n_value": from_numpy(np.tile(self.tests.n_value, shape[0])),
            "n_total": from_numpy(np.full(context.size, self.tests.n_total)),
            "adjusted_residual": from_numpy(residual, np.isnan(residual)),
            "log10_p": from_numpy(self.tests.log10_p.ravel()),
            "log10_q": from_numpy(self.tests.log10_q.ravel()),
        }
        missing = np.ones(context.size, dtype=bool)
        missing[self.reported] = False
        for name in ("risk_ratio", "risk_ratio_low", "risk_ratio_high"):
            cells = np.zeros(context.size)
            cells[self.reported] = getattr(self, name)
            columns[name] = from_numpy(cells, missing)
        return pa.Table.from_arrays(list(columns.values()), names=list(columns))

    def to_frame(self) -> pd.DataFrame:
        """Return the rows of :meth:`to_arrow` as a data frame."""
        frame: pd.DataFrame = self.to_arrow().to_pandas()
        return frame


def association_table(
    labels: Source,
    expressions: Source,
    *,
    context: str,
    labeller: str | None = None,
    q_threshold: float = 0.05,
) -> AssociationTable:
    """Test every context against every value, from label files or arrow tables.

    The conversations are taken as independent and equally likely, which makes the exact test the
    right one; for samples with weights, strata or clusters see
    :mod:`valuescape.statistics.design`.

    Parameters
    ----------
    labels, expressions, context, labeller
        As in :func:`valuescape.counts.local.code_labels`.
    q_threshold : float, default 0.05
        Cells with a Benjamini-Hochberg q up to this are reported with intervals; at most 0.25.

    Raises
    ------
    InputError
        As in :func:`code_labels`, or if the threshold is not above 0 and at most 0.25.

    Examples
    --------
    >>> labels = pa.table({"conversation_id": [f"c{i}" for i in range(40)],
    ...                    "task": ["advice"] * 20 + ["code"] * 20})
    >>> expressions = pa.table({"conversation_id": [f"c{i}" for i in range(3, 32)],
    ...                         "value": ["care"] * 15 + ["clarity"] * 14})
    >>> table = association_table(labels, expressions, context="task")
    >>> table.tests.counts.tolist(), table.reported.tolist(), table.risk_ratio.round(2).tolist()
    ([[15, 2], [0, 12]], [0, 1, 2, 3], [inf, 0.17, 0.0, 6.0])
    """
    check_threshold(q_threshold)
    coded = code_labels(labels, expressions, context=context, labeller=labeller)
    pa.default_memory_pool().release_unused()  # the files' pages, before those of the table
    return associated(count_cells(coded), q_threshold=q_threshold)


def check_threshold(q_threshold: float) -> None:
    """Refuse a threshold before anything is read.

    Raises
    ------
    InputError
        If it is not above 0 and at most 0.25.
    """
    if not 0.0 < q_threshold <= LARGEST_Q:
        raise InputError(f"q_threshold = {q_threshold}: allowed is above 0 and at most {LARGEST_Q}")


def associated(counted: CellCounts, *, q_threshold: float = 0.05) -> AssociationTable:
    """Test every cell of a counted table, wherever it was counted.

    Parameters
    ----------
    counted : CellCounts
        From :func:`count_cells`, or from a database by
        :meth:`valuescape.counts.ibis.relations.Relations.cells`.
    q_threshold : float, default 0.05
        As in :func:`association_table`.

    Raises
    ------
    InputError
        If the threshold is not above 0 and at most 0.25.
    """
    check_threshold(q_threshold)
    n_total = counted.n_total
    tests = table_tests(counted.counts, counted.n_context, counted.n_value, n_total)
    reported = np.flatnonzero(tests.log10_q <= np.log10(q_threshold))
    level = CONF_LEVEL
    if reported.size:
        level = fcr_conf_level(reported.size, tests.counts.size, CONF_LEVEL)
    row, column = np.divmod(reported, len(counted.values))
    inside, having = tests.n_context[row], tests.n_value[column]
    k = tests.counts.ravel()[reported]
    ratio = koopman_interval(k, inside, having - k, tests.n_total - inside, conf_level=level)
    return AssociationTable(
        counted.contexts,
        counted.values,
        tests,
        reported,
        ratio.estimate,
        ratio.low,
        ratio.high,
        level,
        counted.n_left_out,
    )


def count_cells(coded: CodedLabels) -> CellCounts:
    """Count every pair of context and value.

    Examples
    --------
    >>> coded = code_labels(pa.table({"conversation_id": ["a", "b"], "task": ["x", "y"]}),
    ...     pa.table({"conversation_id": ["a", "b"], "value": ["v", "v"]}), context="task")
    >>> count_cells(coded).counts.tolist()
    [[1], [1]]
    """
    shape = len(coded.contexts), len(coded.values)
    first_cell = coded.context.astype(np.int64) * shape[1]
    cell = first_cell[coded.conversation] + coded.value
    counts = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    sizes = np.bincount(coded.context, minlength=shape[0])
    return CellCounts(coded.contexts, coded.values, counts, sizes, coded.n_left_out)


def check_ending(path: Path) -> None:
    """Refuse the name of a file that :func:`write_cells` does not write.

    Raises
    ------
    InputError
        If the ending is neither ``.parquet`` nor ``.csv``.
    """
    if path.suffix not in ENDINGS:
        raise InputError(f"{path}: allowed endings are {' and '.join(ENDINGS)}")


def write_cells(table: AssociationTable, path: Path) -> None:
    """Write the cells as Parquet or CSV, by the ending, beside and then renamed.

    Raises
    ------
    InputError
        If the ending is neither ``.parquet`` nor ``.csv``, or the file cannot be written.
    """
    check_ending(path)
    with replaced_file(path) as stream:
        _write(table.to_arrow(), stream, path.suffix)


def _write(cells: pa.Table, stream: BinaryIO, suffix: str) -> None:
    if suffix == ".csv":
        from pyarrow import csv

        csv.write_csv(cells, stream)
        return
    import pyarrow.parquet as pq

    names = ["context", "value"]
    pq.write_table(cells, stream, compression="lz4", use_dictionary=names)


def _named(codes: NDArray[np.int32], names: tuple[str, ...]) -> pa.Array:
    """Arrow dictionary array of codes and their names."""
    return pa.DictionaryArray.from_arrays(from_numpy(codes), from_text(names))
