"""The committed machine labels: whole, in folds, and as good as stated."""

import json

import numpy as np
import pandas as pd
import pytest

from tests.paths import ROOT
from valuescape.labelling.crossfit import folds_by_group
from valuescape.labelling.embedded import shipped_weights
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES
from valuescape.store import read_table

LABELS = ROOT / "data" / "labels"
MACHINE = LABELS / "machine"
FIGURES = json.loads((MACHINE / "metrics.json").read_text(encoding="utf-8"))
# training set, facet, quantity, least estimate
GOALS = [
    ("subjective", "kappa", 0.77),
    ("task_type", "kappa", 0.68),
    ("response_type", "kappa", 0.575),
    ("assistant_value", "mean_average_precision_common_values", 0.425),
    ("heading_value", "mean_average_precision", 0.66),
]


@pytest.fixture(scope="module")
def labels() -> pd.DataFrame:
    return read_table(MACHINE / "labels.parquet", "machine_labels")


def test_every_conversation_is_labelled_by_the_fold_of_its_group(labels: pd.DataFrame) -> None:
    known = read_table(LABELS / "conversations.csv", "conversations")
    assert labels["conversation_id"].tolist() == known["conversation_id"].tolist()
    assert labels["fold"].tolist() == folds_by_group(known["prompt_group"].tolist()).tolist()


def test_probabilities_sum_to_one_and_bound_the_values(labels: pd.DataFrame) -> None:
    for names in (TASK_TYPES, RESPONSE_TYPES):
        total = labels[[f"p_{name}" for name in names]].sum(axis=1)
        assert np.abs(total - 1).max() < 0.02
    for name in ("value", "user_value", "heading"):
        wide = pd.read_parquet(MACHINE / f"{name}_probabilities.parquet")
        assert wide["conversation_id"].tolist() == labels["conversation_id"].tolist()
        values = wide.drop(columns="conversation_id").to_numpy()
        assert (values <= labels["p_subjective"].to_numpy()[:, None] + 0.003).all()


def test_expressions_belong_to_subjective_conversations(labels: pd.DataFrame) -> None:
    expressions = read_table(MACHINE / "expressions.parquet", "machine_expressions")
    subjective = labels.set_index("conversation_id")["subjective"]
    assert subjective.loc[expressions["conversation_id"]].all()


@pytest.mark.parametrize(("facet", "quantity", "least"), GOALS)
def test_held_out_figures_reach_their_goals(facet: str, quantity: str, least: float) -> None:
    assert FIGURES["all"]["all"][facet][quantity][0] >= least


def test_leaving_out_alpaca_eval_costs_at_most_two_hundredths_of_kappa() -> None:
    for facet in ("subjective", "task_type", "response_type"):
        whole = FIGURES["all"]["all"][facet]["kappa"][0]
        without = FIGURES["without_alpaca_eval"]["all"][facet]["kappa"][0]
        assert whole - without <= 0.02


def test_machine_labels_stay_small() -> None:
    assert sum(path.stat().st_size for path in MACHINE.iterdir()) < 7_000_000


def test_calibration_errors_are_within_three_hundredths() -> None:
    figures = pd.read_csv(MACHINE / "metrics.csv")
    own = figures[(figures["training"] == "all") & (figures["evaluated_on"] == "all")]
    own = own[own["item"].isin(["all", "subjective"])]
    errors = own.loc[own["quantity"] == "calibration_error", "estimate"]
    assert len(errors) == 5
    assert errors.max() <= 0.03


def test_refusals_agree_with_people_without_their_labels() -> None:
    people = pd.read_csv(MACHINE / "xstest_check.csv").set_index(
        ["labeller", "predicted", "model", "quantity"]
    )
    found = people.loc[("embedded-2-without-xstest", "strong_resistance", "all", "agreement")]
    assert found["estimate"] >= 0.89


def test_embeddings_were_compared_and_the_model_card_says_so() -> None:
    table = pd.read_csv(LABELS / "labeller_comparison.csv").set_index(["candidate", "facet"])
    assert (table.loc["n-grams and form, first readings", "difference"] < 0).all()
    card = shipped_weights().with_name("MODEL_CARD.md").read_text(encoding="utf-8")
    assert all(f"| {name} |" in card for name in table.index.get_level_values(0))
