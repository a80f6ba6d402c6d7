"""Bad input to every public function: an error that names the argument, or a documented NaN.

Each function has a valid call and the kind of every argument. Every kind has ways to be bad, all of
which are tried in every argument of that kind; what concerns several arguments at once, or one
function only, is listed by hand.
"""

import contextlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from valuescape import statistics
from valuescape.statistics import (
    ClusterBootstrap,
    Domain,
    GammaMixture,
    Interval,
    LabelledFrame,
)
from valuescape.statistics.cluster_spread import between_cluster_spread
from valuescape.statistics.clusters import clustered_mean, clustered_share
from valuescape.statistics.cross_fitted import cross_fitted_probability, log_odds_features
from valuescape.statistics.design import Design, design_scores, stratum_counts
from valuescape.statistics.fcr import normal_interval
from valuescape.statistics.prevalence import prevalences
from valuescape.statistics.richness import richness
from valuescape.statistics.stratified import stratified_exact_log10_p

NAN, INF = float("nan"), float("inf")


@dataclass(frozen=True)
class Case:
    """A valid call and the kind of its arguments."""

    good: dict[str, Any]
    kinds: dict[str, str]
    function: Callable[..., Any] | None = None
    undefined: frozenset[str] = field(default_factory=frozenset)

    def call(self, name: str, **changes: Any) -> Any:
        function = self.function or getattr(statistics, name)
        return function(**(self.good | changes))


