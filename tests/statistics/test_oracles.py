"""Runs the R scripts again and compares them with what is committed."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.statistics.oracle import ORACLES, oracle

PACKAGES = {
    "agreement": ("psych", "vcd"),
    "corrected_survey": ("survey",),
    "crossed": ("lme4",),
    "design_richness": ("vegan",),
    "design_survey": ("survey",),
    "paired": ("survival",),
    "pick_any": ("survey",),
    "rotation": ("psych",),
    "standardisation": ("survey",),
}
LOOSE = {"crossed": 1e-5, "gamma_mixture": 1e-4, "rotation": 1e-6}

needs_r = pytest.mark.skipif(shutil.which("Rscript") is None, reason="needs Rscript on the path")


def r(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["Rscript", "--vanilla", *arguments], capture_output=True, text=True, check=False
    )


@needs_r
@pytest.mark.parametrize("name", sorted(path.stem for path in ORACLES.glob("*.csv")))
def test_script_writes_what_is_committed(name: str, tmp_path: Path) -> None:
    for package in PACKAGES.get(name, ()):
        if r("-e", f"loadNamespace('{package}')").returncode:
            pytest.skip(f"needs the R package {package}")
    done = r(str(ORACLES / f"{name}.R"), str(tmp_path / "out.csv"))
    assert done.returncode == 0, done.stderr
    fresh, committed = pd.read_csv(tmp_path / "out.csv"), oracle(name)
    pd.testing.assert_frame_equal(
        fresh, committed, check_exact=False, rtol=LOOSE.get(name, 1e-9), atol=1e-12
    )


def test_every_script_has_its_table() -> None:
    scripts = {path.stem for path in ORACLES.glob("*.R")} - {"session"}
    assert scripts == {path.stem for path in ORACLES.glob("*.csv")}
    assert "R version" in (ORACLES / "sessionInfo.txt").read_text(encoding="utf-8")
    assert all(np.isfinite(oracle("multiplicity")["p"]))
