"""Label tables with all that is unusual, and what an engine and this machine make of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from valuescape.counts.ibis.engines import Engine, opened

NAMES = (
    "plain",
    "it's",
    'say "so"',
    "two\nlines",
    "tab\there",
    "back\\slash",
    "per%cent_under",
    "semi;colon -- comment",
    "naïve",
    "nai\u0308ve",
    "価値",
    "🙂",
    "Plain",
    " plain",
    "plain ",
    "",
    "NULL",
    "nul\0byte",
    "nul",
    "\ue000private",
    "\U0010ffff",
)
"""Distinct names that quoting, folding, trimming or sorting by language would merge or reorder."""


@contextmanager
def running(name: str) -> Iterator[Engine]:
    """Open an engine, Spark in this machine with few tasks; skip where it is not installed."""
    if name == "duckdb":
        pytest.importorskip("duckdb", reason="the extra duckdb is not installed")
        pytest.importorskip("ibis", reason="the extra duckdb is not installed")
        with opened("duckdb") as engine:
            yield engine
        return
    session = spark_session()
    try:
        with opened("spark") as engine:
            yield engine
    finally:
        session.stop()


def spark_session() -> object:
    """Start Spark on two processors of this machine."""
    import shutil

    pytest.importorskip("pyspark", reason="the extra spark is not installed")
    if shutil.which("java") is None:
        pytest.skip("java is not installed, which Spark needs")
    from pyspark.sql import SparkSession

    settings = {
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def unusual_tables(seed: int, n: int = 400) -> tuple[pa.Table, pa.Table]:
    """Labels of two readers and expressions of both parties, with gaps and repeats."""
    rng = np.random.default_rng(seed)
    ids = [f"{NAMES[i % len(NAMES)]}{i}" for i in range(n)]
    rows, said = [], []
    for reader in ("r1", "r'2"):
        for name in rng.permutation(ids).tolist():
            rows.append(
                {
                    "conversation_id": name,
                    "labeller": reader,
                    "task": None if rng.random() < 0.1 else _one(rng, 12),
                    "subjective": [True, True, True, False, None][rng.integers(5)],
                    "user": f"u{rng.integers(n // 4)}",
                    "prompt": f"p{rng.integers(n // 3)}",
                    "region": _one(rng, 3),
                }
            )
            for _ in range(rng.integers(0, 7)):
                party = ["assistant", "assistant", "user", None][rng.integers(4)]
                said.append(
                    {
                        "conversation_id": name,
                        "value": _one(rng, len(NAMES)),
                        "party": party,
                        "labeller": reader,
                    }
                )
    return pa.Table.from_pylist(rows), pa.Table.from_pylist(said)


def _one(rng: np.random.Generator, n: int) -> str:
    return NAMES[rng.integers(n)]


def in_folder(table: pa.Table, folder: Path, n_files: int = 3) -> Path:
    """Write a table as several Parquet files."""
    folder.mkdir(parents=True)
    size = -(-table.num_rows // n_files)
    for part in range(n_files):
        pq.write_table(table.slice(part * size, size), folder / f"part-{part}.parquet")
    return folder
