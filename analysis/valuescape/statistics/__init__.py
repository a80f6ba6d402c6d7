"""Pure statistical functions: arrays in, frozen results out.

Nothing here reads a file or a parameter. Results are frozen dataclasses with ``to_frame()``;
p-values are on the log10 scale; counts are conversations unless a docstring says otherwise.
"""

from valuescape.statistics.agreement import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from valuescape.statistics.cells import (
    CellTests,
    adjusted_residual,
    cell_tests,
    rao_scott_counts,
    signed_root_deviance,
)
from valuescape.statistics.cluster_bootstrap import ClusterBootstrap
from valuescape.statistics.coefficient import Agreement
from valuescape.statistics.contingency import Contingency, contingency
from valuescape.statistics.gamma_mixture import GammaMixture, fit_gamma_mixture
from valuescape.statistics.hypergeometric import exact_log10_p
from valuescape.statistics.intervals import (
    Interval,
    clopper_pearson,
    critical_value,
    koopman_interval,
    logit_interval,
    miettinen_nurminen,
    mover_difference,
    mover_ratio,
    wilson,
)
from valuescape.statistics.log_odds import LogOdds, PriorStrength, log_odds, prior_strength
from valuescape.statistics.multiplicity import adjust_p, fcr_conf_level
from valuescape.statistics.overlap import PrecisionRecall, mean_jaccard, precision_recall
from valuescape.statistics.shrinkage import ShrunkenLogRatio, shrunken_log_rr
from valuescape.statistics.tails import chi2_log10_p, normal_log10_p

__all__ = [
    "Agreement",
    "CellTests",
    "ClusterBootstrap",
    "Contingency",
    "GammaMixture",
    "Interval",
    "LogOdds",
    "PrecisionRecall",
    "PriorStrength",
    "ShrunkenLogRatio",
    "adjust_p",
    "adjusted_residual",
    "cell_tests",
    "chi2_log10_p",
    "clopper_pearson",
    "cohen_kappa",
    "contingency",
    "critical_value",
    "exact_log10_p",
    "fcr_conf_level",
    "fit_gamma_mixture",
    "fleiss_kappa",
    "gwet_ac1",
    "koopman_interval",
    "krippendorff_alpha",
    "log_odds",
    "logit_interval",
    "mean_jaccard",
    "miettinen_nurminen",
    "mover_difference",
    "mover_ratio",
    "normal_log10_p",
    "percent_agreement",
    "precision_recall",
    "prior_strength",
    "rao_scott_counts",
    "shrunken_log_rr",
    "signed_root_deviance",
    "wilson",
]
