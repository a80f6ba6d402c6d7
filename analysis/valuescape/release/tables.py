"""Released tables, as CSV and as typed Parquet."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from valuescape.errors import InputError
from valuescape.release.codebook import CodedTable
from valuescape.store import write_bytes

ARROW = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
}


def read_coded(path: Path, coded: CodedTable) -> pa.Table:
    """Read a CSV file with the types of its codebook; empty cells are missing.

    Raises
    ------
    InputError
        If the file lacks a column, has one that the codebook does not name, or a cell of another
        type.
    """
    options = pacsv.ConvertOptions(
        column_types={c.name: ARROW[c.type] for c in coded.columns},
        null_values=[""],
        strings_can_be_null=True,
        true_values=["true"],
        false_values=["false"],
    )
    parsing = pacsv.ParseOptions(newlines_in_values=True)
    try:
        table = pacsv.read_csv(path, parse_options=parsing, convert_options=options)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path}: does not fit its codebook: {error}") from None
    named = [c.name for c in coded.columns]
    if table.column_names != named:
        raise InputError(
            f"{path}: has columns {', '.join(table.column_names)}; the codebook names "
            f"{', '.join(named)}"
        )
    return table


def write_released(source: Path, coded: CodedTable, folder: Path) -> None:
    """Write ``csv/NAME.csv``, byte for byte, and ``parquet/NAME.parquet``.

    Raises
    ------
    InputError
        As :func:`read_coded`.
    """
    table = read_coded(source, coded)
    write_bytes(source.read_bytes(), folder / "csv" / f"{coded.name}.csv")
    held = io.BytesIO()
    pq.write_table(table, held, compression="zstd", version="2.6")
    write_bytes(held.getvalue(), folder / "parquet" / f"{coded.name}.parquet")
