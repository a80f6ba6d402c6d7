"""The held-out figures of a labeller, as one long table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from valuescape.labelling import evaluation as ev
from valuescape.labelling.decisions import Decisions
from valuescape.labelling.fitting import HEADING, Targets
from valuescape.labelling.model import Probabilities
from valuescape.schema import RESPONSE_TYPES, TASK_TYPES

COMMON = 40
KEY = ["facet", "item", "quantity"]
Floats = npt.NDArray[np.float64]
Row = tuple[str, str, str, ev.Metric]


def heldout_figures(
    targets: Targets, p: Probabilities, decisions: Decisions, n_boot: int, seed: int
) -> pd.DataFrame:
    """Compare held-out labels with readings.

    Parameters
    ----------
    targets : Targets
        Readings of n conversations.
    p, decisions : Probabilities, Decisions
        What models that saw no reading of their prompt groups said of them.
    n_boot : int
        Draws of prompt groups behind each interval.
    seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        Columns facet, item, quantity, estimate, ci_low, ci_high (95 %, percentile), n and
        n_clusters.
    """
    weights = ev.bootstrap_weights(targets.groups, n_boot, seed)
    rows = [
        (facet, item, quantity, f.estimate, f.ci_low, f.ci_high)
        for facet, item, quantity, metric in _metrics(targets, p, decisions)
        for f in (ev.figure(metric, weights),)
    ]
    table = pd.DataFrame(rows, columns=[*KEY, "estimate", "ci_low", "ci_high"])
    return table.assign(n=len(targets.groups), n_clusters=len(np.unique(targets.groups)))


def _metrics(targets: Targets, p: Probabilities, decisions: Decisions) -> Iterator[Row]:
    yield from _subjective(targets, p, decisions)
    yield from _classes(
        "task_type", TASK_TYPES, targets.task_type, p.task_type, decisions.task_type
    )
    yield from _classes(
        "response_type",
        RESPONSE_TYPES,
        targets.response_type,
        p.response_type,
        decisions.response_type,
    )
    yield from _values(targets, p, decisions)


def _subjective(targets: Targets, p: Probabilities, decisions: Decisions) -> Iterator[Row]:
    truth, called = targets.subjective.astype(np.int64), decisions.subjective.astype(np.int64)
    yield "subjective", "all", "kappa", ev.kappa(truth, called, 2)
    yield "subjective", "all", "macro_f1", ev.macro_f1(truth, called, 2)
    yield "subjective", "all", "accuracy", ev.accuracy(truth, called)
    yield from _binary(
        "subjective", "subjective", targets.subjective, p.subjective, decisions.subjective
    )


def _classes(
    facet: str,
    names: tuple[str, ...],
    truth: npt.NDArray[np.int64],
    p: Floats,
    called: npt.NDArray[np.int64],
) -> Iterator[Row]:
    yield facet, "all", "kappa", ev.kappa(truth, called, len(names))
    yield facet, "all", "macro_f1", ev.macro_f1(truth, called, len(names))
    yield facet, "all", "accuracy", ev.accuracy(truth, called)
    top = p.argmax(axis=1)
    yield facet, "all", "calibration_error", ev.calibration_error(truth == top, p.max(axis=1))
    for k, name in enumerate(names):
        yield from _binary(facet, name, truth == k, p[:, k], called == k)


def _binary(
    facet: str,
    item: str,
    truth: npt.NDArray[np.bool_],
    p: Floats,
    called: npt.NDArray[np.bool_],
) -> Iterator[Row]:
    yield facet, item, "base_rate", ev.base_rate(truth)
    yield facet, item, "average_precision", ev.average_precision(truth, p)
    yield facet, item, "auc", ev.auc(truth, p)
    yield facet, item, "precision", ev.precision(truth, called)
    yield facet, item, "recall", ev.recall(truth, called)
    yield facet, item, "calibration_error", ev.calibration_error(truth, p)


def _values(targets: Targets, p: Probabilities, decisions: Decisions) -> Iterator[Row]:
    own = [j for j, (party, _) in enumerate(targets.value_names) if party == "assistant"]
    common = own[:COMMON]
    ap = [ev.average_precision(targets.values[:, j], p.values[:, j]) for j in own]
    areas = [ev.auc(targets.values[:, j], p.values[:, j]) for j in common]
    rates = [ev.base_rate(targets.values[:, j]) for j in common]
    yield "assistant_value", "common", "mean_average_precision", _mean(ap[:COMMON])
    yield "assistant_value", "common", "mean_auc", _mean(areas)
    yield "assistant_value", "common", "mean_base_rate", _mean(rates)
    yield "assistant_value", "all", "mean_average_precision", _mean(ap)
    yield from _headings(targets, p)
    pooled = ev.calibration_error(targets.values[:, own], p.values[:, own])
    yield "assistant_value", "all", "calibration_error", pooled
    for j, (party, value) in enumerate(targets.value_names):
        yield from _binary(
            f"{party}_value", value, targets.values[:, j], p.values[:, j], decisions.values[:, j]
        )


def _headings(targets: Targets, p: Probabilities) -> Iterator[Row]:
    """Yield the mean over the taxonomy's top headings, where there are any."""
    top = [j for j, (party, _) in enumerate(targets.value_names) if party == HEADING]
    if top:
        truth, said = targets.values, p.values
        ap = [ev.average_precision(truth[:, j], said[:, j]) for j in top]
        rates = [ev.base_rate(truth[:, j]) for j in top]
        yield "heading_value", "all", "mean_average_precision", _mean(ap)
        yield "heading_value", "all", "mean_base_rate", _mean(rates)
        pooled = ev.calibration_error(truth[:, top], said[:, top])
        yield "heading_value", "all", "calibration_error", pooled


def _mean(metrics: list[ev.Metric]) -> ev.Metric:
    return lambda weights: np.nanmean([metric(weights) for metric in metrics], axis=0)
