"""What the report says of the labeller is what its metrics say."""

from __future__ import annotations

import json
from importlib.resources import files

import pandas as pd
import pytest

from tests.paths import ROOT
from valuescape.labelling.command import full_name
from valuescape.labelling.embedded import load_embedded
from valuescape.own.quality import labeller_quality

METRICS = ROOT / "data" / "labels" / "machine" / "metrics.csv"


def test_figures_are_those_of_the_shipped_labeller() -> None:
    quality = labeller_quality(full_name(load_embedded()))
    assert quality is not None
    found = pd.read_csv(METRICS)
    kappa = found.query(
        "training == 'without_alpaca_eval' and evaluated_on == 'all' and facet == 'task_type' "
        "and item == 'all' and quantity == 'kappa'"
    )
    told = dict(quality.headlines)["Task type (16): Cohen's kappa"]
    assert told.startswith(f"{kappa['estimate'].iloc[0]:.3f} (")


def test_precision_and_recall_are_there_for_every_value_of_the_list() -> None:
    quality = labeller_quality(full_name(load_embedded()))
    assert quality is not None
    weights = files("valuescape.resources") / "labeller" / "embedded-2.json"
    described = json.loads(weights.read_text("utf-8"))["values"]
    listed = {value for party, value in described if party == "assistant"}
    assert set(quality.values["name"]) == listed
    assert quality.values[["precision", "recall"]].to_numpy() == pytest.approx(0.5, abs=0.5)
