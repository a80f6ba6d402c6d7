"""The stage as DVC calls it: from the root of a checkout, saying which renderer ran."""

import subprocess
import sys
from pathlib import Path

from tests.paper.workshop import build
from valuescape.report.rendering import choose_renderer


def run(checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "valuescape.stages.render"]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


def test_the_stage_renders_once_and_names_its_renderer(tmp_path: Path) -> None:
    paper = build(tmp_path)
    for name in ("params.yaml", "dvc.yaml"):
        (tmp_path / name).touch()
    first, second = run(tmp_path), run(tmp_path)
    name = choose_renderer().name
    assert first.stdout.startswith(f"paper rendered by {name} ("), first.stderr
    assert second.stdout.startswith(f"paper unchanged since it was rendered by {name} (")
    assert (paper / "paper.pdf").is_file()


def test_a_hole_ends_the_stage_with_its_message(tmp_path: Path) -> None:
    build(tmp_path, "See @fig-none.\n")
    for name in ("params.yaml", "dvc.yaml"):
        (tmp_path / name).touch()
    done = run(tmp_path)
    assert done.returncode != 0
    assert "cross-reference @fig-none has no label" in done.stderr
