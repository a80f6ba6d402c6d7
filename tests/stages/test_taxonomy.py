"""The stage writes its tables, the same bytes each time, or leaves the old ones alone."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.stages import taxonomy
from valuescape.store import read_table
from valuescape.taxonomy.quality import QUALITY_COLUMNS
from valuescape.taxonomy.values import load_values

FILES = (
    "merged.csv",
    "quality.csv",
    "task_taxonomy.csv",
    "tasks.csv",
    "taxonomy.csv",
    "values.csv",
)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    labels = tmp_path / "data" / "labels"
    labels.mkdir(parents=True)
    for file in (ROOT / "data" / "labels").glob("*.csv"):
        (labels / file.name).write_bytes(file.read_bytes())
    shutil.copytree(ROOT / "data" / "labels" / "embeddings", labels / "embeddings")
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    (tmp_path / "dvc.yaml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def without_built_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what takes longest and is tested by itself."""
    row = ("left_out", -1, "nothing", 0.0, 0.0, 0.0, "share", 1)
    stub = pd.DataFrame([row], columns=QUALITY_COLUMNS)
    monkeypatch.setattr(taxonomy, "_built", lambda *_: stub)


@pytest.mark.slow
def test_trees_built_from_names_alone_are_reported(checkout: Path) -> None:
    params = checkout / "params.yaml"
    text = params.read_text(encoding="utf-8")
    params.write_text(text.replace("tree_resamples: 10", "tree_resamples: 2"), encoding="utf-8")
    taxonomy.main()
    found = pd.read_csv(checkout / "data" / "results" / "taxonomy" / "quality.csv")
    assert list(found.columns) == QUALITY_COLUMNS
    keyed = found.set_index(["quantity", "level", "method"])
    for level in (1, 2, 3):
        both, names = (keyed.loc[("placement_accuracy", level, m), "estimate"]
                       for m in (taxonomy.BOTH, "names"))  # fmt: skip
        assert both > names
        gain = keyed.loc[("company_gain", level, taxonomy.BOTH)]
        assert gain["ci_low"] < gain["estimate"] < gain["ci_high"]
        for method in ("other starts", "other conversations"):
            assert keyed.loc[("tree_agreement", level, method), "estimate"] > 0.2
    assert keyed.loc[("tree_agreement", 1, "built and judged"), "estimate"] > 0.2


@pytest.mark.usefixtures("without_built_trees")
def test_tables_are_written_and_a_bad_file_leaves_them_as_they_were(checkout: Path) -> None:
    taxonomy.main()
    out = checkout / "data" / "results" / "taxonomy"
    assert {path.name for path in out.iterdir()} == set(FILES)
    first = {name: (out / name).read_bytes() for name in FILES}
    assert set(read_table(out / "taxonomy.csv", "taxonomy")["level"]) == {0, 1, 2, 3}
    assert load_values(out / "values.csv")["judged"].all()

    path = checkout / "data" / "labels" / "expressions.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    rows.sample(frac=1, random_state=5).to_csv(path, index=False)
    taxonomy.main()
    assert {name: (out / name).read_bytes() for name in FILES} == first

    twin = rows[rows["value"] == "humor"].iloc[:1].assign(value="Humour", rank="6")
    pd.concat([rows, twin]).to_csv(path, index=False)
    with pytest.raises(InputError, match=rf"expressions\.csv, line {len(rows) + 2}: 'Humour' and"):
        taxonomy.main()
    assert {name: (out / name).read_bytes() for name in FILES} == first
