"""``valuescape associate --engine``: the same file as the local engine's, byte by byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.counts.ibis.data import running, spark_session
from valuescape.cli import app
from valuescape.simulation.corpus import CorpusPlan, simulate_parts, write_corpus, write_parts


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[Path, Path], Path]:
    """One corpus as two folders, and the table that the local engine makes of it in one part."""
    folder = tmp_path_factory.mktemp("corpus")
    plan = CorpusPlan(3_000, n_tasks=12, n_values=40, n_users=300)
    (whole,) = simulate_parts(plan, np.random.default_rng(5), part_size=3_000)
    files = write_corpus(whole, folder / "one")
    output = folder / "local.csv"
    done = associate(files, output)
    assert done.startswith("3,000 conversations (0 left out), 12 contexts x 40 values")
    return write_parts(plan, folder, np.random.default_rng(5), part_size=3_000), output


def associate(files: tuple[Path, Path], output: Path, *more: str, code: int = 0) -> str:
    arguments = ["associate", *map(str, files), "--context", "task", "--output", str(output)]
    done = CliRunner().invoke(app, [*arguments, *more])
    assert done.exit_code == code, done.output
    return done.output


def test_duckdb_writes_the_same_bytes(
    sources: tuple[tuple[Path, Path], Path], tmp_path: Path
) -> None:
    with running("duckdb"):
        pass
    output = tmp_path / "cells.csv"
    told = associate(sources[0], output, "--engine", "duckdb", "--memory", "500MB")
    assert told.startswith("3,000 conversations (0 left out), 12 contexts x 40 values")
    assert output.read_bytes() == sources[1].read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["cells.csv"]


@pytest.mark.slow
def test_spark_writes_the_same_bytes(
    sources: tuple[tuple[Path, Path], Path], tmp_path: Path
) -> None:
    session = spark_session()
    output = tmp_path / "cells.csv"
    associate(sources[0], output, "--engine", "spark")
    session.stop()  # type: ignore[attr-defined]
    assert output.read_bytes() == sources[1].read_bytes()


def test_what_goes_wrong_is_one_line(
    sources: tuple[tuple[Path, Path], Path], tmp_path: Path
) -> None:
    output = tmp_path / "cells.csv"
    for more, code, message in (
        (["--engine", "oracle"], 2, "engine 'oracle': allowed are local, duckdb, spark"),
        (["--memory", "1GB"], 2, "--memory goes with --engine duckdb or spark"),
        ([], 1, "labels: a folder; allowed is one file, or --engine duckdb or spark"),
    ):
        told = associate(sources[0], output, *more, code=code)
        assert told.startswith("error: ")
        assert message in told
        assert told.count("\n") == 1
    assert not output.exists()
