"""A frame that a machine labels whole and readers in part, with the truth known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from valuescape.simulation.skeleton import latent_correlation
from valuescape.statistics.arrays import BoolArray, FloatArray
from valuescape.statistics.correction import LabelledFrame

N_FOLDS = 10
SEPARATION = 1.5
OVERCALL = (1.0, 2.5)
PROMPT_CORRELATION = 0.3
READ_SHARES = (0.15, 0.2, 0.35)
ANSWERS = (4, 1, 1)
_STRATUM_TILT = (0.7, 1.0, 1.3)
_REMEMBERED = 0.98


@dataclass(frozen=True, slots=True)
class LabelledTruth:
    """A simulated frame.

    Attributes
    ----------
    truth : ndarray of 0/1, shape (n,)
        What a reading of each conversation would say.
    second : ndarray of bool, shape (n,)
        Whether it stands in the second context, where the machine calls the value too often.
    frame : LabelledFrame
        Which were read, strata, prompt groups and folds.
    crossfitted : ndarray, shape (n,)
        Probability by the labeller that saw no reading of the conversation's fold.
    in_sample : ndarray, shape (n,)
        Probability by the labeller that saw all readings.
    """

    truth: FloatArray
    second: BoolArray
    frame: LabelledFrame
    crossfitted: FloatArray
    in_sample: FloatArray


def labelled_truth(
    prevalence: float, rng: np.random.Generator, *, n_groups: int = 1500
) -> LabelledTruth:
    """Draw a frame, a sample to read, and the labels of a machine that memorises its readings.

    Three strata: prompt groups of four answers, sampled whole, and two of single conversations.
    The value is 0.7 times as frequent in the first stratum as in the second, and 1.3 times in the
    third.  A prompt group stands in one of two contexts.  The machine knows a normal score whose
    means under absence and presence differ by 1.5 SD; its prior is that of the second stratum in
    the first context and 2.5 times that in the second.  What it was trained on it returns.

    Parameters
    ----------
    prevalence : float
        Share of the second stratum that has the value, in (0, 0.5].
    rng : Generator
        Source of all randomness.
    n_groups : int
        Prompt groups, at least 90.

    Raises
    ------
    ValueError
        If the prevalence is outside (0, 0.5] or there are too few groups.

    Examples
    --------
    >>> found = labelled_truth(0.2, np.random.default_rng(1))
    >>> found.truth.size, bool(0.15 < found.truth.mean() < 0.25)
    (3000, True)
    """
    if not 0.0 < prevalence <= 0.5:
        raise ValueError(f"prevalence = {prevalence}: must lie in (0, 0.5]")
    if n_groups < 90:
        raise ValueError(f"n_groups = {n_groups}: at least 90 are needed")
    stratum_of = np.arange(n_groups) * 3 // n_groups
    group = np.repeat(np.arange(n_groups), np.array(ANSWERS)[stratum_of])
    stratum = stratum_of[group]
    second = (rng.random(n_groups) < 0.5)[group]
    truth = _truth(prevalence, stratum, group, rng)
    chosen = _chosen_groups(stratum_of, rng)
    frame = LabelledFrame.of(chosen[group], stratum, group, rng.permutation(n_groups)[group] % 10)
    general = _general(prevalence, truth, second, rng)
    labels = [_labelled(general, truth, frame.read & (frame.fold != k)) for k in range(N_FOLDS)]
    crossfitted = np.stack(labels)[frame.fold, np.arange(truth.size)]
    in_sample = _labelled(general, truth, frame.read)
    return LabelledTruth(truth, second, frame, crossfitted, in_sample)


def _truth(
    prevalence: float, stratum: NDArray[np.intp], group: NDArray[np.intp], rng: np.random.Generator
) -> FloatArray:
    p = prevalence * np.array(_STRATUM_TILT)[stratum]
    shared = float(latent_correlation(np.array(prevalence), np.array(PROMPT_CORRELATION)))
    of_group = rng.standard_normal(int(group.max()) + 1)[group]
    latent = np.sqrt(shared) * of_group + np.sqrt(1 - shared) * rng.standard_normal(group.size)
    return np.asarray(latent < special.ndtri(p), dtype=float)


def _chosen_groups(stratum_of: NDArray[np.intp], rng: np.random.Generator) -> BoolArray:
    chosen = np.zeros(stratum_of.size, dtype=bool)
    for h, share in enumerate(READ_SHARES):
        inside = np.flatnonzero(stratum_of == h)
        chosen[rng.choice(inside, round(share * inside.size), replace=False)] = True
    return chosen


def _general(
    prevalence: float, truth: FloatArray, second: BoolArray, rng: np.random.Generator
) -> FloatArray:
    """Return what the labeller says of conversations it was not trained on."""
    score = SEPARATION * truth + rng.standard_normal(truth.size)
    prior = np.minimum(prevalence * np.where(second, OVERCALL[1], OVERCALL[0]), 0.9)
    return np.asarray(special.expit(special.logit(prior) + SEPARATION * score - SEPARATION**2 / 2))


def _labelled(general: FloatArray, truth: FloatArray, trained_on: BoolArray) -> FloatArray:
    remembered = np.where(truth > 0, _REMEMBERED, 1 - _REMEMBERED)
    return np.where(trained_on, remembered, general)
