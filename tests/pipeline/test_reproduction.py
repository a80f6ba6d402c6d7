"""The whole pipeline elsewhere: the same bytes under another clock, language or processor."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

pytestmark = pytest.mark.slow
ELSEWHERE = {
    "hash seed, time zone and language": {
        "PYTHONHASHSEED": "12345",
        "TZ": "Asia/Kathmandu",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "tr_TR.UTF-8",
    },
    "an older processor": {
        "OPENBLAS_CORETYPE": "Nehalem",
        "NPY_DISABLE_CPU_FEATURES": "X86_V3",
    },
    "two threads": {
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
        "NUMBA_NUM_THREADS": "2",
    },
}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_every_result_and_figure_comes_out_as_committed(where: str, tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("needs git")
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
    environment = os.environ | ELSEWHERE[where]
    environment |= {
        "PYTHONPATH": str(checkout / "analysis"),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "NUMBA_CACHE_DIR": str(tmp_path / "compiled"),
    }
    subprocess.run(
        [sys.executable, "-m", "dvc", "repro", "--force", "--quiet"],
        cwd=checkout,
        env=environment,
        check=True,
        capture_output=True,
    )
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--", "data", "figures", "paper"],
        cwd=checkout,
        check=True,
        capture_output=True,
        text=True,
    )
    assert changed.stdout == ""
