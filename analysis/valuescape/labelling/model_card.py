"""The model card of the shipped labeller, written from its description and its figures."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

from valuescape.labelling.card_tables import goals, interval, tried
from valuescape.labelling.embedded import EmbeddedLabeller
from valuescape.labelling.features import BITS
from valuescape.labelling.fitting import HEADING
from valuescape.labelling.gallery import gallery
from valuescape.labelling.latent import DIRECTIONS, TEXTS
from valuescape.labelling.model import load_model
from valuescape.store import write_text

LICENCES = {
    "alpaca_eval": "CC BY-NC 4.0",
    "arena-hard-v0.1": "Apache-2.0",
    "arena-hard-v2.0": "Apache-2.0",
    "hh-rlhf-harmless-test": "MIT",
    "just-eval-instruct": "MIT",
    "oasst-en-100-tree": "Apache-2.0",
    "oasst-model-eval": "Apache-2.0",
    "vicuna-blog-eval": "Apache-2.0",
    "xstest-v2": "CC BY 4.0",
}
_HEADLINES = (
    ("subjective", "all", "kappa", "Subjective or not: Cohen's kappa"),
    ("task_type", "all", "kappa", "Task type (16): Cohen's kappa"),
    ("task_type", "all", "macro_f1", "Task type: macro F1"),
    ("response_type", "all", "kappa", "Response type (7): Cohen's kappa"),
    ("response_type", "all", "macro_f1", "Response type: macro F1"),
    ("assistant_value", "common", "mean_average_precision", "40 commonest values: mean AP"),
    ("assistant_value", "common", "mean_auc", "40 commonest values: mean AUC"),
    ("assistant_value", "common", "mean_base_rate", "40 commonest values: mean base rate"),
    ("assistant_value", "all", "mean_average_precision", "All listed values: mean AP"),
    ("heading_value", "all", "mean_average_precision", "The taxonomy's 8 top headings: mean AP"),
    ("heading_value", "all", "mean_base_rate", "The taxonomy's 8 top headings: mean base rate"),
    ("subjective", "subjective", "calibration_error", "Subjective: calibration error"),
    ("task_type", "all", "calibration_error", "Task type: calibration error"),
    ("response_type", "all", "calibration_error", "Response type: calibration error"),
    ("assistant_value", "all", "calibration_error", "All listed values: calibration error"),
    ("heading_value", "all", "calibration_error", "Top headings: calibration error"),
)
_ITEM = ("base_rate", "precision", "recall", "average_precision", "auc", "calibration_error")
_INTRODUCTION = """\
Labels conversations between a user and an AI assistant, offline: whether a good answer depends on
judgement, what the user wants (16 task types), the assistant's stance towards the user's values
(7 response types), and which of {n_values} values the assistant or the user expresses.
Further heads, whose probabilities are released with the study's labels, say which top headings of
the value taxonomy the assistant's values stand under; the taxonomy was built from readings alone.
It was fitted to readings: labels that Claude language models wrote after reading each conversation
whole under the codebook of this project. No person labelled the training data.

## How it works
Six families of hashed n-grams (words and characters of the whole conversation, of the user's
turns, of the first 200 characters of each reply, of the last reply; {buckets:,} buckets each), 18
measures of form (lengths, lists, code blocks, punctuation), and {directions} latent directions
among the n-grams, learnt without labels from {texts:,} texts (latent semantic analysis). Ridge
heads, fitted to the mean of all closed readings of a conversation (for the facets also the open
ones), and one logistic head are linear in n-grams and form and add a Gaussian kernel: a
conversation is drawn towards the read conversations it lies near among the latent directions. The
weights are stored in 8 and 16 bits; calibrating logistic models are fitted to scores held out by
prompt group.
The file holds numbers for buckets and, for each of the {readings:,} conversations fitted on, its
place among the latent directions and its pull on each head; no n-gram of any text. A
conversation's label depends on its own text alone.
"""
_LIMITS = """\
## What it should not be used for
- Not for judging one conversation, one user or one assistant: single labels are often wrong.
  Use it for shares over many conversations, corrected against readings or people's labels.
- Not as a safety filter, and not for decisions about people.
- Not as evidence of an assistant's inner values: it labels text.
- English only. The training conversations are public prompts of 2022-2025, many adversarial, most
  of one exchange and under 4,000 characters; elsewhere these figures do not hold. On our invented
  demo corpus, whose style differs, agreement is clearly lower.
- It cannot tell explicit from implicit values and writes no task phrase.
- Values read fewer than 30 times are not in its list; rare ones in the list are weak (see below).
- The figures compare with readings, and two readers do not always agree with each other either
  (see the data card).
