"""Arrow arrays as numpy arrays and back, without pandas, which pyarrow's own ways import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


def to_numpy(array: pa.Array, *, empty: int | None = None) -> NDArray[Any]:
    """Return whole numbers or truth values (as 0 and 1), with `empty` in empty cells.

    Raises
    ------
    ValueError
        If a cell is empty and `empty` is not given.

    Examples
    --------
    >>> to_numpy(pa.array([3, 1])[1:]).tolist(), to_numpy(pa.array([True, False])).tolist()
    ([1], [1, 0])
    >>> to_numpy(pa.array([3, None]), empty=-1).tolist()
    [3, -1]
    """
    if array.null_count and empty is None:
        raise ValueError("array: holds an empty cell")
    if pa.types.is_boolean(array.type):
        array = array.cast(pa.uint8())
    sign = "u" if pa.types.is_unsigned_integer(array.type) else "i"
    kind = np.dtype(f"{sign}{array.type.byte_width}")
    data = array.buffers()[1]
    if data is None:
        return np.zeros(0, dtype=kind)
    found = np.frombuffer(data, kind, len(array), array.offset * kind.itemsize)
    if empty is None or array.null_count == 0:
        return found
    return np.where(to_numpy(array.is_null()), empty, found)


def from_numpy(values: NDArray[Any], missing: NDArray[np.bool_] | None = None) -> pa.Array:
    """Return an Arrow array of the same numbers; those marked missing become empty cells.

    Examples
    --------
    >>> from_numpy(np.array([1.0, 2.0]), np.array([False, True])).to_pylist()
    [1.0, None]
    """
    values = np.ascontiguousarray(values)
    kinds = {"i4": pa.int32(), "i8": pa.int64(), "f8": pa.float64()}
    held = None
    if missing is not None:
        held = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(
        kinds[values.dtype.str[1:]], values.size, [held, pa.py_buffer(values)]
    )


def from_text(names: Sequence[str]) -> pa.Array:
    """Return an Arrow array of text.

    Examples
    --------
    >>> from_text(["é", "", "ab"]).to_pylist()
    ['é', '', 'ab']
    """
    encoded = [name.encode() for name in names]
    ends = np.cumsum([0, *(len(text) for text in encoded)], dtype=np.int32)
    buffers = pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))
    return pa.StringArray.from_buffers(len(encoded), *buffers)
