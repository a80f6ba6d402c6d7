"""Mirroring in the frame, corrected by a proxy that the machine labels allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from valuescape.counts.frame import Presence, presence
from valuescape.statistics.corrected_mean import CorrectedMean, corrected_mean
from valuescape.statistics.correction import CorrectedShare, Domain, corrected_prevalence
from valuescape.statistics.cross_fitted import cross_fitted_probability, log_odds_features
from valuescape.study.contrasts import Spoken
from valuescape.study.correction import CorrectionPlan, GroupFrame
from valuescape.study.mirroring import exchanged, mirrored

Indicator = NDArray[np.float64]

_FIELDS = ("readings", "readings_low", "readings_high", "machine", "phi_squared", "tuning", "gain",
           "n_read", "n_frame", "n_clusters", "effective_readings")  # fmt: skip

_COLUMNS = ["stance", "quantity", "estimate", "ci_low", "ci_high", "method", "corrected",
            "corrected_low", "corrected_high", *_FIELDS, "n_domain", "unit"]  # fmt: skip


def corrected_mirroring(
    frame: GroupFrame,
    spoken: Spoken,
    stances: Mapping[str, Sequence[str]],
    plan: CorrectionPlan,
    *,
    penalty: float,
) -> pd.DataFrame:
    """Mirroring of one group, by stance: as read, and corrected with the machine labels.

    The machine names a dozen values of users, so what it says of both sides together is too little.
    A ridge logistic regression on all its probabilities, fitted out of fold on the readings, gives
    the probability that the user states a value and that the assistant shows one of them; the
    correction makes up for what it gets wrong, and where it explains little the readings stand.

    Parameters
    ----------
    frame : GroupFrame
        The frame of the group.
    spoken : Spoken
        What both sides say, as read and by machine.
    stances : mapping
        Printed name of a stance to the response types it joins.
    plan : CorrectionPlan
        Levels and thresholds; parts with fewer than ``minimum_readings`` are left out.
    penalty : float
        Of the regression, on standardised log odds.

    Returns
    -------
    DataFrame
        A row a ``stance`` and ``quantity``: ``stated`` (the user states a value, a share of the
        stance), ``observed_all`` (mirroring, a share of the stance), ``observed`` (mirroring among
        those that can be exchanged) and ``excess`` (the same less its expectation); the headline
        ``estimate`` with ``ci_low`` and ``ci_high`` and its ``method``, both estimates, and
        ``n_domain``, the readings of the denominator.  ``machine`` is the proxy's mean alone; that
        of ``excess`` is empty, because the machine has no expectation to subtract.
    """
    read = _read(frame, spoken)
    features = mirroring_features(frame, spoken)
    rows: list[dict[str, object]] = []
    for stance, types in stances.items():
        inside = read.subjective * frame.table["response_type"].isin(types).to_numpy(dtype=float)
        domain = Domain(inside, _p_stance(frame, types))
        rows.extend(
            {"stance": stance, **row} for row in _rows(frame, read, features, domain, plan, penalty)
        )
    return pd.DataFrame(rows, columns=_COLUMNS)


class _Read:
    """Readings of every row of the frame; 0 where nothing was read."""

    def __init__(self, frame: GroupFrame, subjective: Indicator, sides: tuple[Presence, Presence]):
        said, wanted = sides
        chosen = np.flatnonzero(subjective)
        parts = [Presence(side.matrix[chosen], side.names) for side in sides]
        self.subjective = subjective
        self.mirrors = subjective * mirrored(said, wanted)
        self.stated = subjective * (np.asarray(wanted.matrix.sum(axis=1)).ravel() > 0)
        self.expected = np.full(subjective.size, np.nan)
        self.expected[chosen] = exchanged(frame.table.iloc[chosen], *parts)


def _read(frame: GroupFrame, spoken: Spoken) -> _Read:
    ids = frame.table["conversation_id"]
    heard = pd.concat([spoken.assistant["value"], spoken.user["value"]]).astype(str)
    names = np.unique(heard.to_numpy())
    sides = (
        presence(ids, spoken.assistant, "value", names),
        presence(ids, spoken.user, "value", names),
    )
    subjective = frame.table["subjective"].fillna(False).to_numpy(dtype=float)
    return _Read(frame, subjective, sides)


def mirroring_features(frame: GroupFrame, spoken: Spoken) -> Indicator:
    """Log odds of all that the machine says of a conversation that may tell of mirroring.

    Facets, users' values, any value of a user, and any value on both sides as if the two were
    independent.

    Returns
    -------
    ndarray, shape (n_frame, n_features)
        Standardised over the frame.
    """
    ids = frame.table["conversation_id"]
    facets = frame.table[[c for c in frame.table if str(c).startswith("p_")]]
    user = spoken.p_user.reindex(ids).fillna(0.0)
    shared = [name for name in user if name in spoken.p_assistant]
    assistant = spoken.p_assistant[shared].reindex(ids).fillna(0.0)
    stated = 1.0 - np.prod(1.0 - user.to_numpy(dtype=float), axis=1)
    both = 1.0 - np.prod(1.0 - user[shared].to_numpy(float) * assistant.to_numpy(float), axis=1)
    columns = (facets.to_numpy(dtype=float), user.to_numpy(dtype=float), stated, both)
    return log_odds_features(np.clip(np.column_stack(columns), 0.0, 1.0))


def _p_stance(frame: GroupFrame, types: Sequence[str]) -> Indicator:
    """Probability of a subjective conversation of the stance."""
    found = frame.table[[f"p_{name}" for name in types]].sum(axis=1).to_numpy(dtype=float)
    if "no_values" in types:  # which every conversation that is not subjective has
        found = found - (1.0 - frame.table["p_subjective"].to_numpy(dtype=float))
    return np.asarray(np.clip(found, 0.0, 1.0))


def _rows(
    frame: GroupFrame,
    read: _Read,
    features: Indicator,
    domain: Domain,
    plan: CorrectionPlan,
    penalty: float,
) -> list[dict[str, object]]:
    def given(y: Indicator, of: Domain) -> Indicator:
        """Probability of y and of being in the domain."""
        chance = cross_fitted_probability(
            features, y, frame.design, within=of.reading, penalty=penalty
        )
        return np.asarray(of.machine * chance)

    def share(y: Indicator, of: Domain) -> CorrectedShare:
        return corrected_prevalence(
            y,
            given(y, of),
            frame.design,
            domain_reading=of.reading,
            domain_machine=of.machine,
            conf_level=plan.conf_level,
            rare=plan.rare,
        )

    if not _enough(domain, frame, plan):
        return []
    stated = domain.reading * read.stated
    rows = [
        _row("stated", share(stated, domain), domain, plan),
        _row("observed_all", share(domain.reading * read.mirrors, domain), domain, plan),
    ]
    can_be_exchanged = stated * ~np.isnan(read.expected)
    paired = Domain(can_be_exchanged, given(can_be_exchanged, domain))
    if not _enough(paired, frame, plan):
        return rows
    mirrors = can_be_exchanged * read.mirrors
    excess = corrected_mean(
        mirrors - np.nan_to_num(read.expected),
        given(mirrors, paired),
        frame.design,
        paired,
        conf_level=plan.conf_level,
    )
    rows.append(_row("observed", share(mirrors, paired), paired, plan))
    rows.append(_row("excess", excess, paired, plan) | {"machine": np.nan})
    return rows


def _enough(domain: Domain, frame: GroupFrame, plan: CorrectionPlan) -> bool:
    n_clusters = np.unique(frame.design.cluster[domain.reading > 0]).size
    return bool(domain.reading.sum() >= plan.minimum_readings and n_clusters > 1)


def _row(
    quantity: str, found: CorrectedShare | CorrectedMean, domain: Domain, plan: CorrectionPlan
) -> dict[str, object]:
    corrected = found.phi_squared >= plan.minimum_phi_squared
    ours = (found.estimate, found.ci_low, found.ci_high)
    headline = ours if corrected else (found.readings, found.readings_low, found.readings_high)
    return {
        "quantity": quantity,
        **dict(zip(("estimate", "ci_low", "ci_high"), headline, strict=True)),
        "method": "corrected" if corrected else "readings",
        **dict(zip(("corrected", "corrected_low", "corrected_high"), ours, strict=True)),
        **{name: getattr(found, name) for name in _FIELDS},
        "n_domain": int(domain.reading.sum()),
        "unit": "share",
    }