ROWS = np.arange(60)
FRAME = {
    "read": (ROWS < 40).tolist(),
    "stratum": (ROWS % 2).tolist(),
    "cluster": (ROWS // 2).tolist(),
    "fold": (ROWS // 2 % 3).tolist(),
    "inclusion": [0.5] * 60,
}
READ = LabelledFrame.of(**FRAME)
TRUTH = ((ROWS * 7) % 5 < 2).astype(float)
MACHINE = np.clip(0.15 + 0.6 * TRUTH + 0.2 * ((ROWS * 3) % 4 == 0), 0, 1)
MEMBER = (ROWS // 2 % 4 < 2).astype(float)
LABELLED = {"reading": TRUTH.tolist(), "machine": MACHINE.tolist(), "frame": READ}
READING = {"reading": "reading", "machine": "probability", "conf_level": "inside"}
CELL = {"k": [3, 2], "n_context": [10, 9], "n_value": [8, 7], "n_total": [40, 40]}
COUNTS = dict.fromkeys(CELL, "count")
SHARES = {"k1": [3, 2], "n1": [10, 9], "k2": [1, 4], "n2": [12, 9]}
PICKS = [[1, 0], [1, 1], [0, 1], [1, 0], [0, 1], [0, 0], [0, 1], [1, 1]]
CODES = {
    "context": [0, 0, 0, 1, 1, 1],
    "conversation": [0, 1, 3, 4],
    "value": [0, 1, 0, 1],
}
PAIRED = {"outcome": [1, 0, 1, 1, 0, 0], "arm": list("ababab"), "block": [0, 0, 1, 1, 2, 2]}
Y = [1, 0, 0, 1, 1, 0, 1, 0]
STANDARD = {
    "y": Y,
    "weight": [1.0, 2.0] * 4,
    "stratum": list("aabbaabb"),
    "arm": [1, 1, 1, 1, 2, 2, 2, 2],
    "target": {"a": 2.0, "b": 1.0},
    "cluster": list(range(8)),
}
LOOKS = {"successes": [3, 5, 4], "trials": [10, 20, 10]}
LOOK_KINDS = {"successes": "count", "trials": "count"}
RATINGS = [["a", "a"], ["a", "b"], ["b", "b"], ["b", "b"]]
BOOT = ClusterBootstrap([0, 0, 1, 1], 20)
DESIGN = Design.of([1.0] * 4, [0] * 4, list(range(4)))

CASES: dict[str, Case] = {
    "adjust_p": Case(
        {"log10_p": [-3.0, -1.0], "method": "bh"}, {"log10_p": "log_p", "method": "option"}
    ),
    "adjusted_residual": Case(CELL, COUNTS),
    "cell_tests": Case(CELL, COUNTS | {"alternative": "option", "conf_level": "inside"}),
    "change_e_process": Case(
        {"reference": (5, 100), **LOOKS},
        {"reference": "pair", "prior": "positive_pair", **LOOK_KINDS},
    ),
    "chi2_log10_p": Case(
        {"statistic": [3.0, 4.0], "df": [1.0, 2.0]}, {"statistic": "statistic", "df": "positive"}
    ),
    "clopper_pearson": Case(
        {"k": [3, 2], "n": [10, 9]}, {"k": "amount", "n": "amount", "conf_level": "inside"}
    ),
    "clustered_residual": Case(
        {"context": [0, 1, 1, 0], "values": ([0, 1], [0, 0]), "cluster": [0, 1, 2, 2]},
        {"context": "count", "cluster": "label"},
    ),
    "cohen_kappa": Case(
        {"first": list("aabb"), "second": list("abbb"), "bootstrap": BOOT},
        {"conf_level": "inside", "bootstrap": "bootstrap"},
    ),
    "conditional_independence": Case(
        {
            "context": list("aabbabab"),
            "picks": PICKS,
            "stratum": list("ssssssst"),
            "weight": [1.0, 2.0] * 4,
            "cluster": list(range(8)),
        },
        {
            "context": "label",
            "picks": "indicator",
            "stratum": "label",
            "weight": "weight",
            "cluster": "label",
            "trace_squares": "option",
        },
    ),
    "confidence_sequence": Case(
        LOOKS,
        LOOK_KINDS | {"method": "option", "prior": "positive_pair", "conf_level": "inside"},
    ),
    "contingency": Case({"counts": [[5, 3], [2, 8]]}, {"counts": "count"}),
    "cooccurrence": Case(
        {"conversation": [0, 1, 1], "value": [0, 0, 1], "n_total": 3},
        {"conversation": "count", "value": "count"},
        undefined=frozenset({"adjusted_residual"}),
    ),
    "corrected_contrast": Case(
        LABELLED | {"first": Domain.known(MEMBER, READ), "second": Domain.known(1 - MEMBER, READ)},
        READING | {"scale": "option", "tuning": "unit", "rare": "unit"},
    ),
    "corrected_cv": Case(
        {"k": [12, 55, 30], "n": [100, 150, 120], "deff": [1.0, 1.5, 2.0]},
        {"k": "count", "n": "count", "deff": "effect", "conf_level": "inside"},
    ),
    "corrected_logit": Case(
        LABELLED | {"design_matrix": np.column_stack([np.ones(60), ROWS % 3 == 0]).tolist()},
        READING | {"design_matrix": "number", "tuning": "unit", "inference": "option"},
    ),
    "corrected_mean": Case(
        LABELLED | {"domain": Domain.known(np.ones(60), READ)},
        {"reading": "number", "machine": "number", "tuning": "unit", "conf_level": "inside"},
    ),
    "corrected_prevalence": Case(LABELLED, READING | {"tuning": "unit", "rare": "unit"}),
    "critical_value": Case(
        {"conf_level": 0.95, "df": [3.0, 9.0]}, {"conf_level": "inside", "df": "positive"}
    ),
    "crossed_components": Case(
        {
            "outcome": (MACHINE[:24] + 0.1 * (ROWS[:24] % 5)).tolist(),
            "factors": {"prompt": ROWS[:24] // 4, "run": ROWS[:24] % 4},
            "cluster": (ROWS[:24] // 4).tolist(),
            "n_boot": 5,
        },
        {
            "outcome": "number",
            "cluster": "label",
            "n_boot": "whole",
            "seed": "whole",
            "conf_level": "inside",
        },
    ),
    "e_detector": Case(
        LOOKS | {"p0": 0.3, "run_length": 100.0, "odds_ratios": [1.5, 3.0]},
        LOOK_KINDS | {"p0": "inside", "odds_ratios": "effect", "alternative": "option"},
    ),
    "e_process": Case(
        LOOKS | {"p0": 0.3},
        LOOK_KINDS | {"p0": "inside", "prior": "positive_pair", "alternative": "option"},
    ),
    "exact_log10_p": Case(CELL, COUNTS | {"alternative": "option"}),
    "fcr_conf_level": Case(
        {"n_selected": 2, "n_tested": 10},
        {"n_selected": "size", "n_tested": "size", "conf_level": "inside"},
    ),
    "fit_gamma_mixture": Case(
        {"k": [3, 2, 9, 0], "expected": [2.0, 2.0, 1.0, 1.0]}, {"k": "amount", "expected": "above"}
    ),
    "fleiss_kappa": Case(
        {"ratings": RATINGS, "bootstrap": BOOT}, {"conf_level": "inside", "bootstrap": "bootstrap"}
    ),
    "gwet_ac1": Case(
        {"ratings": RATINGS, "bootstrap": BOOT},
        {"conf_level": "inside", "bootstrap": "bootstrap", "n_categories": "size"},
    ),
    "hierarchical_bh": Case(
        {"log10_p": [[-6.0, -0.2], [-0.5, -1.4]]}, {"log10_p": "log_p", "level": "inside"}
    ),
    "jensen_shannon": Case(
        {"counts_a": [6, 3, 1], "counts_b": [2, 3, 5]},
        {"counts_a": "count", "counts_b": "count", "conf_level": "inside"},
    ),
    "jensen_shannon_pairs": Case(
        {
            "counts": [[3, 1], [1, 2], [0, 4], [2, 3]],
            "group": ["x", "x", "y", "y"],
            "cluster": [0, 1, 2, 3],
        },
        {"counts": "count", "group": "label", "cluster": "label", "conf_level": "inside"},
    ),
    "joint_independence": Case(
        {
            "picks_a": PICKS,
            "picks_b": [[1], [1], [0], [1], [0], [1], [0], [0]],
            "weight": [1.0, 2.0] * 4,
            "cluster": [0, 0, 1, 1, 2, 2, 3, 3],
        },
        {
            "picks_a": "indicator",
            "picks_b": "indicator",
            "weight": "weight",
            "cluster": "label",
            "trace_squares": "option",
            "n_boot": "whole",
            "seed": "whole",
        },
        undefined=frozenset({"bootstrap_log10_p"}),
    ),
    "koopman_interval": Case(SHARES, dict.fromkeys(SHARES, "amount") | {"conf_level": "inside"}),
    "krippendorff_alpha": Case(
        {"ratings": RATINGS, "bootstrap": BOOT}, {"conf_level": "inside", "bootstrap": "bootstrap"}
    ),
    "log_odds": Case(
        {
            "k_group": [3, 7],
            "n_group": [10, 10],
            "k_rest": [10, 90],
            "n_rest": [100, 100],
            "prior": [1.0, 9.0],
        },
        {
            "k_group": "amount",
            "n_group": "amount",
            "k_rest": "amount",
            "n_rest": "amount",
            "prior": "above",
            "variance": "option",
        },
    ),
    "logit_interval": Case(
        {"estimate": [0.1, 0.5], "standard_error": [0.03, 0.1], "df": [20.0, 30.0]},
        {
            "estimate": "amount",
            "standard_error": "amount",
            "df": "positive",
            "conf_level": "inside",
        },
    ),
    "machine_recall": Case(
        LABELLED,
        READING | {"cut": "inside", "minimum_clusters": "size"},
        undefined=frozenset({"recall"}),
    ),
    "marginal_independence": Case(
        {
            "choice": list("aabbabab"),
            "picks": PICKS,
            "weight": [1.0, 2.0] * 4,
            "cluster": list(range(8)),
        },
        {
            "choice": "label",
            "picks": "indicator",
            "weight": "weight",
            "cluster": "label",
            "trace_squares": "option",
            "n_boot": "whole",
            "seed": "whole",
        },
        undefined=frozenset({"bootstrap_log10_p"}),
    ),
    "mean_jaccard": Case(
        {
            "first": [{"x"}, {"y"}, set(), {"z"}],
            "second": [{"x"}, {"x"}, set(), {"z"}],
            "bootstrap": BOOT,
        },
        {"conf_level": "inside", "bootstrap": "bootstrap"},
    ),
    "miettinen_nurminen": Case(
        SHARES, dict.fromkeys(SHARES, "amount") | {"scale": "option", "conf_level": "inside"}
    ),
    "mover_difference": Case(
        {
            "first": statistics.wilson([3, 2], 10),
            "second": statistics.wilson([1, 2], 10),
            "correlation": [0.1, 0.2],
        },
        {"correlation": "number"},
    ),
    "mover_ratio": Case(
        {
            "first": statistics.wilson([3, 2], 10),
            "second": statistics.wilson([1, 2], 10),
            "correlation": [0.1, 0.2],
        },
        {"correlation": "number"},
    ),
    "normal_log10_p": Case({"z": [1.0, 2.0]}, {"z": "text", "alternative": "option"}),
    "paired_contrast": Case(
        PAIRED | {"weight": [1.0, 1.0, 2.0, 2.0, 1.0, 1.0], "cluster": [0, 0, 1, 1, 2, 2]},
        {
            "outcome": "indicator",
            "arm": "label",
            "block": "label",
            "weight": "weight",
            "cluster": "label",
            "method": "option",
            "power": "inside",
            "conf_level": "inside",
        },
        undefined=frozenset({"statistic_corrected", "log10_p_corrected"}),
    ),
    "percent_agreement": Case(
        {"ratings": RATINGS, "bootstrap": BOOT}, {"conf_level": "inside", "bootstrap": "bootstrap"}
    ),
    "permutation_min_p": Case(
        CODES | {"cluster": list(range(6)), "stratum": [0] * 6, "n_permutations": 9},
        dict.fromkeys(CODES, "count") | {"cluster": "label", "stratum": "label"},
    ),
    "poisson_bootstrap": Case(
        CODES | {"cluster": list(range(6)), "n_boot": 64},
        dict.fromkeys(CODES, "count") | {"cluster": "label", "statistic": "option"},
    ),
    "precision_recall": Case(
        {"predicted": [1, 1, 0, 0], "reference": [1, 0, 1, 0], "bootstrap": BOOT},
        {
            "predicted": "indicator",
            "reference": "indicator",
            "bootstrap": "bootstrap",
            "conf_level": "inside",
        },
    ),
    "principal_axes": Case(
        {
            "outcome": np.random.default_rng(0).integers(0, 2, (40, 3)).tolist(),
            "covariates": (ROWS[:40, None] % 7).tolist(),
            "cluster": list(range(40)),
            "by": (ROWS[:40] % 2).tolist(),
            "block": [0] * 40,
            "n_boot": 5,
            "n_null": 5,
            "n_splits": 2,
        },
        {
            "outcome": "number",
            "covariates": "number",
            "cluster": "label",
            "n_boot": "whole",
            "n_null": "size",
            "n_splits": "size",
            "seed": "whole",
            "conf_level": "inside",
        },
    ),
    "prior_strength": Case(
        {
            "counts": [[3, 7], [1, 9]],
            "totals": [10, 10],
            "background": [0.2, 0.8],
        },
        {"counts": "amount", "totals": "amount", "background": "above", "model": "option"},
    ),
    "rank_sets": Case(
        {"estimate": [1.2, 1.0, 0.1], "standard_error": [0.2, 0.2, 0.2], "n_draws": 200},
        {
            "estimate": "number",
            "standard_error": "above",
            "coverage": "option",
            "n_draws": "size",
            "seed": "whole",
            "conf_level": "inside",
        },
    ),
    "rao_scott": Case(
        {"statistic": 12.0, "df": 3.0, "trace": 6.0, "trace_squares": 18.0},
        {"statistic": "amount", "df": "above", "trace": "above", "trace_squares": "number"},
    ),
    "rao_scott_counts": Case(CELL | {"deff": [1.5, 2.0]}, COUNTS | {"deff": "effect"}),
    "shrunken_log_rr": Case(
        {
            "k": [3, 2, 9, 0],
            "expected": [2.0, 2.0, 1.0, 1.0],
            "prior": GammaMixture(2.0, 1.0, 20.0, 20.0, 0.1, 0.0, True, False),
        },
        {"k": "amount", "expected": "above", "conf_level": "inside"},
    ),
    "signed_root_deviance": Case(CELL, COUNTS),
    "simes_log10_p": Case({"log10_p": [[-3.0, -0.1], [-1.0, -2.0]]}, {"log10_p": "log_p"}),
    "suppress": Case({"counts": [[20, 3], [40, 50]]}, {"counts": "count", "totals": "option"}),
    "specific_agreement": Case(
        {"first": list("aabb"), "second": list("abbb"), "category": "a", "bootstrap": BOOT},
        {"conf_level": "inside", "bootstrap": "bootstrap"},
    ),
    "standardise": Case(
        STANDARD,
        {
            "y": "indicator",
            "weight": "weight",
            "stratum": "label",
            "arm": "label",
            "cluster": "label",
            "missing": "option",
            "conf_level": "inside",
        },
    ),
    "student_log10_p": Case({"t": [1.0, 2.0], "df": [3.0, 4.0]}, {"t": "text", "df": "positive"}),
    "table_tests": Case(
        {"counts": [[12, 3], [28, 9]], "n_context": [40, 360], "n_value": [40, 12], "n_total": 400},
        {"counts": "count", "n_context": "count", "n_value": "count"},
    ),
    "tied_top_set": Case(
        {"estimate": [1.2, 1.0, 0.1], "standard_error": [0.2, 0.2, 0.2], "n_draws": 200},
        {
            "estimate": "number",
            "standard_error": "above",
            "coverage": "option",
            "k": "size",
            "n_draws": "size",
            "seed": "whole",
            "conf_level": "inside",
        },
    ),
    "wilson": Case(
        {"k": [3, 2], "n": [10, 9], "df": [5.0, 9.0]},
        {"k": "amount", "n": "amount", "df": "positive", "conf_level": "inside"},
    ),
}

# Not exported, but called by the pipeline with data.
CASES |= {
    "LabelledFrame.of": Case(
        FRAME,
        {
            "read": "indicator",
            "stratum": "label",
            "cluster": "label",
            "fold": "label",
            "inclusion": "chance",
        },
        LabelledFrame.of,
    ),
    "Domain.known": Case(
        {"member": MEMBER.tolist(), "frame": READ}, {"member": "indicator"}, Domain.known
    ),
    "Domain.labelled": Case(
        {"reading": TRUTH.tolist(), "machine": MACHINE.tolist(), "frame": READ},
        {},
        Domain.labelled,
    ),
    "Design.of": Case(
        {"weight": [1.0, 2.0, 1.0], "stratum": list("aab"), "cluster": [0, 1, 2]},
        {"weight": "weight", "stratum": "label", "cluster": "label"},
        Design.of,
    ),
    "design_scores": Case(
        {"context": [[1], [1], [0], [0]], "value": [[1], [0], [1], [0]], "design": DESIGN},
        {"context": "indicator", "value": "indicator"},
        design_scores,
    ),
    "stratum_counts": Case(
        {"context": [[1], [1], [0], [0]], "value": [[1], [0], [1], [0]], "design": DESIGN},
        {"context": "indicator", "value": "indicator"},
        stratum_counts,
    ),
    "prevalences": Case(
        {"context": [[1], [1], [0], [0]], "value": [[1], [0], [1], [0]], "design": DESIGN},
        {"context": "indicator", "value": "indicator"},
        prevalences,
    ),
    "clustered_share": Case(
        {"y": Y, "weight": [1.0] * 8, "clusterings": [list(range(8))], "within": [1] * 7 + [0]},
        {"y": "indicator", "weight": "weight", "within": "indicator", "conf_level": "inside"},
        clustered_share,
    ),
    "clustered_mean": Case(
        {"y": [0.1, 0.4, 0.2], "weight": [1.0] * 3, "clusterings": [[0, 1, 2]]},
        {"y": "number", "weight": "weight", "conf_level": "inside"},
        clustered_mean,
    ),
    "between_cluster_spread": Case(
        {"y": Y, "weight": [1.0] * 8, "cluster": list("aabbccdd")},
        {"y": "indicator", "weight": "weight", "cluster": "label"},
        between_cluster_spread,
    ),
    "cross_fitted_probability": Case(
        {
            "features": MACHINE[:, None].tolist(),
            "reading": TRUTH.tolist(),
            "frame": READ,
            "penalty": 1.0,
        },
        {"features": "number", "reading": "reading"},
        cross_fitted_probability,
    ),
    "log_odds_features": Case(
        {"probabilities": [[0.1, 0.5], [0.9, 0.2]]},
        {"edge": "inside"},
        log_odds_features,
    ),
    "normal_interval": Case(
        {"estimate": [1.0, 2.0], "standard_error": [0.5, 0.4], "df": [4.0, 9.0]},
        {
            "estimate": "number",
            "standard_error": "amount",
            "df": "positive",
            "conf_level": "inside",
        },
        normal_interval,
    ),
    "richness": Case(
        {"incidence": [3, 1, 1, 2], "n_units": 5, "n_rarefied": 2},
        {"incidence": "count", "n_units": "size", "n_rarefied": "size", "conf_level": "inside"},
        richness,
    ),
    "stratified_exact_log10_p": Case(
        {"k": [3, 1], "n_context": [4, 4], "n_value": [4, 5], "n_total": [8, 12]},
        COUNTS,
        stratified_exact_log10_p,
    ),
}
BY_HAND = {"fcr_intervals", "hidden_bounds"}

# Ways in which the first entry of an array, or an option, can be bad.
ENTRIES: dict[str, list[Any]] = {
    "count": [-1, 0.5, NAN, INF, "x"],
    "amount": [-1.0, NAN, INF, "x"],
    "above": [0.0, -1.0, NAN, INF, "x"],
    "weight": [0.0, -1.0, NAN, INF, "x"],
    "effect": [0.5, -1.0, NAN, INF, "x"],
    "number": [NAN, INF, "x"],
    "positive": [0.0, -1.0, NAN, "x"],
    "statistic": [-1.0, "x"],
    "probability": [-0.1, 1.1, NAN, INF, "x"],
    "chance": [0.0, 1.1, NAN, INF, "x"],
    "reading": [0.5, -1.0, NAN, INF, "x"],
    "indicator": [2, 0.5, -1, NAN, INF, "x"],
    "label": [None, NAN],
    "log_p": [0.1, INF, "x"],
    "text": ["x"],
}
OPTIONS: dict[str, list[Any]] = {
    "inside": [0.0, 1.0, -0.5, 1.5, NAN, "x", None, [0.5], 1j],
    "unit": [-0.1, 1.1, NAN, "x", [0.5], 1j],
    "option": ["nonsense", ""],
    "size": [0, -1, 1.5, NAN],
    "whole": [-1, 1.5, NAN],
    "pair": [(1, -2), (2, 1), (0.5, 2), (NAN, 3), (1,), 4],
    "positive_pair": [(0, 1), (1, -1), (NAN, 1), (1, 2, 3)],
    "bootstrap": [
        replace(BOOT, cluster=[0, None, 1, 1]),
        replace(BOOT, cluster=[0, NAN, 1, 1]),
        replace(BOOT, cluster=["a", NAN, "b", "b"]),
        replace(BOOT, cluster=[0, 1, 1]),
        replace(BOOT, cluster=[2, 2, 2, 2]),
        replace(BOOT, n_boot=0),
        replace(BOOT, n_boot=1.5),
        replace(BOOT, seed=-1),
    ],
}
SPOILT_BOOTSTRAP = "cluster|n_boot|seed"
LENGTHS = "shape|one flag|rows|length|entries|one row|observation|holds"
ELEMENTWISE = {"label", "weight", "indicator", "reading", "probability", "chance"}


def spoilt(good: Any, entry: Any) -> Any:
    """Put a bad entry in the first place."""
    if not isinstance(good, list):
        return entry
    return [spoilt(good[0], entry), *good[1:]]


def bad_arguments() -> list[Any]:
    found = []
    for name, case in CASES.items():
        for argument, kind in case.kinds.items():
            named = SPOILT_BOOTSTRAP if kind == "bootstrap" else rf"\b{argument}\b"
            found += [(name, argument, value, named) for value in OPTIONS.get(kind, [])]
            for entry in ENTRIES.get(kind, []):
                place = (
                    r".*\[\d" if isinstance(entry, float | int) and listed(case, argument) else ""
                )
                found.append((name, argument, spoilt(case.good[argument], entry), named + place))
            if kind in ELEMENTWISE:
                good = case.good[argument]
                found += [(name, argument, short, LENGTHS) for short in (good[:-1], [])]
    return [
        pytest.param(*row, id=f"{row[0]}-{row[1]}-{number}") for number, row in enumerate(found)
    ]


def listed(case: Case, argument: str) -> bool:
    return isinstance(case.good[argument], list)


def refused(call: Callable[[], Any], pattern: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=pattern):
            call()


@pytest.mark.parametrize(("name", "argument", "value", "message"), bad_arguments())
def test_a_bad_argument_is_named(name: str, argument: str, value: Any, message: str) -> None:
    refused(lambda: CASES[name].call(name, **{argument: value}), message)


@pytest.mark.parametrize(
    ("name", "argument"),
    [(n, a) for n, case in CASES.items() for a, kind in case.kinds.items() if kind == "label"],
)
def test_a_missing_label_does_not_become_a_string(name: str, argument: str) -> None:
    """numpy reads ["a", nan] as two strings; a third label would be made up."""
    labels = [str(label) for label in CASES[name].good[argument]]
    refused(lambda: CASES[name].call(name, **{argument: [labels[0], NAN, *labels[2:]]}), argument)


def test_every_public_function_has_a_case() -> None:
    public = {n for n in statistics.__all__ if not n[0].isupper()}
    assert public <= set(CASES) | BY_HAND


SHAPES: list[Any] = [1, [], [[[1, 0], [0, 1]]], [[1, 2], [3]], np.zeros((0, 2)), {"a": 1}, 1j]
"""Scalars, too many axes, ragged rows, empty axes, no numbers at all."""


@pytest.mark.parametrize(
    ("name", "argument"),
    [(n, a) for n, case in CASES.items() for a, kind in case.kinds.items() if kind in ENTRIES],
)
def test_an_unfit_shape_is_refused_or_taken_but_never_breaks(name: str, argument: str) -> None:
    for value in SHAPES:
        with warnings.catch_warnings(), contextlib.suppress(ValueError):
            warnings.simplefilter("error")
            CASES[name].call(name, **{argument: value})


@pytest.mark.parametrize("name", CASES)
def test_a_valid_call_has_no_silent_nan(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = CASES[name].call(name)
    values = {f.name: getattr(found, f.name) for f in fields(found)} if is_dataclass(found) else {}
    for field_name, value in values.items():
        if field_name not in CASES[name].undefined and np.asarray(value).dtype.kind == "f":
            assert not np.isnan(value).any(), field_name


APART = {"k1": [3, 2], "n1": [10, 9, 8], "k2": 1, "n2": 5}
TOGETHER: list[tuple[str, dict[str, Any], str]] = [
    ("wilson", {"k": [3, 10]}, r"k\[1\] = 10.0: must not exceed n"),
    ("wilson", {"k": [1, 2, 3]}, r"k \(3,\), n \(2,\).*do not fit"),
    ("clopper_pearson", {"k": 11}, r"k\[0\] = 11.0: must not exceed n"),
    ("clopper_pearson", {"k": [1, 2, 3]}, r"k \(3,\), n \(2,\)"),
    ("logit_interval", {"estimate": [0.2, 1.2]}, r"estimate\[1\] = 1.2"),
    ("logit_interval", {"df": [1.0, 2.0, 3.0]}, r"estimate \(2,\).*df \(3,\)"),
    ("koopman_interval", {"k2": [1, 10]}, r"k2\[1\] = 10.0: must not exceed n2"),
    ("koopman_interval", {"n1": [10, 0], "k1": 0}, r"n1\[1\] = 0.0"),
    ("koopman_interval", APART, r"k1 \(2,\), n1 \(3,\)"),
    ("miettinen_nurminen", {"k1": [11, 2]}, r"k1\[0\] = 11.0: must not exceed n1"),
    (
        "miettinen_nurminen",
        {"k1": 0.1, "n1": 0.4, "k2": 0.1, "n2": 0.4},
        "n1: n1 .* n2 must exceed 1",
    ),
    ("mover_difference", {"second": statistics.wilson([1, 2], 10, conf_level=0.9)}, "conf_level"),
    ("mover_difference", {"correlation": [0.1, 1.2]}, r"correlation\[1\] = 1.2"),
    ("mover_difference", {"second": statistics.wilson([1, 2, 3], 10)}, r"second \(3,\)"),
    ("mover_difference", {"first": Interval(*np.array([1.0, 0, INF]), 0.95)}, "first: .* finite"),
    ("mover_ratio", {"first": Interval(*np.array([1.0, -1, 2]), 0.95)}, "first = -1.0"),
    ("cell_tests", {"k": [11, 2]}, r"k\[0\] = 11: must not exceed n_context"),
    ("cell_tests", {"n_total": [40, 5]}, r"n_context\[1\] = 9: must not exceed n_total"),
    ("exact_log10_p", {"n_total": 12}, r"k\[0\] = 3: must be at least"),
    ("adjusted_residual", {"n_value": 41}, "n_value"),
    ("table_tests", {"counts": [[12, 3]]}, "counts|shape"),
    ("table_tests", {"counts": np.zeros((2, 0)), "n_value": []}, "no cell"),
    ("contingency", {"counts": [[0, 0], [2, 8]]}, r"row total \[0\] = 0"),
    ("contingency", {"counts": [[0, 3], [0, 8]]}, r"column total \[0\] = 0"),
    ("contingency", {"counts": [[0, 0], [0, 0]]}, "counts: the table is empty"),
    ("contingency", {"counts": [[5, 3]]}, "counts: shape"),
    ("contingency", {"counts": [[3e9, 3], [2, 8]]}, "counts: they add up"),
    ("contingency", {"expected": [[5, 3], [2, 9]]}, "expected: sum"),
    ("contingency", {"expected": [[0, 8], [2, 8]]}, r"expected\[0, 0\] = 0.0"),
    ("contingency", {"counts": [[1, 2], [3]]}, "counts: rows differ in length"),
    ("fcr_conf_level", {"n_selected": 11}, "n_selected = 11"),
    ("hierarchical_bh", {"log10_p": np.zeros((0, 3))}, r"log10_p: shape \(0, 3\)"),
    ("simes_log10_p", {"log10_p": [-1.0]}, r"log10_p: shape \(1,\)"),
    ("log_odds", {"k_group": [11, 7]}, r"k_group\[0\] = 11.0: must not exceed n_group"),
    ("log_odds", {"k_rest": [1, 2, 3]}, r"k_rest \(3,\)"),
    ("log_odds", {"prior": [1.0]}, "prior.*below the prior's total"),
    ("prior_strength", {"counts": [[3, 8], [1, 9]]}, r"totals\[0\]"),
    ("prior_strength", {"counts": [[0, 0], [0, 0]], "totals": [0, 0]}, "totals: every group"),
    ("prior_strength", {"background": [0.2, 0.7]}, "background: shares sum to 0.[89]"),
    ("fit_gamma_mixture", {"k": []}, "k|shapes"),
    (
        "shrunken_log_rr",
        {"prior": GammaMixture(0.0, 1.0, 20.0, 20.0, 0.1, 0.0, True, False)},
        "prior.shape1 = 0.0",
    ),
    ("corrected_cv", {"k": [12, 55, 130]}, r"k\[2, 0\] = 130: must not exceed n"),
    ("corrected_cv", {"k": [0, 0, 0]}, "no conversation has the value"),
    ("corrected_cv", {"k": [100, 150, 120]}, "every conversation has the value"),
    ("corrected_cv", {"k": [1, 2], "n": [5, 5], "deff": None}, "k: .* three contexts"),
    ("corrected_cv", {"n": [100, 0, 120], "k": [1, 0, 2]}, r"n\[1, 0\] = 0"),
    ("jensen_shannon", {"counts_a": [0, 0, 0]}, "counts_a: at least two"),
    ("jensen_shannon", {"counts_a": [6, 0, 0], "counts_b": [5, 0, 0]}, "a single value"),
    ("jensen_shannon", {"counts_a": [1, 2]}, "counts_b: shape"),
    ("jensen_shannon_pairs", {"counts": [[0, 0], [0, 0], [1, 2], [2, 2]]}, "distribution 'x'"),
    ("jensen_shannon_pairs", {"group": ["x"] * 4}, "group: all are x"),
    ("marginal_independence", {"choice": ["a"] * 8}, "choice: all are a"),
    ("marginal_independence", {"picks": [[0, 1]] * 4 + [[0, 0]] * 4}, r"column \[0\]"),
    ("marginal_independence", {"picks": [[1, 1]] * 4 + [[1, 0]] * 4}, "always picked"),
    ("marginal_independence", {"cluster": [1] * 8}, "cluster: all are 1"),
    ("joint_independence", {"picks_b": [[1], [0]]}, "picks_b: 2 rows"),
    ("paired_contrast", {"arm": ["a"] * 6}, "arm: all are a"),
    ("paired_contrast", {"reference": "z"}, "reference: 'z' is not an arm"),
    ("paired_contrast", {"block": list(range(6)), "cluster": None, "weight": None}, "block: no"),
    ("paired_contrast", {"weight": [1.0, 2.0, 1, 1, 1, 1]}, r"weight\[1\]: differs"),
    ("paired_contrast", {"cluster": [0, 1, 1, 1, 2, 2]}, r"cluster\[1\]: differs"),
    ("standardise", {"target": {"a": -1.0, "b": 1.0}}, r"target\[0\] = -1.0"),
    ("standardise", {"target": {"a": 0.0}}, "target: no stratum"),
    ("standardise", {"target": {"z": 1.0}}, r"target\['z'\]"),
    ("standardise", {"cluster": [1] * 8}, "cluster: all are 1"),
    ("cohen_kappa", {"first": ["a", None], "second": [None, "b"]}, "no unit has a rating by both"),
    ("specific_agreement", {"first": ["a"]}, "must have one equal length"),
    ("specific_agreement", {"first": ["a", None], "second": [None, "b"]}, "no unit has a rating"),
    ("conditional_independence", {"stratum": list("abcdefgh")}, "stratum: in none do both"),
    ("conditional_independence", {"stratum": ["a"]}, "stratum: shape"),
    ("conditional_independence", {"context": [[1], [0]]}, "context: 2 rows, but picks has 8"),
    ("conditional_independence", {"context": ["a"] * 8}, "context: all are a"),
    ("corrected_mean", {"machine": [0.5]}, r"machine: shape \(1,\); the frame has 60 rows"),
    ("log_odds_features", {"probabilities": [[0.1, 1.2]]}, r"probabilities\[0, 1\] = 1.2"),
    ("log_odds_features", {"probabilities": []}, "is not rows by columns"),
    ("cross_fitted_probability", {"penalty": 0.0}, "penalty = 0.0: must be finite and above 0"),
    ("cross_fitted_probability", {"features": [[1.0]]}, r"features: shape \(1, 1\)"),
    ("fleiss_kappa", {"ratings": [["a", "a"], ["a", None]]}, r"unit \[1\]"),
    ("krippendorff_alpha", {"ratings": [["a", None], [None, "b"]]}, "no unit has two ratings"),
    ("percent_agreement", {"ratings": [["a"], ["b"]]}, "ratings: shape"),
    ("gwet_ac1", {"n_categories": 1}, "n_categories = 1: 2 categories occur"),
    ("precision_recall", {"reference": [1, 0]}, "predicted .* reference"),
    ("mean_jaccard", {"first": ["xy", {"y"}, set(), {"z"}]}, r"first\[0\] = 'xy'"),
    ("mean_jaccard", {"first": [], "second": []}, "one length"),
    ("change_e_process", {"reference": (0, 0)}, "reference trials"),
    ("e_process", {"successes": [11, 5, 4]}, r"successes\[0\] = 11: must not exceed trials"),
    ("e_process", {"successes": [], "trials": []}, "trials: shape"),
    ("e_detector", {"run_length": NAN}, "run_length = nan"),
    ("e_detector", {"odds_ratios": []}, "odds_ratios: at least one"),
    ("tied_top_set", {"k": 4}, "k = 4: must not exceed"),
    ("tied_top_set", {"covariance": np.eye(3)}, "exactly one"),
    ("rank_sets", {"standard_error": None, "covariance": -np.eye(3)}, "variance"),
    ("rank_sets", {"standard_error": [0.2, 0.2]}, "standard_error: shape"),
    ("rao_scott", {"statistic": []}, "statistic: shape"),
    ("rao_scott_counts", {"k": [11, 2]}, r"k\[0\] = 11"),
    ("clustered_residual", {"context": [0, 0, 0, 0]}, "context: at least two"),
    ("clustered_residual", {"cluster": [1, 1, 1, 1]}, "at least 2"),
    ("poisson_bootstrap", {"value": [0, 1, 0]}, "conversation has 4"),
    ("poisson_bootstrap", {"cluster": [1] * 6}, "cluster: there is only one"),
    ("permutation_min_p", {"n_permutations": 0}, "n_permutations = 0"),
    ("permutation_min_p", {"context": [0] * 6}, "context: all are 0"),
    ("corrected_prevalence", {"domain_reading": MEMBER}, "domain_reading, domain_machine"),
    (
        "corrected_prevalence",
        {"domain_reading": 0 * MEMBER, "domain_machine": MEMBER},
        r"reading\[\d+\]: is 1 outside the domain",
    ),
    (
        "corrected_contrast",
        {"first": Domain(np.ones(3), np.ones(3))},
        "first: of 3 rows; the frame has 60",
    ),
    (
        "corrected_logit",
        {"domain": Domain(np.ones(3), np.ones(3))},
        "domain: of 3 rows; the frame has 60",
    ),
    ("corrected_logit", {"reading": np.zeros(60)}, "reading: .* of one kind"),
    ("corrected_logit", {"design_matrix": np.ones((60, 2))}, "column 'x1' is a combination"),
    ("corrected_logit", {"names": ["one"]}, "names: 1 entries"),
    ("machine_recall", {"reading": np.zeros(60)}, "reading: no positive"),
    ("LabelledFrame.of", {"inclusion": [NAN] * 60}, r"inclusion\[0\] = nan"),
    ("LabelledFrame.of", {"inclusion": [0.5] * 7}, r"inclusion: shape \(7,\)"),
    ("LabelledFrame.of", {"fold": [0] * 60}, "fold: machine labels have one"),
    ("LabelledFrame.of", {"fold": (ROWS % 2).tolist()}, r"fold\[0\]: the cluster"),
    ("LabelledFrame.of", {"read": [True] + [False] * 59}, "stratum: 1 has"),
    ("Domain.labelled", {"machine": [2.0] * 60}, r"domain_machine\[0\] = 2.0"),
    ("Domain.labelled", {"reading": [NAN] * 60}, r"domain_reading\[0\] = nan"),
    ("clustered_share", {"within": [0] * 8}, "within: the domain holds no"),
    ("clustered_share", {"clusterings": []}, "clusterings: 0 are given"),
    ("clustered_share", {"clusterings": [[0, None, *range(6)]]}, r"clusterings\[0\]\[1\]"),
    ("clustered_mean", {"clusterings": [[1, 1, 1]]}, "clusterings: all observations"),
    ("richness", {"incidence": [0, 6]}, r"incidence\[1\] = 6"),
    ("richness", {"n_rarefied": 6}, "n_rarefied = 6"),
    ("stratified_exact_log10_p", {"k": [3]}, r"k \(1,\), n_context \(2,\)"),
    ("stratified_exact_log10_p", {"k": [3, 5]}, r"k\[1\] = 5"),
]


@pytest.mark.parametrize(("name", "changes", "message"), TOGETHER)
def test_arguments_that_do_not_go_together(
    name: str, changes: dict[str, Any], message: str
) -> None:
    refused(lambda: CASES[name].call(name, **changes), message)


@pytest.mark.parametrize(
    ("selected", "data", "options", "message"),
    [
        ([0, 1], (1.0, 0.3), {}, "selected: must be boolean"),
        ([], (1.0, 0.3), {}, "selected"),
        ([False, True], ([1.0, NAN], 0.3), {}, r"data\[0\]\[1\]: is missing"),
        ([False, True], ([1.0, 2.0], NAN), {}, r"data\[1\]: is missing"),
        ([False, True], ([1.0], 0.3), {}, r"data\[0\]: shape"),
        ([False, True], ([1.0, 2.0], -0.3), {}, "standard_error = -0.3"),
        ([False, True], ([1.0, 2.0], "x"), {}, r"data\[1\]: must be numbers"),
        ([False, True], ([1.0, 2.0], 0.3), {"tested": [True, False]}, r"selected\[1\]"),
        ([False, True], ([1.0, 2.0], 0.3), {"tested": [True]}, "tested: shape"),
        ([False, True], ([1.0, 2.0], 0.3), {"conf_level": NAN}, "conf_level = nan"),
    ],
)
def test_intervals_of_the_selected(
    selected: list[bool], data: tuple[Any, ...], options: dict[str, Any], message: str
) -> None:
    refused(lambda: statistics.fcr_intervals(np.array(selected), *data, **options), message)


DOCUMENTED_NAN: list[tuple[str, dict[str, Any], str]] = [
    ("wilson", {"k": 0, "n": 0}, "estimate"),
    ("clopper_pearson", {"k": 0, "n": 0}, "estimate"),
    ("logit_interval", {"estimate": 0.0}, "low"),
    ("koopman_interval", {"k1": 0, "k2": 0}, "estimate"),
    ("miettinen_nurminen", {"k1": 0, "k2": 0, "scale": "odds_ratio"}, "estimate"),
    ("mover_ratio", {"first": statistics.wilson(0, 0), "correlation": 0.0}, "estimate"),
    ("cell_tests", {"k": 0, "n_context": 0}, "adjusted_residual"),
    ("cell_tests", {"k": 0, "n_value": 0}, "risk_ratio"),
    ("contingency", {"expected": [[5, 3], [2, 8]]}, "cramers_v"),
    ("cohen_kappa", {"first": ["a"] * 4, "second": ["a"] * 4, "bootstrap": None}, "estimate"),
    ("fleiss_kappa", {"ratings": [["a", "a"]] * 4}, "low"),
    ("krippendorff_alpha", {"ratings": [["a", "a"]] * 4}, "estimate"),
    ("precision_recall", {"predicted": [0] * 4}, "precision"),
    ("table_tests", {"counts": [[0, 0], [40, 12]], "n_context": [0, 400]}, "adjusted_residual"),
    ("paired_contrast", {"outcome": [1, 1, 0, 0, 1, 1]}, "odds_ratio"),
    ("marginal_independence", {}, "bootstrap_log10_p"),
    ("confidence_sequence", {"successes": [0, 5, 4], "trials": [0, 20, 10]}, "estimate"),
    ("machine_recall", {}, "recall"),
    ("hierarchical_bh", {"log10_p": [[NAN, NAN], [-3.0, -1.0]]}, "family_log10_p"),
    ("tied_top_set", {"estimate": [1.0], "standard_error": [0.1]}, "critical_value"),
]


@pytest.mark.parametrize(("name", "changes", "nan"), DOCUMENTED_NAN)
def test_an_undefined_result_is_nan_and_documented(
    name: str, changes: dict[str, Any], nan: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = CASES[name].call(name, **changes)
    assert np.isnan(getattr(found, nan)).any()
    told = (getattr(statistics, name).__doc__ or "") + (type(found).__doc__ or "")
    assert "NaN" in told


@pytest.mark.parametrize("name", ["cell_tests", "wilson", "koopman_interval", "exact_log10_p"])
def test_no_cell_gives_no_result(name: str) -> None:
    """Functions of single cells give empty arrays for empty ones, as numpy's do."""
    found = CASES[name].call(name, **{key: [] for key in CASES[name].good})
    sizes = [np.size(found)] if isinstance(found, np.ndarray) else [len(found.to_frame())]
    assert sizes == [0]


@pytest.mark.parametrize("name", ["normal_log10_p", "student_log10_p", "chi2_log10_p"])
def test_missing_statistics_stay_missing_and_infinite_ones_have_no_probability(name: str) -> None:
    first = next(iter(CASES[name].good))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = CASES[name].call(name, **{first: [NAN, INF]})
    assert np.isnan(found[0])
    assert found[1] == -INF
