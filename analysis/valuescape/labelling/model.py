"""The fitted labeller: a few small arrays, how they score, and how they are stored."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from valuescape.errors import InputError
from valuescape.labelling.features import Counts, Scaling, scaled_families, scaled_form
from valuescape.labelling.latent import Latent, closeness, latent_points
from valuescape.labelling.products import by_row
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES
from valuescape.store import write_bytes, write_json

Floats = npt.NDArray[np.float32]

FORMAT = 2
N_FACET_SCORES = 2 + len(TASK_TYPES) + len(RESPONSE_TYPES)
_HALVES = ("idf", "pull")
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Weights:
    """Everything fitted.  H heads = N_FACET_SCORES facet scores, then one per value.

    Attributes
    ----------
    idf, centre, spread : ndarray of float32
        As :class:`valuescape.labelling.features.Scaling`.
    basis : ndarray of int8, shape (n_buckets, r)
        Weight of each bucket in each of r directions, in steps of ``step``.
    step : ndarray of float32, shape (r,)
        Size of one step.
    mixing : ndarray of float32, shape (r, H)
        The heads as combinations of the directions.
    form, offset : ndarray of float32, shapes (len(FORM), H) and (H,)
        Weights of the measures of form, and constants.
    axes, axis_step, axis_centre, axis_size : ndarray of int8 and float32
        As :class:`valuescape.labelling.latent.Latent`.
    points : ndarray of int8, shape (n_read, q + len(FORM))
        Latent places of the conversations fitted on.
    pull : ndarray of float32, shape (n_read, H)
        How strongly each place pulls each head; numbers that 16 bits hold.
    facet_centre, facet_spread : ndarray of float32, shape (N_FACET_SCORES,)
        Mean and standard deviation of held-out facet scores.
    subjective : ndarray of float32, shape (1, 2)
        Calibrating slope and constant on the standardised score of the logistic head.
    task_type, response_type : ndarray of float32, shape (classes, N_FACET_SCORES + 1)
        Calibrating logistic models on standardised facet scores; the last column is the constant.
    values : ndarray of float32, shape (n_values, N_FACET_SCORES + 2)
        The same for each value: facet scores, the value's own score, the constant.
    value_centre, value_spread : ndarray of float32, shape (n_values,)
        Mean and standard deviation of held-out value scores.
    subjective_threshold : ndarray of float32, shape (1,)
        Least probability at which a conversation is called subjective.
    value_thresholds : ndarray of float32, shape (n_values,)
        Least probability at which a value is listed.
    """

    idf: Floats
    centre: Floats
    spread: Floats
    basis: npt.NDArray[np.int8]
    step: Floats
    mixing: Floats
    form: Floats
    offset: Floats
    axes: npt.NDArray[np.int8]
    axis_step: Floats
    axis_centre: Floats
    axis_size: Floats
    points: npt.NDArray[np.int8]
    pull: Floats
    facet_centre: Floats
    facet_spread: Floats
    subjective: Floats
    task_type: Floats
    response_type: Floats
    values: Floats
    value_centre: Floats
    value_spread: Floats
    subjective_threshold: Floats
    value_thresholds: Floats


@dataclass(frozen=True, slots=True)
class Probabilities:
    """What the labeller says of n conversations.

    Attributes
    ----------
    subjective : ndarray of float64, shape (n,)
        Probability that a reader calls the conversation subjective.
    task_type, response_type : ndarray of float64, shapes (n, 16) and (n, 7)
        Rows sum to 1; columns in the order of the schema.
    values : ndarray of float64, shape (n, n_values)
        Probability that the conversation is subjective and the party expresses the value.
    """

    subjective: npt.NDArray[np.float64]
    task_type: npt.NDArray[np.float64]
    response_type: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EmbeddedModel:
    """Weights and the names of what they predict.

    Attributes
    ----------
    version : str
        Changes whenever the weights do.
    value_names : tuple of (str, str)
        Party and value of each value head, in order.
    weights : Weights
        The fitted arrays.
    """

    version: str
    value_names: tuple[tuple[str, str], ...]
    weights: Weights


def probabilities(model: EmbeddedModel, counts: Counts) -> Probabilities:
    """Score conversations.

    Parameters
    ----------
    model : EmbeddedModel
        A fitted labeller.
    counts : Counts
        Features of n conversations.

    Returns
    -------
    Probabilities
        Each row depends on its own conversation alone, bit for bit.
    """
    w = model.weights
    scores = head_scores(w, counts)
    facets = (scores[:, :N_FACET_SCORES] - w.facet_centre) / w.facet_spread
    own = (scores[:, N_FACET_SCORES:] - w.value_centre) / w.value_spread
    subjective = _logistic(_linear(facets[:, :1], w.subjective))[:, 0]
    joint = _linear(facets, np.delete(w.values, -2, axis=1)) + own * w.values[:, -2]
    return Probabilities(
        subjective=subjective,
        task_type=_softmax(_linear(facets, w.task_type)),
        response_type=_softmax(_linear(facets, w.response_type)),
        values=np.minimum(_logistic(joint), subjective[:, None]),
    )


def head_scores(weights: Weights, counts: Counts) -> npt.NDArray[np.float64]:
    """Return the score of every head, shape (n, H)."""
    scaling = Scaling(weights.idf, weights.centre, weights.spread)
    families, form = scaled_families(counts, scaling), scaled_form(counts, scaling)
    directions = families @ weights.basis.astype(np.float32)
    scores = by_row(directions * weights.step, weights.mixing)
    scores += by_row(form, weights.form)
    latent = Latent(weights.axes, weights.axis_step, weights.axis_centre, weights.axis_size)
    near = closeness(latent_points(families, form, latent), weights.points)
    scores += by_row(near, weights.pull)
    total: npt.NDArray[np.float64] = scores.astype(float) + weights.offset
    return total


def _linear(x: npt.NDArray[np.float64], coefficients: Floats) -> npt.NDArray[np.float64]:
    product: npt.NDArray[np.float64] = sparse.csr_matrix(x) @ coefficients[:, :-1].T.astype(float)
    return product + coefficients[:, -1]


def _logistic(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -30.0, 30.0))))


def _softmax(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))


def save_model(model: EmbeddedModel, path: Path, **facts: Any) -> None:
    """Write ``path`` (.npz, no pickle) and its description beside it (.json).

    Parameters
    ----------
    model : EmbeddedModel
        What to store.
    path : Path
        Ends in ``.npz``.
    **facts : Any
        More entries of the description.
    """
    content = _packed(model.weights)
    write_bytes(content, path)
    description = {
        "format": FORMAT,
        "version": model.version,
        "sha256": hashlib.sha256(content).hexdigest(),
        "values": [list(pair) for pair in model.value_names],
        "task_types": list(TASK_TYPES),
        "response_types": list(RESPONSE_TYPES),
        **facts,
    }
    write_json(description, path.with_suffix(".json"))


def _packed(weights: Weights) -> bytes:
    """Zip the arrays with a fixed date, so that equal weights give equal bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for field in fields(Weights):
            array = getattr(weights, field.name)
            entry = io.BytesIO()
            stored = array.astype(np.float16) if field.name in _HALVES else array
            np.lib.format.write_array(entry, np.ascontiguousarray(stored), allow_pickle=False)
            info = zipfile.ZipInfo(f"{field.name}.npy", date_time=_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, entry.getvalue())
    return stream.getvalue()


def load_model(path: Path) -> EmbeddedModel:
    """Read a stored labeller.

    Raises
    ------
    InputError
        If a file is absent, damaged or of another format.
    """
    try:
        description = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a readable labeller ({error})") from error
    if description.get("format") != FORMAT:
        raise InputError(f"{path}: format {description.get('format')!r}; allowed is {FORMAT}")
    if hashlib.sha256(content).hexdigest() != description["sha256"]:
        raise InputError(f"{path}: damaged: its SHA-256 is not {description['sha256']}")
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        arrays = {f.name: stored[f.name] for f in fields(Weights)}
    arrays |= {name: arrays[name].astype(np.float32) for name in _HALVES}
    names = tuple((str(party), str(value)) for party, value in description["values"])
    return EmbeddedModel(str(description["version"]), names, Weights(**arrays))
