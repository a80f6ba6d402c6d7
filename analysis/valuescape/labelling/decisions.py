"""From probabilities to labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from valuescape.labelling.model import EmbeddedModel, Probabilities
from valuescape.labelling.protocol import Expression, Label
from valuescape.schema import PARTIES, RESPONSE_TYPES, TASK_TYPES

Index = npt.NDArray[np.int64]
Names = tuple[tuple[str, str], ...]
OBJECTIVE_RESPONSES = ("mild_support", "no_values")


@dataclass(frozen=True, slots=True)
class Decisions:
    """The labels of n conversations as arrays.

    Attributes
    ----------
    subjective : ndarray of bool, shape (n,)
        Probability at or above the model's threshold.
    task_type, response_type : ndarray of int64, shape (n,)
        Most probable class; response types other than mild support and no values are kept for
        subjective conversations, as readers do.
    values : ndarray of bool, shape (n, n_values)
        Probability at or above the value's threshold, in subjective conversations only.
    """

    subjective: npt.NDArray[np.bool_]
    task_type: Index
    response_type: Index
    values: npt.NDArray[np.bool_]


def decided(model: EmbeddedModel, p: Probabilities) -> Decisions:
    """Apply the thresholds of a model to its probabilities."""
    subjective = p.subjective >= model.weights.subjective_threshold[0]
    objective = np.array([name in OBJECTIVE_RESPONSES for name in RESPONSE_TYPES])
    possible = subjective[:, None] | objective
    return Decisions(
        subjective=subjective,
        task_type=p.task_type.argmax(axis=1),
        response_type=np.where(possible, p.response_type, -1.0).argmax(axis=1),
        values=(p.values >= model.weights.value_thresholds) & subjective[:, None],
    )


def labels(
    value_names: Names, ids: Sequence[str], p: Probabilities, decisions: Decisions
) -> list[Label]:
    """Turn decisions into one :class:`Label` a conversation."""
    return [
        Label(
            conversation_id=ids[i],
            status="ok",
            subjective=bool(decisions.subjective[i]),
            task_type=TASK_TYPES[decisions.task_type[i]],
            task="",
            response_type=RESPONSE_TYPES[decisions.response_type[i]],
            expressions=_expressions(value_names, p.values[i], decisions.values[i]),
        )
        for i in range(len(ids))
    ]


def _expressions(
    value_names: Names, p: npt.NDArray[np.float64], listed: npt.NDArray[np.bool_]
) -> tuple[Expression, ...]:
    found: list[Expression] = []
    for party in PARTIES:
        own = [j for j in np.flatnonzero(listed) if value_names[j][0] == party]
        own.sort(key=lambda j: (-p[j], value_names[j][1]))
        for rank, j in enumerate(own, start=1):
            found.append(Expression(party, value_names[j][1], None, rank, float(p[j])))
    return tuple(found)
