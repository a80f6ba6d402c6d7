"""What docs/explanation/scale.md says was measured is what benchmarks/scale.csv holds."""

from __future__ import annotations

import pandas as pd
from typer.testing import CliRunner

from tests.paths import ROOT
from valuescape.cli import app

TEXT = " ".join((ROOT / "docs" / "explanation" / "scale.md").read_text("utf-8").split())
TIMES = pd.read_csv(ROOT / "benchmarks" / "scale.csv").set_index(["job", "part", "n_conversations"])


def test_the_largest_run_is_told_as_measured() -> None:
    row = TIMES.loc[("duckdb", "count", 20_000_000)]
    assert row["megabytes"] < 2_000
    told = (
        f"20 million conversations ({row['file_bytes'] / 1e6:,.0f} MB of Parquet files) were "
        f"counted by DuckDB with `--memory 1GB` in {row['processor_seconds']:.0f} seconds of "
        f"processor time ({row['wall_seconds']:.0f} of wall time), at a peak of "
        f"{row['megabytes']:,.0f} MB for the whole process"
    )
    assert told in TEXT


def test_bytes_a_conversation_are_as_measured() -> None:
    row = TIMES.loc[("duckdb", "count", 20_000_000)]
    assert f"{row['file_bytes'] / 20e6:.0f} bytes a conversation" in TEXT


def test_seconds_a_million_are_as_measured() -> None:
    spark = TIMES.loc[("spark", "count", 1_000_000)]["processor_seconds"]
    duckdb = TIMES.loc[("duckdb", "count", 20_000_000)]["processor_seconds"] / 20
    assert f"Spark took {spark:.0f} processor seconds for a million conversations" in TEXT
    assert f"DuckDB {duckdb:.1f} a million" in TEXT
    assert f">>> round(spark_cost(1e9, {spark:.0f}), 2)" in TEXT


def test_closed_forms_grow_far_less_than_the_corpus() -> None:
    closed = TIMES.xs("closed", level="part").loc["duckdb"]["processor_seconds"]
    n = closed.index.to_numpy()
    assert n.max() / n.min() == 2_000
    assert closed.max() / closed.min() < 100
    first, last = closed.loc[n.min()], closed.loc[n.max()]
    assert (
        f"took from {first:.2f} seconds at ten thousand conversations to {last:.1f} at 20" in TEXT
    )


def test_the_command_of_the_page_has_these_options() -> None:
    told = CliRunner().invoke(app, ["associate", "--help"], env={"COLUMNS": "200"}).output
    assert "--engine" in told
    assert "--memory" in told
