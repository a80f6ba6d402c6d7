"""The wheel alone, in another folder, labels and counts the demo corpus."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.paths import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the wheel: what an installer does with one of pure Python."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_the_package_and_its_resources_alone(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    assert wheel.stat().st_size < 12e6
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"valuescape", f"{wheel.name[:16]}.dist-info"}
    held = set(names)
    package = ROOT / "analysis" / "valuescape"
    for path in package.rglob("*"):
        shown = path.relative_to(package.parent).as_posix()
        if path.is_file() and "__pycache__" not in shown:
            assert shown in held, shown
    assert not [n for n in names if "__pycache__" in n or n.endswith((".pyc", ".jsonl.gz"))]


def run_alone(installed: Path, folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_runs_the_demo_outside_a_checkout(installed: Path, tmp_path: Path) -> None:
    program = (
        "import sys, valuescape; "
        f"assert valuescape.__file__.startswith({str(installed)!r}), valuescape.__file__; "
        "from valuescape.cli import app; "
        "sys.argv = ['valuescape', 'demo', '--output', 'out']; app()"
    )
    done = run_alone(installed, tmp_path, program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    assert any((tmp_path / "out").rglob("*")), "the demo writes its tables"
    assert (tmp_path / "out" / "report" / "report.html").is_file()
    assert (tmp_path / "out" / "report" / "explorer.html").is_file()
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_the_wheel_says_how_to_cite_it_without_a_checkout(installed: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from valuescape.cli import app; "
        "sys.argv = ['valuescape', 'cite', '--format', 'cff']; app()"
    )
    done = run_alone(installed, tmp_path, program)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == (ROOT / "CITATION.cff").read_text("utf-8").strip()


def test_the_command_is_an_entry_point_and_needs_no_heavy_library_to_say_its_version(
    installed: Path, tmp_path: Path
) -> None:
    (entry,) = installed.glob("*.dist-info/entry_points.txt")
    assert "valuescape = valuescape.cli:app" in entry.read_text("utf-8")
    heavy = "('pandas', 'numpy', 'scipy', 'sklearn', 'statsmodels', 'matplotlib')"
    program = (
        "import sys; from valuescape.cli import app; sys.argv = ['valuescape', '--version']\n"
        "try: app()\n"
        "except SystemExit: pass\n"
        f"print([m for m in {heavy} if m in sys.modules])"
    )
    done = run_alone(installed, tmp_path, program)
    from valuescape import __version__

    assert done.stdout.split("\n")[:2] == [__version__, "[]"], done.stderr
