"""Labels by models that saw no reading of a conversation's prompt group."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from valuescape.labelling.decisions import Decisions, decided
from valuescape.labelling.features import Counts
from valuescape.labelling.fitting import Targets, fit_model
from valuescape.labelling.model import Probabilities, probabilities
from valuescape.labelling.space import Space, placed

Index = npt.NDArray[np.int64]
_Part = TypeVar("_Part", Probabilities, Decisions)
N_FOLDS = 10


@dataclass(frozen=True, slots=True)
class CrossFit:
    """Held-out labels of n conversations.

    Attributes
    ----------
    fold : ndarray of int64, shape (n,)
        The fold whose model labelled the conversation; that model saw no reading of the fold.
    probabilities : Probabilities
        Of all n conversations.
    decisions : Decisions
        By each fold's own thresholds.
    """

    fold: Index
    probabilities: Probabilities
    decisions: Decisions


def folds_by_group(groups: Sequence[str], n_folds: int = N_FOLDS) -> Index:
    """Deal prompt groups to folds in an order fixed by their digests.

    Parameters
    ----------
    groups : sequence of str
        Prompt group of each conversation.
    n_folds : int
        How many folds.

    Returns
    -------
    ndarray of int64, shape (n,)
        Fold of each conversation, the same for all of a group; group counts differ by at most 1.

    Examples
    --------
    >>> folds_by_group(["a", "b", "a", "c"], 2).tolist()
    [0, 1, 0, 0]
    """
    order = sorted(set(groups), key=lambda g: (hashlib.sha256(g.encode()).hexdigest(), g))
    place = {group: i % n_folds for i, group in enumerate(order)}
    return np.array([place[g] for g in groups], dtype=np.int64)


def cross_fit(
    counts: Counts,
    groups: Sequence[str],
    read: Index,
    targets: Targets,
    space: Space,
    done: Callable[[], None],
) -> CrossFit:
    """Label every conversation by the model of its fold.

    Parameters
    ----------
    counts : Counts
        Features of all n conversations.
    groups : sequence of str
        Their prompt groups.
    read : ndarray of int64, shape (n_read,)
        Rows that were read and may be fitted on.
    targets : Targets
        Readings of those rows, in that order.
    space : Space
        Learnt without labels; the same in all folds.
    done : callable
        Called after each fold.

    Returns
    -------
    CrossFit
        In the order of ``counts``.
    """
    fold = folds_by_group(groups)
    compared = placed(counts.rows(read), space)
    found: list[tuple[Probabilities, Decisions]] = []
    rows = [np.flatnonzero(fold == k) for k in range(N_FOLDS)]
    for k in range(N_FOLDS):
        known = np.flatnonzero(fold[read] != k)
        model = fit_model(compared.rows(known), targets.rows(known), f"fold-{k}")
        p = probabilities(model, counts.rows(rows[k]))
        found.append((p, decided(model, p)))
        done()
    back = np.argsort(np.concatenate(rows), kind="stable")
    p = _joined(Probabilities, [p for p, _ in found], back)
    return CrossFit(fold, p, _joined(Decisions, [d for _, d in found], back))


def _joined(kind: type[_Part], parts: Sequence[_Part], back: Index) -> _Part:
    """Put the folds' rows back into the order of the conversations."""
    names = [field.name for field in fields(kind)]
    arrays = {n: np.concatenate([getattr(part, n) for part in parts])[back] for n in names}
    return kind(**arrays)
