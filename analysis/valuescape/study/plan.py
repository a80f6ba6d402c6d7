"""How the cells of a family are tested and marked: fixed before looking."""

from __future__ import annotations

from dataclasses import dataclass

from valuescape.counts.cells import CELL_KEY

FAMILY = CELL_KEY[:3]


@dataclass(frozen=True, slots=True)
class CellPlan:
    """How the cells of a family are tested and marked.

    Attributes
    ----------
    minimum_expected : float
        Effective expected count from which the clustered score is trusted.
    minimum_clusters : int
        Prompt groups from which it is trusted.
    conf_level : float
        Level of intervals.
    q_threshold : float
        False discovery rate of the family.
    distinctive_risk_ratio : float
        Shrunken risk ratio that the lower limit of a distinctive value must exceed.
    minimum_expected_ranked : float
        Effective expected count from which a value may be ranked first in a context.
    prior_strength : float or None
        Conversations the log-odds prior is worth; by marginal likelihood when None.
    """

    minimum_expected: float
    minimum_clusters: int
    conf_level: float
    q_threshold: float
    distinctive_risk_ratio: float
    minimum_expected_ranked: float
    prior_strength: float | None
