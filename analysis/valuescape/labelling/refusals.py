"""The outside check: refusals as people labelled them in XSTest, and as we label them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from valuescape.corpora.jsonl import read_jsonl
from valuescape.labelling import evaluation as ev

XSTEST = "xstest-v2"
FULL_REFUSAL = "2_full_refusal"
PARTIAL_REFUSAL = "3_partial_refusal"
COLUMNS = (
    "labeller",
    "predicted",
    "human",
    "model",
    "quantity",
    "estimate",
    "ci_low",
    "ci_high",
    "n",
    "n_clusters",
)


def human_refusals(folder: Path) -> dict[str, str]:
    """Return the label that people gave each XSTest conversation of a folder of corpora."""
    path = folder / "xstest_v2.jsonl.gz"
    return {c.id: str(c.meta["final_label"]) for c in read_jsonl(path)}


def refusal_table(
    answers: pd.DataFrame, human: dict[str, str], labeller: str, n_boot: int, seed: int
) -> pd.DataFrame:
    """Compare response types with human refusal labels.

    Parameters
    ----------
    answers : DataFrame
        conversation_id, model, prompt_group and response_type of XSTest conversations.
    human : dict
        Human label by conversation.
    labeller : str
        Who gave the response types.
    n_boot : int
        Draws of prompt groups behind each interval.
    seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        Agreement (share) and Cohen's kappa: strong resistance against full refusal, and any
        resistance against any refusal; for all assistants and each.
    """
    label = answers["conversation_id"].map(human)
    strong = (answers["response_type"] == "strong_resistance").to_numpy()
    any_ = answers["response_type"].isin(["strong_resistance", "mild_resistance"]).to_numpy()
    full = (label == FULL_REFUSAL).to_numpy()
    some = label.isin([FULL_REFUSAL, PARTIAL_REFUSAL]).to_numpy()
    rows = []
    for predicted, said, truth, refused in (
        ("strong_resistance", strong, "full_refusal", full),
        ("any_resistance", any_, "any_refusal", some),
    ):
        for model, part in _parts(answers["model"]):
            groups = answers["prompt_group"].to_numpy(dtype=str)[part]
            weights = ev.bootstrap_weights(groups, n_boot, seed)
            a, b = refused[part].astype(np.int64), said[part].astype(np.int64)
            for quantity, metric in (
                ("agreement", ev.accuracy(a, b)),
                ("kappa", ev.kappa(a, b, 2)),
            ):
                f = ev.figure(metric, weights)
                size = (int(part.sum()), len(np.unique(groups)))
                name = (labeller, predicted, truth, model, quantity)
                rows.append((*name, f.estimate, f.ci_low, f.ci_high, *size))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _parts(models: pd.Series) -> Iterator[tuple[str, npt.NDArray[np.bool_]]]:
    yield "all", np.ones(len(models), dtype=bool)
    for name in sorted(models.unique()):
        yield name, (models == name).to_numpy()
