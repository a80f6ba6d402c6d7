"""Every interval of the package, under one name.

Shares: `wilson`, `clopper_pearson`, `logit_interval`. Two independent shares by inverted score
tests: `koopman_interval`, `miettinen_nurminen`. Recovered from the intervals of two parts:
`mover_difference`, `mover_ratio`.
"""

from valuescape.statistics.mover import mover_difference, mover_ratio
from valuescape.statistics.score_intervals import koopman_interval, miettinen_nurminen
from valuescape.statistics.shares import (
    Interval,
    clopper_pearson,
    critical_value,
    logit_interval,
    wilson,
)

__all__ = [
    "Interval",
    "clopper_pearson",
    "critical_value",
    "koopman_interval",
    "logit_interval",
    "miettinen_nurminen",
    "mover_difference",
    "mover_ratio",
    "wilson",
]
