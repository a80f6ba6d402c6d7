"""The frame of an audit: machine answers, strata, clusters and who was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from valuescape.audit.drawing import (
    allocation,
    inclusion_probabilities,
    pooled_strata,
    rarity,
    systematic_sample,
)
from valuescape.audit.questions import VALUE_PREFIX, Question
from valuescape.errors import InputError

DESIGN = ("conversation_id", "item", "stratum", "cluster", "fold", "inclusion_probability")
N_FOLDS = 10
_LEAST = 5


def one_labeller(table: pd.DataFrame, labeller: str | None, path: Path) -> pd.DataFrame:
    """Return the rows of one labeller that ended well.

    Raises
    ------
    InputError
        If there are several labellers and none was chosen, or the chosen one is absent.
    """
    names = sorted(table["labeller"].unique())
    chosen = labeller or (names[0] if len(names) == 1 else None)
    if chosen not in names:
        given = "is needed" if labeller is None else f"{labeller!r} is not in it"
        raise InputError(f"{path}: --labeller {given}; the table has {', '.join(names)}")
    return table[table["labeller"] == chosen]


def machine_answers(
    labels: pd.DataFrame, expressions: pd.DataFrame, asked: tuple[Question, ...]
) -> pd.DataFrame:
    """Return what the machine answers to each question, one row a conversation.

    Parameters
    ----------
    labels, expressions : DataFrame
        Of one labeller, as in the schema.
    asked : tuple of Question
        The questions.

    Returns
    -------
    DataFrame
        ``conversation_id`` and one column a question, in the order of ``labels``.
    """
    frame = labels[["conversation_id", "task_type", "response_type"]].reset_index(drop=True)
    frame.insert(1, "subjective", np.where(labels["subjective"].astype(bool), "yes", "no"))
    theirs = expressions[expressions["party"] == "assistant"]
    for question in asked:
        if question.key.startswith(VALUE_PREFIX):
            value = question.key.removeprefix(VALUE_PREFIX)
            have = set(theirs.loc[theirs["value"] == value, "conversation_id"])
            frame[question.key] = np.where(frame["conversation_id"].isin(have), "yes", "no")
    return frame


def drawn_frame(
    machine: pd.DataFrame, clusters: Mapping[str, str], *, n: int, stratum: str, seed: int
) -> pd.DataFrame:
    """Draw n conversations, stratified by a machine answer, rare answers more often.

    Within a stratum the draw is systematic with chances from `inclusion_probabilities` of the
    `rarity` of a conversation's answers ("no" does not count).  Items are numbered in random order.

    Parameters
    ----------
    machine : DataFrame
        From `machine_answers`.
    clusters : mapping
        Cluster of each conversation id: its user or prompt.
    n : int
        Conversations to draw.
    stratum : str
        Column of ``machine``.
    seed : int
        Of the draw.

    Returns
    -------
    DataFrame
        The frame: columns `DESIGN`, then those of ``machine``; ``item`` is empty and
        ``inclusion_probability`` given where nothing was drawn.

    Raises
    ------
    InputError
        If n is too small for the strata or above the number of conversations, or a stratum would
        be represented by one cluster.
    """
    if not 2 <= n <= len(machine):
        raise InputError(f"--n {n}: allowed is 2 to {len(machine)}, the conversations labelled")
    rng = np.random.default_rng(seed)
    cluster = np.array([clusters[name] for name in machine["conversation_id"]], dtype=str)
    strata = pooled_strata(machine[stratum].tolist(), cluster.tolist(), 2 * _LEAST)
    answers = machine.drop(columns="conversation_id").replace("no", "")
    sizes = rarity([answers[name].tolist() for name in answers])
    chance, drawn = _draw(sizes, strata, n, rng)
    _check_clusters(strata, cluster, drawn)
    item = np.full(len(machine), "", dtype=object)
    item[drawn] = [f"i{k + 1:04d}" for k in rng.permutation(int(drawn.sum()))]
    names, codes = np.unique(cluster, return_inverse=True)
    fold = rng.permutation(names.size)[codes.ravel()] % min(N_FOLDS, names.size)
    coded = [f"c{code + 1:05d}" for code in codes.ravel()]
    columns = (machine["conversation_id"], item, strata, coded, fold, chance)
    design = pd.DataFrame(dict(zip(DESIGN, columns, strict=True)))
    return pd.concat([design, machine.drop(columns="conversation_id")], axis=1)


def _draw(
    sizes: np.ndarray, strata: np.ndarray, n: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    names, codes = np.unique(strata, return_inverse=True)
    codes = codes.ravel()
    weights = np.bincount(codes, weights=sizes).astype(np.float64)
    shares = allocation(weights, np.bincount(codes), n, _LEAST)
    if shares.sum() > n:
        raise InputError(
            f"--n {n}: {names.size} strata need at least {shares.sum()} ({_LEAST} each)"
        )
    chance, drawn = np.zeros(sizes.size), np.zeros(sizes.size, dtype=bool)
    for code, share in enumerate(shares):
        inside = codes == code
        chance[inside] = inclusion_probabilities(sizes[inside], int(share))
        drawn[inside] = systematic_sample(chance[inside], rng)
    return chance, drawn


def _check_clusters(strata: np.ndarray, cluster: np.ndarray, drawn: np.ndarray) -> None:
    for name in np.unique(strata):
        if np.unique(cluster[drawn & (strata == name)]).size < 2:
            raise InputError(
                f"stratum {name}: all drawn are of one prompt or user; draw more (--n) or "
                "stratify by another column (--stratum)"
            )
