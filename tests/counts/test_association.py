"""The association table and its command: every cell, light imports, one message for bad input."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from valuescape.cli import app
from valuescape.counts.association import AssociationTable, association_table, write_cells
from valuescape.errors import InputError
from valuescape.simulation.corpus import CorpusPlan, simulate_corpus, write_corpus
from valuescape.statistics import adjust_p, cell_tests

HEAVY = ("pandas", "pandera", "statsmodels", "sklearn", "ibis", "duckdb", "numba", "scipy.stats")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    corpus = simulate_corpus(CorpusPlan(3_000, 15, 60, 300), np.random.default_rng(7))
    return write_corpus(corpus, tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def table(files: tuple[Path, Path]) -> AssociationTable:
    return association_table(*files, context="task")


def test_every_cell_is_what_the_cell_wise_functions_say(
    files: tuple[Path, Path], table: AssociationTable
) -> None:
    labels, expressions = (pd.read_parquet(path) for path in files)
    joined = expressions.merge(labels, on="conversation_id")
    counts = pd.crosstab(joined["task"], joined["value"])
    frame = table.to_frame()
    assert len(frame) == counts.size
    assert (frame["k"].to_numpy() == counts.to_numpy().ravel()).all()
    tests = cell_tests(frame["k"], frame["n_context"], frame["n_value"], frame["n_total"])
    np.testing.assert_allclose(frame["log10_p"], tests.log10_p, rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(frame["adjusted_residual"], tests.adjusted_residual, rtol=1e-10)
    small = frame["log10_q"] < 0
    full = adjust_p(tests.log10_p, "bh")
    np.testing.assert_allclose(frame["log10_q"][small], full[small], rtol=1e-10)


def test_reported_cells_have_fcr_intervals(table: AssociationTable) -> None:
    frame = table.to_frame()
    reported = frame["log10_q"] <= np.log10(0.05)
    assert 20 < reported.sum() < len(frame)
    assert (frame["risk_ratio_low"].notna() == reported).all()
    assert table.conf_level == pytest.approx(1 - 0.05 * reported.sum() / len(frame))
    part = frame[reported]
    tests = cell_tests(
        part["k"], part["n_context"], part["n_value"], part["n_total"], conf_level=table.conf_level
    )
    np.testing.assert_allclose(part["risk_ratio"], tests.risk_ratio)
    np.testing.assert_allclose(part["risk_ratio_high"], tests.risk_ratio_high)
    assert (part["risk_ratio_low"] <= part["risk_ratio"]).all()


def test_the_threshold_decides_what_is_reported(files: tuple[Path, Path]) -> None:
    few, many = (
        association_table(*files, context="task", q_threshold=q).reported.size for q in (1e-6, 0.2)
    )
    assert 0 < few < many
    for q in (0.0, 0.3):
        with pytest.raises(InputError, match=f"q_threshold = {q}: allowed is above 0 and at most"):
            association_table(*files, context="task", q_threshold=q)


def test_a_table_without_findings_reports_nothing() -> None:
    labels = pa.table({"conversation_id": ["a", "b"], "task": ["x", "y"]})
    expressions = pa.table({"conversation_id": ["a", "b"], "value": ["v", "v"]})
    found = association_table(labels, expressions, context="task")
    assert (found.reported.size, found.conf_level) == (0, 0.95)
    assert found.to_frame()[["adjusted_residual", "risk_ratio"]].isna().all(axis=None)


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_the_command_writes_every_cell(
    files: tuple[Path, Path], table: AssociationTable, ending: str, tmp_path: Path
) -> None:
    out = tmp_path / "new" / f"cells.{ending}"
    arguments = ["associate", *map(str, files), "--context", "task", "--output", str(out)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "3,000 conversations (0 left out), 15 contexts x" in done.output
    found = pd.read_parquet(out) if ending == "parquet" else pd.read_csv(out)
    expected = table.to_frame()
    for name in ("context", "value"):
        assert found[name].astype(str).tolist() == expected[name].astype(str).tolist()
    numbers = [name for name in expected if name not in ("context", "value")]
    np.testing.assert_allclose(found[numbers], expected[numbers], rtol=1e-12)
    assert [p.name for p in out.parent.iterdir()] == [out.name]


def test_the_command_says_what_is_wrong_in_one_message(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    for arguments, message in (
        ((*files, "--context", "topic", "--output", tmp_path / "x.csv"), "no column 'topic'"),
        ((*files, "--context", "task", "--output", tmp_path / "x.txt"), "allowed endings are"),
        ((*files, "--context", "task", "--output", files[0] / "x.csv"), "cannot be written"),
        ((tmp_path / "none", files[1], "--output", tmp_path / "x.csv"), "cannot be read"),
    ):
        done = CliRunner().invoke(app, ["associate", *map(str, arguments)])
        assert done.exit_code == 1
        assert done.output.startswith("error: ")
        assert message in done.output
        assert done.output.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_broken_write_leaves_nothing(
    table: AssociationTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("valuescape.counts.association._write", fail)
    with pytest.raises(InputError, match=r"x\.csv: cannot be written: No space left"):
        write_cells(table, tmp_path / "x.csv")
    assert not list(tmp_path.iterdir())


def test_the_command_imports_nothing_heavy(files: tuple[Path, Path], tmp_path: Path) -> None:
    arguments = ["associate", *map(str, files), "--context", "task"]
    script = (
        "import sys\nfrom valuescape.cli import app\n"
        f"for ending in ('csv', 'parquet'):\n"
        f"    out = f'{tmp_path}/x.{{ending}}'\n"
        f"    app([*{arguments!r}, '--output', out], standalone_mode=False)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
