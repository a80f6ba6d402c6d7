"""What coders say of the machine: agreement, gold labels and corrected shares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from valuescape.audit.questions import Question
from valuescape.statistics import (
    Agreement,
    ClusterBootstrap,
    CorrectedShare,
    LabelledFrame,
    cohen_kappa,
    corrected_prevalence,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from valuescape.statistics.arrays import BoolArray
from valuescape.statistics.called_shares import called_interval
from valuescape.statistics.machine_recall import IDENTIFYING


def gold_table(
    frame: pd.DataFrame,
    first: pd.DataFrame,
    second: pd.DataFrame | None,
    asked: tuple[Question, ...],
) -> pd.DataFrame:
    """Return one row an item and question: chance of being drawn, both answers, the machine's.

    Parameters
    ----------
    frame : DataFrame
        From `drawn_frame`.
    first, second : DataFrame
        Answers by item; the second coder's may be absent.
    asked : tuple of Question
        The questions.
    """
    drawn = frame[frame["item"] != ""].set_index("item")
    design = drawn[["conversation_id", "stratum", "cluster", "fold", "inclusion_probability"]]
    parts = []
    for question in asked:
        part = design.assign(
            question=question.key,
            reading=first[question.key],
            second_reading=None if second is None else second[question.key],
            machine=drawn[question.key],
        )
        parts.append(part.reset_index())
    return pd.concat(parts, ignore_index=True)


def agreement_table(
    gold: pd.DataFrame, asked: tuple[Question, ...], *, n_boot: int = 1000, seed: int = 0
) -> pd.DataFrame:
    """Agreement of the two coders, and of the machine with the first, question by question.

    Coefficients describe the sample, in which rare labels are frequent; they are not weighted.

    Parameters
    ----------
    gold : DataFrame
        From `gold_table`.
    asked : tuple of Question
        The questions.
    n_boot, seed : int
        Cluster bootstrap of the intervals.

    Returns
    -------
    DataFrame
        ``question, between, coefficient, estimate, ci_low, ci_high, n``; ``between`` is
        ``coders`` or ``machine``.
    """
    rows = []
    for question in asked:
        part = gold[gold["question"] == question.key]
        pairs = [("machine", part["machine"])]
        if part["second_reading"].notna().all():
            pairs.append(("coders", part["second_reading"]))
        for between, other in pairs:
            resampling = ClusterBootstrap(part["cluster"].tolist(), n_boot=n_boot, seed=seed)
            for found in _coefficients(part["reading"], other, question, resampling):
                cells = (found.coefficient, found.estimate, found.low, found.high, found.n_units)
                rows.append((question.key, between, *cells))
    names = ["question", "between", "coefficient", "estimate", "ci_low", "ci_high", "n"]
    return pd.DataFrame(rows, columns=names)


def _coefficients(
    first: pd.Series, second: pd.Series, question: Question, bootstrap: ClusterBootstrap
) -> list[Agreement]:
    one, two = first.to_numpy(dtype=object), second.to_numpy(dtype=object)
    ratings = np.stack([one, two], axis=1)
    size = len(question.allowed)
    return [
        percent_agreement(ratings, bootstrap=bootstrap),
        cohen_kappa(one, two, bootstrap=bootstrap),
        krippendorff_alpha(ratings, bootstrap=bootstrap),
        gwet_ac1(ratings, n_categories=size, bootstrap=bootstrap),
    ]


def corrected_table(
    frame: pd.DataFrame,
    first: pd.DataFrame,
    asked: tuple[Question, ...],
    *,
    conf_level: float = 0.95,
) -> pd.DataFrame:
    """Share of every answer in the frame, the machine's corrected by the first coder's.

    What the machine misses of a rare answer rests on one or two conversations, each standing for
    many: with none of them in the sample, neither the readings nor the rectifier vary where they
    should, and a symmetric interval is too short.  So where the errors on the rare side of an
    answer come from fewer than five prompts or users (for an answer given by less than half of the
    frame ``recall_identifiable`` is then false) the limits are those of
    :func:`~valuescape.statistics.called_shares.called_interval`: right among what the machine
    calls plus missed among the rest, by MOVER from two Wilson intervals, around the corrected
    estimate.  In simulations (200 of 2,000 coded, 200 or 300 runs; a machine right in four fifths
    or 95 %; prompts of 2 or 10 conversations; an answer that the draw is stratified by or not) the
    95 % intervals covered shares of 3, 5, 10 and 30 % in 98 to 100, 99 to 100, 98 to 100 and 96 to
    100 % of runs; without this rule in 89 to 98, 90 to 99, 94 to 98 and 95 to 98 %.

    Parameters
    ----------
    frame : DataFrame
        From `drawn_frame`.
    first : DataFrame
        Answers by item.
    asked : tuple of Question
        The questions.
    conf_level : float
        Confidence level.

    Returns
    -------
    DataFrame
        ``question, answer`` and the fields of `CorrectedShare`.  Answers that neither machine nor
        coder gives are left out.
    """
    read = (frame["item"] != "").to_numpy()
    design = LabelledFrame.of(
        read,
        frame["stratum"].to_numpy(),
        frame["cluster"].to_numpy(),
        frame["fold"].to_numpy(),
        inclusion=frame["inclusion_probability"].to_numpy(),
    )
    parts = []
    for question in asked:
        reading = frame["item"].map(first[question.key])
        for answer in question.counted:
            says, coded = frame[question.key] == answer, reading == answer
            if says.any() or coded.any():
                found = _corrected(coded.to_numpy(), says.to_numpy(), design, conf_level)
                parts.append(found.to_frame().assign(question=question.key, answer=answer))
    table = pd.concat(parts, ignore_index=True)
    return table[["question", "answer", *table.columns.drop(["question", "answer"])]]


def _corrected(
    coded: BoolArray, says: BoolArray, design: LabelledFrame, conf_level: float
) -> CorrectedShare:
    """Share of one answer, with limits that allow for what the machine misses unseen."""
    y = (coded & design.read).astype(np.float64)
    found = corrected_prevalence(y, says.astype(np.float64), design, conf_level=conf_level)
    rare_side = coded & ~says if found.estimate <= 0.5 else ~coded & says
    if np.unique(design.cluster[rare_side & design.read]).size >= IDENTIFYING:
        return found
    limits = called_interval(y, says, design, conf_level=conf_level)
    low, high = (found.estimate + float(end - limits.estimate) for end in (limits.low, limits.high))
    return replace(found, ci_low=max(low, 0.0), ci_high=min(high, 1.0))
