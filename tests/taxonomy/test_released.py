"""The released tree is read whole; the committed comparison says what its source allows."""

import pandas as pd
import pytest

from tests.paths import ROOT, SHARED, needs_shared
from valuescape.errors import InputError
from valuescape.taxonomy.embedding import table_embedding
from valuescape.taxonomy.released import (
    RELEASED_COLUMNS,
    agreement_with_released,
    released_places,
)

TABLE = ROOT / "data" / "reference" / "released_tree_agreement.csv"
SIZES = (266, 26, 5)


@needs_shared
def test_every_released_name_has_its_clusters() -> None:
    tree = pd.read_csv(SHARED / "published" / "values_tree.csv", keep_default_na=False)
    places = released_places(tree, "values_tree.csv")
    assert len(places) == 3307
    assert [places[f"level{level}"].nunique() for level in (1, 2, 3)] == list(SIZES)
    with pytest.raises(InputError, match=r"x\.csv: each name needs clusters"):
        released_places(tree[tree["level"] != 2], "x.csv")


@pytest.fixture(scope="module")
def figures() -> pd.Series:
    return pd.read_csv(TABLE).set_index(["quantity", "level", "method"])["estimate"]


def test_small_encoders_reach_what_was_measured_before(figures: pd.Series) -> None:
    for method, known in (("both encoders", (0.45, 0.58, 0.73)), ("MiniLM", (0.42, 0.56, 0.71))):
        for level, share in enumerate(known, start=1):
            assert figures["neighbours_share_node", level, method] == pytest.approx(share, abs=0.01)


def test_the_built_tree_has_the_sizes_asked_for_and_no_repeated_name(figures: pd.Series) -> None:
    for level, size in enumerate(SIZES, start=1):
        assert size <= figures["nodes", level, "built by both encoders"] <= size + 3
        assert figures["repeated_names", level, "built by both encoders"] == 0
        assert figures["tree_agreement", level, "built by both encoders"] > 0.1
    assert figures["spelling_twins", 0, "released"] == 38
    shares = [figures[f"mapped_{how}", 0, "judged tree"] for how in
              ("listed", "computed", "unmapped")]  # fmt: skip
    assert sum(shares) == pytest.approx(1.0, abs=1e-4)


def test_a_small_tree_is_compared_from_end_to_end() -> None:
    values = pd.read_csv(ROOT / "data" / "results" / "taxonomy" / "values.csv")
    nodes = pd.read_csv(ROOT / "data" / "results" / "taxonomy" / "taxonomy.csv",
                        keep_default_na=False)  # fmt: skip
    chosen = values[values["polarity"] == "desirable"].groupby("level1").head(4)
    rows = [(v.value_raw, v.value_raw, 0, v.level1) for v in chosen.itertuples()]
    for level in (1, 2, 3):
        above = chosen[f"level{level + 1}"] if level < 3 else ""
        pairs = chosen.assign(above=above)[[f"level{level}", "above"]].drop_duplicates()
        rows += [(node, node, level, parent) for node, parent in pairs.to_numpy().tolist()]
    tree = pd.DataFrame(rows, columns=list(RELEASED_COLUMNS))
    file = ROOT / "data" / "labels" / "embeddings" / "values.parquet"
    table = {"shipped": table_embedding(pd.read_parquet(file), "values.parquet")}
    places = released_places(tree, "tree.csv")
    keyed = agreement_with_released(places, table, values, nodes).set_index(
        ["quantity", "level", "method"]
    )["estimate"]
    assert keyed["mapped_listed", 0, "judged tree"] == 1.0
    for level in (1, 2, 3):
        assert keyed["tree_agreement", level, "judged, names in common"] == pytest.approx(1.0)
        assert keyed["tree_agreement", level, "mapped to the judged tree"] == pytest.approx(1.0)
        assert keyed["nodes", level, "built by shipped"] <= places[f"level{level}"].nunique()
