"""Parquet files into data frames, whoever wrote them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from valuescape.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_PLENTY, _ROWS_A_BYTE = 1_000_000, 8
_UNNAMED_INDEX = re.compile(r"__index_level_\d+__")


def read_parquet(path: Path) -> pd.DataFrame:
    """Read a Parquet file, its columns as they are stored.

    What pandas wrote about its own index is not heeded: a named index is a column, one without a
    name is left out.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    InputError
        If it cannot be read, a column occurs twice or holds bytes, lists or objects, or it has
        over a million rows and more than eight to a byte, as no table with a key has.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            _check_size(path, file.metadata.num_rows)
            _check_schema(path, file.schema_arrow)
            table = file.read().replace_schema_metadata(None)
        unnamed = [c for c in table.column_names if _UNNAMED_INDEX.fullmatch(c)]
        frame: pd.DataFrame = table.drop_columns(unnamed).to_pandas()
    except InputError:
        raise
    except (OSError, ValueError, OverflowError, pa.ArrowException) as error:
        raise unreadable(path, error) from error
    return frame


def unreadable(path: Path, error: Exception) -> InputError:
    """Return what is told of a Parquet file that cannot be read, and what to do.

    Parameters
    ----------
    path : Path
        The file.
    error : Exception
        What reading it raised.
    """
    if isinstance(error, FileNotFoundError):
        return InputError(f"{path}: cannot be read as Parquet: no such file")
    told = " ".join(str(error).split())
    return InputError(
        f"{path}: not a readable Parquet file ({told}); it is cut off or damaged: copy or make it "
        "again (in a checkout: git restore, or dvc repro)"
    )


def _check_size(path: Path, n: int) -> None:
    size = path.stat().st_size
    if n > max(_PLENTY, _ROWS_A_BYTE * size):
        raise InputError(f"{path}: {n:,} rows in {size:,} bytes, which is no table with a key")


def _check_schema(path: Path, schema: pa.Schema) -> None:
    import pyarrow as pa

    names = schema.names
    for name, kind in zip(names, schema.types, strict=True):
        if names.count(name) > 1:
            raise InputError(f"{path}: column {name!r} occurs twice; it is allowed once")
        plain = kind.value_type if pa.types.is_dictionary(kind) else kind
        if pa.types.is_nested(plain) or pa.types.is_binary(plain) or pa.types.is_duration(plain):
            allowed = "text, numbers, truth values and times"
            raise InputError(f"{path}: column {name!r} is {plain}; allowed are {allowed}")
