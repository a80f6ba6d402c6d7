"""Labels as the tables of the schema, and Parquet written so that equal content is equal bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from valuescape.labelling.model import Probabilities
from valuescape.labelling.protocol import Label
from valuescape.schema import RESPONSE_TYPES, TABLES, TASK_TYPES, Column
from valuescape.store import write_bytes


def label_frame(found: Iterable[Label], labeller: str) -> pd.DataFrame:
    """Return the table ``labels``."""
    rows = [
        (x.conversation_id, labeller, x.status, x.subjective, x.task_type, x.task, x.response_type)
        for x in found
    ]
    return pd.DataFrame(rows, columns=list(TABLES["labels"].columns))


def expression_frame(found: Iterable[Label], labeller: str) -> pd.DataFrame:
    """Return the table ``expressions``."""
    return machine_expression_frame(found, labeller).drop(columns="probability")


def machine_expression_frame(found: Iterable[Label], labeller: str) -> pd.DataFrame:
    """Return the table ``machine_expressions``: with probabilities."""
    rows = [
        (x.conversation_id, labeller, e.party, e.value, e.value, e.explicit, e.rank, e.probability)
        for x in found
        for e in x.expressions
    ]
    return pd.DataFrame(rows, columns=list(TABLES["machine_expressions"].columns))


def machine_label_frame(
    found: Iterable[Label], labeller: str, fold: npt.NDArray[np.int64], p: Probabilities
) -> pd.DataFrame:
    """Return the table ``machine_labels``: fold and probabilities beside the labels."""
    frame = label_frame(found, labeller).drop(columns="task")
    frame.insert(2, "fold", fold)
    columns = {"p_subjective": p.subjective}
    columns |= {f"p_{name}": p.task_type[:, k] for k, name in enumerate(TASK_TYPES)}
    columns |= {f"p_{name}": p.response_type[:, k] for k, name in enumerate(RESPONSE_TYPES)}
    return pd.concat([frame, pd.DataFrame({n: shortened(v) for n, v in columns.items()})], axis=1)


def probability_frame(
    ids: Iterable[str], party: str, model_names: tuple[tuple[str, str], ...], p: Probabilities
) -> pd.DataFrame:
    """Return one column a value of one party, after ``conversation_id``."""
    own = {
        value: shortened(p.values[:, j])
        for j, (whose, value) in enumerate(model_names)
        if whose == party
    }
    return pd.DataFrame({"conversation_id": list(ids), **own})


def shortened(p: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Round probabilities to 0.005, to 0.001 below a tenth, to 0.0002 below a hundredth.

    Examples
    --------
    >>> shortened(np.array([0.98765, 0.012345, 0.00045678])).tolist()
    [0.9900000095367432, 0.012000000104308128, 0.00039999998989515007]
    """
    steps = np.where(p < 0.01, 5000.0, np.where(p < 0.1, 1000.0, 200.0))
    return (np.rint(p * steps) / steps).astype(np.float32)


def write_parquet(frame: pd.DataFrame, path: Path, columns: dict[str, Column]) -> None:
    """Write a table as Parquet, beside and then renamed.

    Parameters
    ----------
    frame : DataFrame
        The table.
    path : Path
        Where it goes.
    columns : dict
        Definition of each column; types follow from its kind.
    """
    write_bytes(parquet_bytes(frame, columns), path)


def parquet_bytes(frame: pd.DataFrame, columns: dict[str, Column]) -> bytes:
    """Return a table as a Parquet file: equal content is equal bytes.

    Parameters
    ----------
    frame, columns
        As :func:`write_parquet` takes them.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"string": pa.string(), "boolean": pa.bool_(), "integer": pa.int64()}
    kinds |= {"number": pa.float32(), "timestamp": pa.timestamp("us", "UTC")}
    schema = pa.schema([(name, kinds[columns[name].kind]) for name in frame.columns])
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
    stream = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata(None), stream, compression="zstd", compression_level=19
    )
    return stream.getvalue()


def pair_of_tables(
    labels: pd.DataFrame, expressions: pd.DataFrame, folder: Path
) -> dict[Path, bytes]:
    """Return ``expressions.parquet`` and ``labels.parquet``, to be written together.

    The labels come last: where they are, the expressions are theirs.

    Parameters
    ----------
    labels, expressions : DataFrame
        Tables of these names.
    folder : Path
        Where they go.
    """
    pair = {}
    for name, frame in (("expressions", expressions), ("labels", labels)):
        columns = {c: TABLES[name].column(c) for c in TABLES[name].columns}
        pair[folder / f"{name}.parquet"] = parquet_bytes(frame, columns)
    return pair