"""


def write_model_card(machine: Path, comparison: Path, weights: Path) -> None:
    """Write ``MODEL_CARD.md`` beside the weights.

    Parameters
    ----------
    machine : Path
        Folder of machine labels with ``metrics.csv`` and ``xstest_check.csv``.
    comparison : Path
        Table of labellers that were tried.
    weights : Path
        The shipped weights (``.npz``); their description is read from beside them.
    """
    description = json.loads(weights.with_suffix(".json").read_text(encoding="utf-8"))
    figures = pd.read_csv(machine / "metrics.csv")
    people = pd.read_csv(machine / "xstest_check.csv")
    sections = [
        f"# Model card: embedded-{description['version']}",
        _introduction(description),
        _training(description, weights),
        _headlines(figures),
        goals(figures, people),
        _refusals(people),
        tried(pd.read_csv(comparison)),
        gallery(EmbeddedLabeller(load_model(weights))),
        _LIMITS,
        _items(figures, _shipped_training(description)),
    ]
    write_text("\n".join(sections), weights.with_name("MODEL_CARD.md"))


def _introduction(description: dict[str, Any]) -> str:
    return _INTRODUCTION.format(
        n_values=sum(party != HEADING for party, _ in description["values"]),
        buckets=1 << BITS,
        directions=DIRECTIONS,
        texts=TEXTS,
        readings=sum(description["readings"].values()),
    )


def _shipped_training(description: dict[str, Any]) -> str:
    return "without_alpaca_eval" if description["excluded_sources"] else "all"


def _training(description: dict[str, Any], weights: Path) -> str:
    rows = [
        f"| {source} | {n:,} | {LICENCES[source]} |"
        for source, n in description["readings"].items()
    ]
    commercial = (
        "No source forbids commercial use."
        if "alpaca_eval" in description["excluded_sources"]
        else "alpaca_eval is CC BY-NC 4.0: for non-commercial use only."
    )
    return "\n".join(
        [
            "## Fitted on",
            "| source | readings | licence of the text |",
            "|---|---|---|",
            *rows,
            "",
            f"{commercial} Weights: {weights.stat().st_size / 1e6:.2f} MB, "
            f"SHA-256 `{description['sha256']}`.",
            "",
        ]
    )


def _headlines(figures: pd.DataFrame) -> str:
    """Return one row a figure: both training sets on all readings, and on other sources'."""
    keys = ["training", "evaluated_on", "facet", "item", "quantity"]
    found = {tuple(row[k] for k in keys): row for row in figures.to_dict("records")}
    columns = (
        ("all", "all"),
        ("without_alpaca_eval", "all"),
        ("all", "without_alpaca_eval"),
        ("without_alpaca_eval", "without_alpaca_eval"),
    )
    rows = []
    for facet, item, quantity, name in _HEADLINES:
        cells = [interval(found[(*column, facet, item, quantity)]) for column in columns]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(
        [
            "## Held-out figures",
            "Ten folds by prompt group: heads, calibration and thresholds see no reading of the",
            "fold they label. Document frequencies and latent directions are learnt once, from",
            "texts without labels, the held-out ones among them. 95 % intervals by bootstrap of",
            "prompt groups. Fitted with and without alpaca_eval, compared with all readings and",
            "with those of the other sources.",
            "",
            "| figure | fitted on all, all readings | without alpaca_eval, all readings "
            "| fitted on all, other readings | without alpaca_eval, other readings |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _refusals(people: pd.DataFrame) -> str:
    rows = [
        f"| {r['labeller']} | {r['predicted']} / {r['human']} | {r['model']} "
        f"| {interval(r)} | {r['n']} |"
        for r in people.to_dict("records")
        if r["quantity"] == "agreement"
    ]
    return "\n".join(
        [
            "## Against people's labels",
            "XSTest v2 carries refusal labels that people gave. The labeller here was fitted",
            "without any XSTest reading; readings are compared where conversations were read.",
            "",
            "| labeller | predicted / human | assistant | agreement | n |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _items(figures: pd.DataFrame, training: str) -> str:
    own = figures[(figures["training"] == training) & (figures["evaluated_on"] == training)]
    wide = own.pivot_table(
        index=["facet", "item"], columns="quantity", values="estimate", sort=True
    )
    wide = wide[wide["average_precision"].notna()].sort_values(
        ["facet", "base_rate"], ascending=[True, False]
    )
    rows = [
        f"| {row['facet']} | {row['item']} | " + " | ".join(_cell(row[k]) for k in _ITEM) + " |"
        for row in wide.reset_index().to_dict("records")
    ]
    return "\n".join(
        [
            "## Every class and value",
            "Fitted as shipped, compared with the readings it may learn from, held out.",
            "",
            "| facet | item | base rate | precision | recall | AP | AUC | calibration error |",
            "|---|---|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _cell(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"
