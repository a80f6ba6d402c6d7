"""Label the study's corpora by models that saw no reading of the conversation's prompt group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from valuescape.labelling.crossfit import CrossFit, cross_fit
from valuescape.labelling.decisions import Decisions, decided, labels
from valuescape.labelling.embedded import VERSION, shipped_weights
from valuescape.labelling.features import Counts
from valuescape.labelling.fitting import HEADING, Targets, fit_model
from valuescape.labelling.heldout import KEY, heldout_figures
from valuescape.labelling.latent import thinned
from valuescape.labelling.model import Probabilities, probabilities
from valuescape.labelling.model_card import write_model_card
from valuescape.labelling.refusals import XSTEST, human_refusals, refusal_table
from valuescape.labelling.space import Space, fit_space, placed
from valuescape.labelling.tables import (
    machine_expression_frame,
    machine_label_frame,
    probability_frame,
    write_parquet,
)
from valuescape.labelling.training import (
    build_targets,
    corpus_features,
    first_readings,
    learnable_values,
)
from valuescape.paths import paths
from valuescape.progress import steps
from valuescape.schema import COLUMNS, RESPONSE_TYPES, TABLES, Column
from valuescape.stages import run
from valuescape.stages.acquire.choices import LabelCorpora, corpora_folder, load_choices
from valuescape.store import read_table, replaced_folder, write_json, write_table

LABELLER = f"embedded-{VERSION}"
NON_COMMERCIAL = "alpaca_eval"
_DIGITS = 5
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Corpus:
    """All conversations of the study, their features and their readings.

    Attributes
    ----------
    conversations : DataFrame
        One row a conversation.
    counts : Counts
        Features, in that order.
    read : ndarray of int64, shape (n_read,)
        Rows that were read.
    targets : Targets
        Readings of those rows.
    """

    conversations: pd.DataFrame
    counts: Counts
    read: Rows
    targets: Targets

    def not_from(self, source: str) -> Rows:
        """Return the places in ``read`` of conversations from other sources."""
        return np.flatnonzero(self.conversations["source"].to_numpy()[self.read] != source)

    def space_without(self, source: str) -> Space:
        """Learn a space from conversations of other sources, read or not."""
        rows = np.flatnonzero(self.conversations["source"].to_numpy() != source)
        return fit_space(self.counts.rows(thinned(rows)))


def load_corpus(labels_folder: Path, taxonomy: Path, corpora: Path) -> Corpus:
    """Read the released readings and the texts they are about."""
    conversations = read_table(labels_folder / "conversations.csv", "conversations")
    readings = first_readings(labels_folder, taxonomy)
    row = {name: i for i, name in enumerate(conversations["conversation_id"])}
    read = np.array([row[name] for name in readings.labels["conversation_id"]], dtype=np.int64)
    targets = build_targets(readings, learnable_values(readings.expressions))
    counts = corpus_features(corpora, conversations["conversation_id"])
    return Corpus(conversations, counts, read, targets)


def fitted_without(corpus: Corpus, source: str, done: Callable[[], None]) -> CrossFit:
    """Cross-fit over the whole corpus, learning from all sources but one ("" leaves none out)."""
    groups = corpus.conversations["prompt_group"].tolist()
    known, space = corpus.not_from(source), corpus.space_without(source)
    targets = corpus.targets.rows(known)
    return cross_fit(corpus.counts, groups, corpus.read[known], targets, space, done)


def write_labels(corpus: Corpus, x: CrossFit, folder: Path) -> None:
    """Write the machine labels, expressions and probabilities of the whole corpus."""
    ids = corpus.conversations["conversation_id"].tolist()
    names = corpus.targets.value_names
    found = labels(names, ids, x.probabilities, x.decisions)
    frame = machine_label_frame(found, LABELLER, x.fold, x.probabilities)
    table = TABLES["machine_labels"]
    write_parquet(frame, folder / "labels.parquet", {c: table.column(c) for c in table.columns})
    table = TABLES["machine_expressions"]
    write_parquet(
        machine_expression_frame(found, LABELLER),
        folder / "expressions.parquet",
        {c: table.column(c) for c in table.columns},
    )
    for party, name in (("assistant", "value"), ("user", "user_value"), (HEADING, "heading")):
        wide = probability_frame(ids, party, names, x.probabilities)
        share = Column("number", "probability that the conversation expresses it", "share")
        columns = dict.fromkeys(wide.columns, share)
        columns["conversation_id"] = COLUMNS["conversation_id"]
        write_parquet(wide, folder / f"{name}_probabilities.parquet", columns)


def compared(corpus: Corpus, fits: dict[str, CrossFit], options: LabelCorpora) -> pd.DataFrame:
    """Return held-out figures of each training set, on all readings and on those it allows."""
    others = corpus.not_from(NON_COMMERCIAL)
    tables = []
    for training, x in fits.items():
        for evaluated_on, rows in (
            ("all", np.arange(len(corpus.read))),
            (f"without_{NON_COMMERCIAL}", others),
        ):
            p, decisions = part(x, corpus.read[rows])
            table = heldout_figures(
                corpus.targets.rows(rows), p, decisions, options.n_boot, options.seed
            )
            tables.append(table.assign(training=training, evaluated_on=evaluated_on))
    both = pd.concat(tables, ignore_index=True)
    first = ["training", "evaluated_on"]
    return both[[*first, *(c for c in both.columns if c not in first)]]


def part(x: CrossFit, rows: Rows) -> tuple[Probabilities, Decisions]:
    """Return the held-out labels of some conversations."""
    p, d = x.probabilities, x.decisions
    return (
        Probabilities(p.subjective[rows], p.task_type[rows], p.response_type[rows], p.values[rows]),
        Decisions(d.subjective[rows], d.task_type[rows], d.response_type[rows], d.values[rows]),
    )


def checked_against_people(corpus: Corpus, corpora: Path, options: LabelCorpora) -> pd.DataFrame:
    """Compare a labeller fitted without XSTest, and the readings, with XSTest's human labels."""
    known = corpus.not_from(XSTEST)
    model = fit_model(
        placed(corpus.counts.rows(corpus.read[known]), corpus.space_without(XSTEST)),
        corpus.targets.rows(known),
        "without-xstest",
    )
    rows = np.flatnonzero(corpus.conversations["source"].to_numpy() == XSTEST)
    decisions = decided(model, probabilities(model, corpus.counts.rows(rows)))
    read = np.setdiff1d(np.arange(len(corpus.read)), known)
    human = human_refusals(corpora)
    tables = []
    for labeller, at, codes in (
        (f"{LABELLER}-without-xstest", rows, decisions.response_type),
        ("reading-closed-1", corpus.read[read], corpus.targets.response_type[read]),
    ):
        answers = corpus.conversations.iloc[at][["conversation_id", "model", "prompt_group"]]
        answers = answers.assign(response_type=np.array(RESPONSE_TYPES)[codes])
        tables.append(refusal_table(answers, human, labeller, options.n_boot, options.seed))
    return pd.concat(tables, ignore_index=True)


