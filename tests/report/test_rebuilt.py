"""A rebuild is compared with the commit file by file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from valuescape.cli import app
from valuescape.errors import InputError
from valuescape.report.rebuilt import compare_bytes, compare_with_commit

LOCK = """schema: '2.0'
stages:
  count:
    cmd: python -m valuescape.stages.count
    deps:
    - path: data/labels
      hash: md5
      md5: {md5}.dir
      size: {size}
      nfiles: 9
"""


def test_a_lock_file_differs_only_in_more_than_hashes() -> None:
    first = LOCK.format(md5="0a1b2c3d", size=100).encode()
    second = LOCK.format(md5="ff00ee11", size=101).encode()
    assert compare_bytes(first, second) == "equal within 1e-6"
    assert compare_bytes(first, second.replace(b"count", b"kount")) == "different"


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (b"a", b"a", "identical"),
        (b"x,1.0", b"x,1.0000005", "equal within 1e-6"),
        (b"x,1.0", b"x,1.000002", "different"),
        (b"x,1e8", b"x,100000050", "equal within 1e-6"),
        (b"x,7.8599", b"x,7.86", "equal within 1e-6"),
        (b"x,1.0035", b"x,1.0037", "different"),
        (b"x,2.5799e-06", b"x,2.58e-06", "equal within 1e-6"),
        (b"x,-1.9859", b"x,-1.986", "equal within 1e-6"),
        (b"x,0.47", b"x,0.48", "different"),
        (b"x,12345", b"x,12346", "different"),
        (b"x,1e8", b"x,1.00001e8", "different"),
        (b"x,0.0", b"x,-9e-7", "equal within 1e-6"),
        (b"x,0.5", b"y,0.5", "different"),
        (b"x,0.5", b"x,", "different"),
        (b"x,nan", b"x,0", "different"),
        (b"1\n2\n", b"1\n2\n3\n", "different"),
        (b"\x89PNG\xff", b"\x89PNG\xfe", "different"),
        (b"sure,true", b"sure,false", "different"),
        (b"g00012", b"g00013", "different"),
    ],
)
def test_verdicts(before: bytes, after: bytes, verdict: str) -> None:
    assert compare_bytes(before, after) == verdict


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6), st.integers(-4, 4))
def test_small_changes_of_numbers_pass_and_large_ones_do_not(values: list[float], k: int) -> None:
    def text(shift: float) -> bytes:
        return "\n".join(f"v,{v + shift * max(1.0, abs(v)):.12g}" for v in values).encode()

    assert compare_bytes(text(0), text(k * 1e-7)) != "different"
    assert compare_bytes(text(0), text(1e-4)) == "different"


def git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    files = {
        "data/results/count/cells.csv": "k,n\na,1.5\n",
        "data/results/count/old.csv": "k\n1\n",
        "figures/one.csv": "x\n1.5\n",
        "figures/one.png": "\x89 first",
        "figures/one.svg": "<svg>1</svg>",
        "paper/_variables.yml": "n: 5\n",
        "dvc.lock": LOCK.format(md5="0a", size=1),
        "README.md": "not rebuilt",
        "params.yaml": "",
        "dvc.yaml": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_an_unchanged_checkout_is_identical(repository: Path) -> None:
    (repository / "README.md").write_text("changed", "utf-8")
    found = compare_with_commit(repository, exact=True)
    assert found.accepted
    assert set(found.verdicts.values()) == {"identical"}
    assert "README.md" not in found.verdicts
    assert found.text == (
        "rebuilt against the commit: 7 files identical, 0 equal within 1e-6, 0 different"
    )


def test_changes_are_told_apart(repository: Path) -> None:
    (repository / "data/results/count/cells.csv").write_text("k,n\na,1.5000001\n", "utf-8")
    (repository / "data/results/count/old.csv").unlink()
    (repository / "data/results/count/new.csv").write_text("k\n1\n", "utf-8")
    (repository / "paper/_variables.yml").write_text("n: 6\n", "utf-8")
    (repository / "figures/one.png").write_text("\x89 second", "utf-8")
    (repository / "figures/one.svg").write_text("<svg>2</svg>", "utf-8")
    (repository / "dvc.lock").write_text(LOCK.format(md5="1b", size=2), "utf-8")
    found = compare_with_commit(repository)
    assert found.verdicts == {
        "data/results/count/cells.csv": "equal within 1e-6",
        "data/results/count/new.csv": "different",
        "data/results/count/old.csv": "different",
        "dvc.lock": "equal within 1e-6",
        "figures/one.csv": "identical",
        "figures/one.png": "equal within 1e-6",
        "figures/one.svg": "equal within 1e-6",
        "paper/_variables.yml": "different",
    }
    assert not found.accepted
    assert "  different: paper/_variables.yml" in found.text


def test_exact_accepts_bytes_alone(repository: Path) -> None:
    (repository / "data/results/count/cells.csv").write_text("k,n\na,1.5000001\n", "utf-8")
    assert compare_with_commit(repository).accepted
    assert not compare_with_commit(repository, exact=True).accepted


def test_a_picture_whose_data_changed_is_different(repository: Path) -> None:
    (repository / "figures/one.csv").write_text("x\n2.5\n", "utf-8")
    (repository / "figures/one.png").write_text("\x89 second", "utf-8")
    assert compare_with_commit(repository).verdicts["figures/one.png"] == "different"


def test_a_folder_without_a_commit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a Git checkout with a commit"):
        compare_with_commit(tmp_path)
    git(tmp_path, "init", "-q")
    with pytest.raises(InputError, match="not a Git checkout with a commit"):
        compare_with_commit(tmp_path)


def test_the_command_ends_by_its_verdict(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository)
    run = CliRunner().invoke
    assert run(app, ["rebuilt", "--exact"]).exit_code == 0
    (repository / "data/results/count/cells.csv").write_text("k,n\na,1.5000001\n", "utf-8")
    assert run(app, ["rebuilt"]).exit_code == 0
    assert run(app, ["rebuilt", "--exact"]).exit_code == 1
    (repository / "params.yaml").unlink()
    result = run(app, ["rebuilt"])
    assert result.exit_code == 1
    assert "error: " in result.stderr
