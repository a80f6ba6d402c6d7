"""The baseline that a stream is held against: each outcome's share in each task type."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from valuescape.statistics.arrays import FloatArray, IntArray, as_counts, refuse

PRIOR_TRIALS, PRIOR_SUCCESSES = 4.0, 0.5
"""Conversations at the share of all task types that each task type's share is drawn towards: so
many, and as many more as hold so many successes."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares of a baseline period.

    Attributes
    ----------
    trials : ndarray of int64, shape (n_tasks,)
        Conversations of each task type; those without any cannot be watched.
    successes : ndarray of int64, shape (n_tasks, n_outcomes)
        Conversations with the outcome.
    share : ndarray of float64, shape (n_tasks, n_outcomes)
        Shares inside (0, 1), drawn towards the outcome's share in all task types.
    """

    trials: IntArray
    successes: IntArray
    share: FloatArray

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which task types the baseline holds."""
        return np.asarray(self.trials > 0)

    def standardised(self, outcome: int, shift: FloatArray) -> FloatArray:
        """Return the share at the baseline's mix, were all log odds shifted.

        Parameters
        ----------
        outcome : int
            Column of `share`.
        shift : ndarray of float64, shape (n,)
            Shifts of the log odds.

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        from scipy import special

        mix = self.trials / self.trials.sum()
        moved = special.logit(self.share[:, outcome])[:, None] + np.asarray(shift)[None, :]
        return np.asarray(mix @ special.expit(moved))


def make_profile(successes: ArrayLike, trials: ArrayLike) -> Profile:
    r"""Estimate a profile from the counts of a baseline period.

    With :math:`\bar p = (S + 1/2)/(N + 1)` over all task types,
    :math:`\hat p_h = (s_h + c \bar p)/(n_h + c)`, :math:`c = 4 + 1/(2 \bar p)`: never 0 or 1, and
    near the overall share where the task type or the outcome is rare.

    Parameters
    ----------
    successes : array_like of int, shape (n_tasks, n_outcomes)
        Conversations with the outcome.
    trials : array_like of int, shape (n_tasks,)
        Conversations.

    Returns
    -------
    Profile

    Raises
    ------
    ValueError
        If a count is not whole or negative, shapes differ, successes exceed trials, or there is no
        conversation.

    Examples
    --------
    >>> make_profile([[10], [0]], [96, 4]).share.round(4).tolist()
    [[0.1041], [0.0715]]
    """
    s, n = as_counts("successes", successes), as_counts("trials", trials)
    if s.ndim != 2 or n.shape != s.shape[:1]:
        raise ValueError(f"trials: shape {n.shape} does not fit successes of shape {s.shape}")
    refuse(s > n[:, None], "successes", "must not exceed the trials", s)
    if not n.sum():
        raise ValueError("trials: the baseline holds no conversation; one is needed")
    overall = (s.sum(axis=0) + 0.5) / (n.sum() + 1)
    prior = PRIOR_TRIALS + PRIOR_SUCCESSES / overall
    share = (s + prior * overall) / (n[:, None] + prior)
    return Profile(n, s, share)
