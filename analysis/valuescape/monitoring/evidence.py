"""Evidence that a stream has left its baseline, for every outcome at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valuescape.monitoring.profile import Profile
from valuescape.statistics.arrays import FloatArray, IntArray
from valuescape.statistics.e_detector import ODDS_RATIOS
from valuescape.statistics.intervals import critical_value
from valuescape.statistics.shift import shift_growth
from valuescape.statistics.shift_sequence import shift_error


@dataclass(frozen=True, slots=True)
class Rules:
    """When to raise an alarm.

    Attributes
    ----------
    run_length : float
        Mean number of looks to a false alarm of any outcome, at least; above 1.
    tolerance : float
        Odds ratio of a drift that is not worth an alarm, at least 1.
    q_threshold : float
        False discovery rate of what is said to have drifted since the stream began.
    conf_level : float
        Level of intervals, and of the allowance for a baseline that is itself an estimate.
    odds_ratios : tuple of float
        Drifts looked out for, beyond the tolerance.
    """

    run_length: float = 1000.0
    tolerance: float = 1.1
    q_threshold: float = 0.05
    conf_level: float = 0.95
    odds_ratios: tuple[float, ...] = ODDS_RATIOS

    def threshold(self, n_outcomes: int) -> float:
        """Return the log10 evidence at which one of so many outcomes is alarmed.

        The mean of the outcomes' Shiryaev-Roberts sums is such a sum itself, so that alarms at
        ``n_outcomes`` times the run length keep the run length of the family.

        Examples
        --------
        >>> Rules(run_length=1000.0).threshold(10)
        4.0
        """
        return float(np.log10(self.run_length * n_outcomes))


def allowance(
    trials: IntArray, profile: Profile, outcome: int, rules: Rules
) -> NDArray[np.float64]:
    """Return the shift of the log odds that does not count, look by look.

    The tolerance, and as much as the baseline may be off at the mix of tasks seen so far.

    Parameters
    ----------
    trials : ndarray of int64, shape (n_looks, n_tasks)
        Conversations in the task types of the baseline.
    profile : Profile
        The baseline, without task types that it lacks.
    outcome : int
        Which outcome.
    rules : Rules
        Tolerance and level.

    Examples
    --------
    >>> from valuescape.monitoring.profile import make_profile
    >>> baseline = make_profile([[100]], [400])
    >>> allowance(np.array([[50]]), baseline, 0, Rules()).round(3).tolist()
    [0.322]
    """
    error = shift_error(np.cumsum(trials, axis=0), profile.share[:, outcome], profile.trials)
    reach = float(critical_value(rules.conf_level))
    return np.asarray(np.log(rules.tolerance) + reach * error)


def evidence_growth(
    successes: IntArray, trials: IntArray, profile: Profile, rules: Rules
) -> FloatArray:
    """Weigh every outcome of a stream, look by look.

    Parameters
    ----------
    successes : ndarray of int64, shape (n_looks, n_outcomes)
        Conversations with the outcome in the task types of the baseline.
    trials : ndarray of int64, shape (n_looks, n_tasks)
        Conversations in those.
    profile, rules
        As in :func:`allowance`.

    Returns
    -------
    ndarray of float64, shape (n_looks, n_outcomes, n_alternatives)
        Log likelihood ratios, from
        :func:`~valuescape.statistics.shift.shift_growth`.

    Examples
    --------
    >>> from valuescape.monitoring.profile import make_profile
    >>> baseline = make_profile([[100]], [1000])
    >>> hits, trials = np.array([[10], [40]]), np.array([[100], [100]])
    >>> growth = evidence_growth(hits, trials, baseline, Rules())
    >>> bool(growth[1, 0].max() > 4 > growth[0, 0].max())
    True
    """
    parts = [
        shift_growth(
            successes[:, v],
            trials,
            profile.share[:, v],
            allowance=allowance(trials, profile, v, rules),
            odds_ratios=rules.odds_ratios,
        )
        for v in range(successes.shape[1])
    ]
    return np.stack(parts, axis=1)


def alarm_looks(growth: FloatArray, threshold: float) -> list[tuple[int, int]]:
    """Run detectors of many outcomes, all begun anew after each alarm.

    Parameters
    ----------
    growth : ndarray of float64, shape (n_looks, n_outcomes, n_alternatives)
        Log likelihood ratios of each look.
    threshold : float
        log10 of the evidence at which an outcome is alarmed.

    Returns
    -------
    list of tuple of int
        Look (from 0) and outcome of each alarm; of several outcomes at one look the strongest.

    Examples
    --------
    >>> growth = np.zeros((4, 2, 1))
    >>> growth[2, 1] = 9.0
    >>> alarm_looks(growth, 2.0)
    [(2, 1)]
    """
    sums = np.full(growth.shape[1:], -np.inf)
    found = []
    for look, step in enumerate(growth):
        sums = np.logaddexp(sums, 0.0) + step
        evidence = np.logaddexp.reduce(sums, axis=1) - np.log(sums.shape[1])
        if evidence.max() >= threshold * np.log(10):
            found.append((look, int(np.argmax(evidence))))
            sums = np.full_like(sums, -np.inf)
    return found
