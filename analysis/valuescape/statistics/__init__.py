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
    signed_root_deviance,
)
from valuescape.statistics.cluster_bootstrap import ClusterBootstrap
from valuescape.statistics.clustered_residual import ClusteredResidual, clustered_residual
from valuescape.statistics.coefficient import Agreement
from valuescape.statistics.conditional_independence import (
    ConditionalIndependence,
    conditional_independence,
)
from valuescape.statistics.confidence_sequence import ConfidenceSequence, confidence_sequence
from valuescape.statistics.contingency import Contingency, contingency
from valuescape.statistics.cooccurrence import Cooccurrence, cooccurrence
from valuescape.statistics.corrected_contrast import CorrectedContrast, corrected_contrast
from valuescape.statistics.corrected_logit import CorrectedLogit, corrected_logit
from valuescape.statistics.corrected_mean import CorrectedMean, corrected_mean
from valuescape.statistics.correction import (
    CorrectedShare,
    Domain,
    LabelledFrame,
    MachineRecall,
    corrected_prevalence,
    machine_recall,
)
from valuescape.statistics.deflation import rao_scott_counts
from valuescape.statistics.dirichlet_prior import PriorStrength, prior_strength
from valuescape.statistics.disclosure import HiddenBounds, hidden_bounds
from valuescape.statistics.divergence import (
    JensenShannon,
    JensenShannonPairs,
    jensen_shannon,
    jensen_shannon_pairs,
)
from valuescape.statistics.e_detector import EDetector, e_detector
from valuescape.statistics.e_process import EProcess, change_e_process, e_process
from valuescape.statistics.fcr import SelectedIntervals, fcr_intervals
from valuescape.statistics.gamma_mixture import GammaMixture, fit_gamma_mixture
from valuescape.statistics.hierarchical import HierarchicalTests, hierarchical_bh, simes_log10_p
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
from valuescape.statistics.invariance import CorrectedCV, corrected_cv
from valuescape.statistics.joint_independence import JointIndependence, joint_independence
from valuescape.statistics.log_odds import LogOdds, log_odds
from valuescape.statistics.marginal_independence import MarginalIndependence, marginal_independence
from valuescape.statistics.multiplicity import adjust_p, fcr_conf_level
from valuescape.statistics.overlap import PrecisionRecall, mean_jaccard, precision_recall
from valuescape.statistics.paired import PairedContrast, paired_contrast
from valuescape.statistics.principal_axes import PrincipalAxes, principal_axes
from valuescape.statistics.rank_sets import RankSets, rank_sets
from valuescape.statistics.rao_scott import RaoScott, rao_scott
from valuescape.statistics.resampling import PoissonBootstrap, poisson_bootstrap
from valuescape.statistics.resampling_min_p import PermutationMinP, permutation_min_p
from valuescape.statistics.shrinkage import ShrunkenLogRatio, shrunken_log_rr
from valuescape.statistics.specific_agreement import specific_agreement
from valuescape.statistics.standardisation import Standardised, standardise
from valuescape.statistics.student import student_log10_p
from valuescape.statistics.suppression import Suppression, suppress
from valuescape.statistics.table_tests import TableTests, table_tests
from valuescape.statistics.tails import chi2_log10_p, normal_log10_p
from valuescape.statistics.top_set import TiedTopSet, tied_top_set
from valuescape.statistics.variance_components import CrossedComponents, crossed_components

__all__ = [
    "Agreement",
    "CellTests",
    "ClusterBootstrap",
    "ClusteredResidual",
    "ConditionalIndependence",
    "ConfidenceSequence",
    "Contingency",
    "Cooccurrence",
    "CorrectedCV",
    "CorrectedContrast",
    "CorrectedLogit",
    "CorrectedMean",
    "CorrectedShare",
    "CrossedComponents",
    "Domain",
    "EDetector",
    "EProcess",
    "GammaMixture",
    "HiddenBounds",
    "HierarchicalTests",
    "Interval",
    "JensenShannon",
    "JensenShannonPairs",
    "JointIndependence",
    "LabelledFrame",
    "LogOdds",
    "MachineRecall",
    "MarginalIndependence",
    "PairedContrast",
    "PermutationMinP",
    "PoissonBootstrap",
    "PrecisionRecall",
    "PrincipalAxes",
    "PriorStrength",
    "RankSets",
    "RaoScott",
    "SelectedIntervals",
    "ShrunkenLogRatio",
    "Standardised",
    "Suppression",
    "TableTests",
    "TiedTopSet",
    "adjust_p",
    "adjusted_residual",
    "cell_tests",
    "change_e_process",
    "chi2_log10_p",
    "clopper_pearson",
    "clustered_residual",
    "cohen_kappa",
    "conditional_independence",
    "confidence_sequence",
    "contingency",
    "cooccurrence",
    "corrected_contrast",
    "corrected_cv",
    "corrected_logit",
    "corrected_mean",
    "corrected_prevalence",
    "critical_value",
    "crossed_components",
    "e_detector",
    "e_process",
    "exact_log10_p",
    "fcr_conf_level",
    "fcr_intervals",
    "fit_gamma_mixture",
    "fleiss_kappa",
    "gwet_ac1",
    "hidden_bounds",
    "hierarchical_bh",
    "jensen_shannon",
    "jensen_shannon_pairs",
    "joint_independence",
    "koopman_interval",
    "krippendorff_alpha",
    "log_odds",
    "logit_interval",
    "machine_recall",
    "marginal_independence",
    "mean_jaccard",
    "miettinen_nurminen",
    "mover_difference",
    "mover_ratio",
    "normal_log10_p",
    "paired_contrast",
    "percent_agreement",
    "permutation_min_p",
    "poisson_bootstrap",
    "precision_recall",
    "principal_axes",
    "prior_strength",
    "rank_sets",
    "rao_scott",
    "rao_scott_counts",
    "shrunken_log_rr",
    "signed_root_deviance",
    "simes_log10_p",
    "specific_agreement",
    "standardise",
    "student_log10_p",
    "suppress",
    "table_tests",
    "tied_top_set",
    "wilson",
]
