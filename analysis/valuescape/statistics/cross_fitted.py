"""Probabilities of a label that the machine does not give, from those that it gives."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from valuescape.statistics.arrays import FloatArray, as_floats, inside_unit, refuse
from valuescape.statistics.labelled_frame import LabelledFrame, indicator

_STEPS = 50
_CLOSE = 1e-10


def log_odds_features(probabilities: ArrayLike, *, edge: float = 1e-3) -> FloatArray:
    """Standardised log odds of probabilities, constant columns left out.

    Parameters
    ----------
    probabilities : array_like, shape (n, m)
        In [0, 1].
    edge : float
        Probabilities nearer to 0 or 1 are moved here.

    Returns
    -------
    ndarray, shape (n, up to m)

    Raises
    ------
    ValueError
        If one is missing or outside [0, 1], there are none, or `edge` is not inside (0, 1).

    Examples
    --------
    >>> log_odds_features([[0.1, 0.2], [0.9, 0.2]]).tolist()
    [[-1.0], [1.0]]
    """
    p = as_floats("probabilities", probabilities)
    if p.ndim != 2 or not p.size:
        raise ValueError(f"probabilities: shape {p.shape} is not rows by columns")
    refuse(~((p >= 0) & (p <= 1)), "probabilities", "is in [0, 1]", p)
    inside_unit("edge", edge)
    x = special.logit(np.clip(p, edge, 1.0 - edge))
    centred = x - x.mean(axis=0)
    spread = np.sqrt(np.mean(centred**2, axis=0))
    varies = spread > _CLOSE
    return np.asarray(centred[:, varies] / spread[varies])


def cross_fitted_probability(
    features: ArrayLike,
    reading: ArrayLike,
    frame: LabelledFrame,
    *,
    within: ArrayLike | None = None,
    penalty: float,
) -> FloatArray:
    r"""Predict a reading from features, each fold by the readings of the other folds.

    A logistic regression with ridge penalty on all slopes but the constant,
    :math:`\min_\beta \sum_i w_i \log(1 + e^{-\pm x_i\beta}) + \tfrac{c}{2} |\beta|^2`, weights
    scaled to mean 1.  Its predictions serve as machine probabilities of a label that the machine
    was not taught.  Features that are cross-fitted themselves reach the readings of a fold through
    the models of the *other* folds only, and a handful of slopes cannot repeat them.

    Parameters
    ----------
    features : array_like, shape (n_frame, m)
        Known of every conversation, of comparable scale.
    reading : array_like, shape (n_frame,)
        0/1 where read; ignored elsewhere.
    frame : LabelledFrame
        Which were read, their weights, and folds.
    within : array_like of 0/1, shape (n_frame,), optional
        Fit on these conversations only (looked at where read): the probability is then conditional
        on being one of them.
    penalty : float
        c, above 0; :math:`1/c` is the prior variance of a slope.

    Returns
    -------
    ndarray, shape (n_frame,)
        The share among the other folds' readings where these are all alike; 0 where there are none.

    Raises
    ------
    ValueError
        If shapes do not fit the frame, a feature is not finite, a reading that is needed is not 0
        or 1, or the penalty is not above 0.

    References
    ----------
    le Cessie & van Houwelingen (1992), doi:10.2307/2347628 (ridge logistic regression); Zrnic &
    Candes (2024), doi:10.1073/pnas.2322083121 (cross-fitting).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(400, 1))
    >>> frame = LabelledFrame.of(np.arange(400) < 200, np.zeros(400), np.arange(400),
    ...     np.arange(400) % 2)
    >>> p = cross_fitted_probability(x, x[:, 0] > 0, frame, penalty=1.0)
    >>> bool(p[x[:, 0] > 1].min() > 0.8), bool(p[x[:, 0] < -1].max() < 0.2)
    (True, True)
    """
    x = as_floats("features", features)
    if x.ndim != 2 or x.shape[0] != frame.read.size:
        raise ValueError(f"features: shape {x.shape}; the frame has {frame.read.size} rows")
    refuse(~np.isfinite(x), "features", "must be finite", x)
    if not 0.0 < penalty < np.inf:
        raise ValueError(f"penalty = {penalty}: must be finite and above 0")
    y = indicator("reading", reading, frame)
    used = frame.read if within is None else indicator("within", within, frame) > 0
    design = np.column_stack([np.ones(x.shape[0]), x])
    found = np.zeros(x.shape[0])
    for fold in range(int(frame.fold.max()) + 1):
        others = used & (frame.fold != fold)
        if others.any():
            slopes = _slopes(design[others], y[others], frame.weight[others], penalty)
            own = frame.fold == fold
            found[own] = special.expit(design[own] @ slopes)
    return found


def _slopes(
    x: FloatArray, y: FloatArray, weight: FloatArray, penalty: float
) -> NDArray[np.float64]:
    """Newton's method with halved steps; the constant alone where all readings are alike."""
    w = weight / weight.mean()
    slopes = np.zeros(x.shape[1])
    share = float(w @ y) / w.sum()
    if not 0.0 < share < 1.0:
        slopes[0] = np.inf if share else -np.inf
        return slopes
    slopes[0] = special.logit(share)
    ridge = np.full(x.shape[1], penalty)
    ridge[0] = 0.0
    loss = _loss(slopes, x, y, w, ridge)
    for _ in range(_STEPS):
        p = special.expit(x @ slopes)
        slope = x.T @ (w * (p - y)) + ridge * slopes
        curvature = (x * (w * p * (1.0 - p))[:, None]).T @ x + np.diag(ridge)
        step = np.linalg.solve(curvature, slope)
        while (trial := _loss(slopes - step, x, y, w, ridge)) > loss and np.abs(
            step
        ).max() > _CLOSE:
            step = step / 2.0
        slopes, loss = slopes - step, trial
        if np.abs(step).max() < _CLOSE:
            break
    return slopes


def _loss(
    slopes: FloatArray, x: FloatArray, y: FloatArray, w: FloatArray, ridge: FloatArray
) -> float:
    eta = x @ slopes
    return float(w @ (np.logaddexp(0.0, eta) - y * eta) + ridge @ slopes**2 / 2.0)
