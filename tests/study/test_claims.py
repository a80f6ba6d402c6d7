"""Published claims are judged as they say, each in its family."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from tests.paths import ROOT
from valuescape.schema import TABLES
from valuescape.store import read_table
from valuescape.study.claims import judge_claims

# key: log10 p, risk ratio, primed
TESTED = {
    "strong": (-8.0, 3.0, True),
    "weak": (-1.6, 2.0, True),
    "null": (-0.2, 1.1, True),
    "against": (-9.0, 0.2, False),
    "alone": (-1.4, 1.5, False),
}


def claims() -> pd.DataFrame:
    names = [*TESTED, "no context", "no value", "other"]
    table = pd.DataFrame(
        {
            "key": names,
            "group": "ordinary",
            "context_kind": "task_type",
            "context": ["c"] * 5 + ["elsewhere", "c", "c"],
            "value": [*TESTED, "strong", "unread", "strong"],
            "primed": [p for *_, p in TESTED.values()] + [False, False, True],
            "why_not": [""] * 7 + ["said of another kind of material"],
        }
    )
    for column in TABLES["claims"].columns:
        if column not in table:
            table[column] = ""
    return table


def cells() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "group": "ordinary",
            "context": "c",
            "value": list(TESTED),
            "log10_p": [p for p, *_ in TESTED.values()],
            "risk_ratio": [r for _, r, _ in TESTED.values()],
            "ci_low": 0.1,
            "ci_high": 9.0,
            "n_both": 10,
            "n_context": 100,
            "n_value": 50,
        }
    )


FOUND = judge_claims(claims(), {"task_type": cells()}, level=0.05).set_index("key")


def test_p_values_are_adjusted_within_primed_and_within_the_rest() -> None:
    for primed in (True, False):
        names = [name for name, (*_, p) in TESTED.items() if p == primed]
        p = [10.0 ** TESTED[name][0] for name in names]
        holm = multipletests(p, method="holm")[1]
        np.testing.assert_allclose(FOUND.loc[names, "holm"].astype(float), holm)


def test_verdicts() -> None:
    assert FOUND["verdict"].to_dict() == {
        "strong": "holds",
        "weak": "not shown",
        "null": "not shown",
        "against": "contrary",
        "alone": "holds",
        "no context": "cannot be tested",
        "no value": "cannot be tested",
        "other": "cannot be tested",
    }


def test_what_cannot_be_tested_says_why() -> None:
    assert FOUND.loc["no context", "why_not"] == "the context has too few prompt groups"
    assert FOUND.loc["no value", "why_not"] == "the value was read in too few conversations"
    assert FOUND.loc["other", "why_not"] == "said of another kind of material"
    assert (FOUND.loc[list(TESTED), "why_not"] == "").all()


def test_a_stricter_level_lets_fewer_hold() -> None:
    strict = judge_claims(claims(), {"task_type": cells()}, level=0.01).set_index("key")
    assert strict.loc["alone", "verdict"] == "not shown"
    assert strict.loc["strong", "verdict"] == "holds"


def test_a_cell_that_cannot_be_compared_is_not_shown_or_untestable() -> None:
    """A context that is a whole stratum has no risk ratio and a p-value of one."""
    alone = cells().assign(log10_p=0.0, risk_ratio=np.nan)
    found = judge_claims(claims(), {"task_type": alone}, level=0.05).set_index("key")
    assert set(found.loc[list(TESTED), "verdict"]) <= {"not shown", "cannot be tested"}


def test_claims_of_the_repository_are_of_cells_that_can_be_named() -> None:
    given = read_table(ROOT / "data" / "reference" / "claims.csv", "claims")
    assert given["key"].is_unique
    told = pd.read_csv(ROOT / "data/results/respond/claims.csv", keep_default_na=False)
    assert sorted(told["key"]) == sorted(given["key"])
    judged = told[told["verdict"] != "cannot be tested"]
    assert (judged["log10_p"] != "").all()
    assert (judged["why_not"] == "").all()
    assert (told.loc[told["verdict"] == "cannot be tested", "why_not"] != "").all()


@pytest.mark.parametrize("kind", ["task_type"])
def test_rows_keep_the_claims_words(kind: str) -> None:
    assert (FOUND["context_kind"] == kind).all()
    assert list(FOUND.index) == claims()["key"].tolist()
