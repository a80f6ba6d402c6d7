"""The colophon names what the lock file pins, and labels by their content."""

from pathlib import Path

import pytest

import valuescape
from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.report.colophon import colophon, digest


def test_versions_are_those_of_the_lock_file() -> None:
    lock = ROOT / "requirements.lock"
    found = colophon(lock, ROOT / "data" / "reference")
    assert found.pop("valuescape") == valuescape.__version__
    assert found.pop("labels") == digest(ROOT / "data" / "reference")
    text = lock.read_text(encoding="utf-8")
    for key, versions in found.items():
        package = {"scikit_learn": "scikit-learn", "pypandoc": "pypandoc-binary"}.get(key, key)
        for version in versions.split(" or "):
            assert f"\n{package}=={version}" in text


def test_a_package_that_is_not_pinned_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("numpy==1.2.3\n")
    with pytest.raises(InputError, match=r"requirements\.lock: scipy is not pinned"):
        colophon(lock, tmp_path)


def test_the_digest_follows_names_and_content_and_nothing_hidden(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    first = digest(tmp_path)
    (tmp_path / ".a.csv.new").write_text("y")
    assert digest(tmp_path) == first
    (tmp_path / "a.csv").write_text("z")
    second = digest(tmp_path)
    (tmp_path / "a.csv").rename(tmp_path / "b.csv")
    assert len({first, second, digest(tmp_path)}) == 3