def headlines(figures: pd.DataFrame) -> dict[str, Any]:
    """Return the figures of whole facets, nested by training set, evaluation, facet, quantity."""
    found: dict[str, Any] = {}
    whole = figures[figures["item"].isin(["all", "common", "subjective"])]
    for row in whole.to_dict("records"):
        place = found.setdefault(row["training"], {}).setdefault(row["evaluated_on"], {})
        common = "_common_values" if row["item"] == "common" else ""
        values = [round(float(row[name]), _DIGITS) for name in ("estimate", "ci_low", "ci_high")]
        place.setdefault(row["facet"], {})[f"{row['quantity']}{common}"] = values
    return found


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    where = paths()
    options = load_choices(where).label_corpora
    corpora = corpora_folder(where)
    corpus = load_corpus(where.labels, where.results / "taxonomy", corpora)
    with steps("cross-fitting", 20) as done:
        fits = {
            "all": fitted_without(corpus, "", done),
            f"without_{NON_COMMERCIAL}": fitted_without(corpus, NON_COMMERCIAL, done),
        }
        figures = compared(corpus, fits, options)
        people = checked_against_people(corpus, corpora, options)
    with replaced_folder(where.machine) as folder:
        write_labels(corpus, fits["all"], folder)
        write_table(
            figures,
            folder / "metrics.csv",
            key=["training", "evaluated_on", *KEY],
            digits=_DIGITS,
        )
        write_json(headlines(figures), folder / "metrics.json")
        write_table(
            people,
            folder / "xstest_check.csv",
            key=["labeller", "predicted", "human", "model", "quantity"],
            digits=_DIGITS,
        )
    write_model_card(where.machine, where.labels / "labeller_comparison.csv", shipped_weights())


if __name__ == "__main__":
    run(main)
