"""Two contexts compared at one mix of strata, as read and as the machine has it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from valuescape.statistics.arrays import BoolArray, FloatArray
from valuescape.statistics.labelled_frame import LabelledFrame
from valuescape.statistics.rectified import Domain


@dataclass(frozen=True, slots=True)
class Mix:
    """What a standardised share owes to the mix of strata that it is standardised to.

    Attributes
    ----------
    reading, machine : ndarray, shape (n_frame,)
        Membership in the context that gives the mix less the scaled membership in the other.
    stratum : ndarray of int, shape (n_frame,)
        Stratum of each conversation.
    """

    reading: FloatArray
    machine: FloatArray
    stratum: NDArray[np.intp]


def at_one_mix(first: Domain, second: Domain, frame: LabelledFrame) -> tuple[Domain, Domain, Mix]:
    r"""Scale a second context so that its strata are mixed as those of the first.

    Members of the second in stratum h count :math:`r_h = W_{h1} / W_{h2}` times, W being the
    weighted sizes of the two contexts in the stratum; the machine's have a factor of their own.
    Strata in which one of the two was not read allow no comparison and are left out of both; of
    the rest, the machine leaves out those in which it finds nothing of one.

    Parameters
    ----------
    first, second : Domain
        The contexts; the first gives the mix.
    frame : LabelledFrame
        Which were read, strata, weights.

    Returns
    -------
    tuple of Domain, Domain and Mix

    Raises
    ------
    ValueError
        If no stratum holds both.

    Examples
    --------
    >>> frame = LabelledFrame.of([1] * 6, list("sssttt"), range(6), [0, 1] * 3)
    >>> one = Domain.known([1, 1, 0, 1, 0, 0], frame)
    >>> other = Domain.known([0, 0, 1, 0, 1, 1], frame)
    >>> at_one_mix(one, other, frame)[1].reading.tolist()
    [0.0, 0.0, 2.0, 0.0, 0.5, 0.5]
    """
    weighted = [frame.weight * side.reading for side in (first, second)]
    factor, compared = _factor(weighted[0], weighted[1], frame.stratum)
    if not compared.any():
        raise ValueError("second: in no stratum were both contexts read")
    by_machine, found = _factor(first.machine * compared, second.machine, frame.stratum)
    given = Domain(first.reading * compared, first.machine * (compared & found))
    scaled = Domain(second.reading * factor, second.machine * by_machine)
    mix = Mix(given.reading - scaled.reading, given.machine - scaled.machine, frame.stratum)
    return given, scaled, mix


def _factor(
    first: FloatArray, second: FloatArray, stratum: NDArray[np.intp]
) -> tuple[FloatArray, BoolArray]:
    """Ratio of the sizes of two contexts in each row's stratum, and whether both are there."""
    one, other = (np.bincount(stratum, weights=side) for side in (first, second))
    both = (one > 0) & (other > 0)
    ratio = np.where(both, one / np.where(both, other, 1.0), 0.0)
    return ratio[stratum], both[stratum]


def of_mix(
    values: FloatArray,
    members: FloatArray,
    difference: FloatArray,
    weight: FloatArray,
    stratum: NDArray[np.intp],
) -> FloatArray:
    r"""Linearised contributions of the mix to the total of a standardised share.

    :math:`(d_{1i} - r_h d_{2i}) (\hat p_{2h} - \hat\theta_2)`: a larger share of the first context
    in a stratum gives the second context's prevalence there more weight.

    Parameters
    ----------
    values, members : ndarray, shape (n_frame,)
        Numerator and denominator of the standardised share.
    difference : ndarray, shape (n_frame,)
        As in `Mix`.
    weight : ndarray, shape (n_frame,)
        Of the conversations.
    stratum : ndarray of int, shape (n_frame,)

    Returns
    -------
    ndarray, shape (n_frame,)

    Examples
    --------
    >>> y, d = np.array([0.0, 2.0, 0.0, 0.0]), np.array([0.0, 2.0, 0.0, 1.0])
    >>> difference, stratum = np.array([1.0, -2, 1, -1]), np.array([0, 0, 1, 1])
    >>> of_mix(y, d, difference, np.ones(4), stratum).round(3).tolist()
    [0.333, -0.667, -0.667, 0.667]
    """
    total, size = (np.bincount(stratum, weights=weight * a) for a in (values, members))
    overall = total.sum() / max(float(size.sum()), 1e-300)
    apart = np.where(size > 0, total / np.where(size > 0, size, 1.0) - overall, 0.0)
    return np.asarray(difference * apart[stratum])
