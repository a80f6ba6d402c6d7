"""How much of what is read lies in the prompt, the assistant, the answer and the reader."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from valuescape.counts.frame import presence
from valuescape.schema import RESPONSE_TYPES
from valuescape.statistics.variance_components import crossed_components
from valuescape.study.shared_prompts import RESPONSE

VARIATION_KEY = ["source", "group", "quantity", "name", "component"]
FACTORS = {"prompt": "prompt_id", "assistant": "run", "answer": "conversation_id",
           "reader": "reader"}  # fmt: skip
ALL = "all together"
_SEPARATOR = "\t"


def variance_shares(
    readings: pd.DataFrame,
    said: Mapping[str, pd.DataFrame],
    *,
    minimum: int,
    n_boot: int,
    seed: int,
    conf_level: float,
) -> pd.DataFrame:
    """Variance components of the outcomes of one source and group.

    First and second readings are rows of their own: what two readings of one answer share beyond
    prompt, assistant and reader is the answer, what they do not share is the residual.

    Parameters
    ----------
    readings : DataFrame
        ``conversation_id``, ``labeller``, ``subjective``, ``response_type``, ``reader``, ``run``,
        ``prompt_id``, ``prompt_group`` of one source and group; a row a reading.
    said : mapping of str to DataFrame
        ``conversation_id``, ``labeller`` and ``value`` by quantity.
    minimum : int
        Outcomes in fewer readings are left out.
    n_boot, seed, conf_level
        As for :func:`~valuescape.statistics.variance_components.crossed_components`.

    Returns
    -------
    DataFrame
        One row a ``quantity``, ``name`` (``all together``: variances added up) and ``component``.
        Empty where a factor has a single level, or no answer was read twice.
    """
    codes = {name: readings[column].to_numpy(dtype=str) for name, column in FACTORS.items()}
    twice = readings["conversation_id"].duplicated().any()
    if not twice or min(np.unique(c).size for c in codes.values()) < 2:
        return pd.DataFrame()
    key = readings["labeller"] + " " + readings["conversation_id"]
    columns, pools = [], []
    for quantity, names, outcome in _outcomes(readings, key, said):
        common = outcome.sum(axis=0) >= minimum
        for name, column in zip(names[common], outcome[:, common].T, strict=True):
            columns += [column, column]
            pools += [(quantity, str(name)), (quantity, ALL)]
    if not columns:
        return pd.DataFrame()
    labels = pd.MultiIndex.from_tuples(pools)
    found = crossed_components(
        np.column_stack(columns),
        codes,
        cluster=readings["prompt_group"],
        pool=labels.map(_SEPARATOR.join).to_numpy(dtype=str),
        n_boot=n_boot,
        seed=seed,
        conf_level=conf_level,
    )
    table = found.to_frame()
    named = table.pop("pool").str.split(_SEPARATOR, expand=True)
    return table.assign(quantity=named[0], name=named[1], unit="variance of an indicator")


def _outcomes(
    readings: pd.DataFrame, key: pd.Series, said: Mapping[str, pd.DataFrame]
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    subjective = readings["subjective"].to_numpy(dtype=float)[:, None]
    stances = np.array(RESPONSE_TYPES)
    hit = readings["response_type"].to_numpy()[:, None] == stances[None, :]
    found = [(RESPONSE, stances, hit * subjective)]
    for quantity, pairs in said.items():
        labelled = pairs.assign(conversation_id=pairs["labeller"] + " " + pairs["conversation_id"])
        held = presence(key, labelled, "value")
        found.append((quantity, held.names, held.matrix.toarray() * subjective))
    return found
