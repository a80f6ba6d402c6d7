"""What the package of statistics offers: every name, documented, without heavy imports."""

import dataclasses
import inspect
import subprocess
import sys

import pytest

from valuescape import statistics

NAMED = [
    "cell_tests",
    "contingency",
    "adjust_p",
    "fcr_intervals",
    "log_odds",
    "prior_strength",
    "shrunken_log_rr",
    "tied_top_set",
    "marginal_independence",
    "joint_independence",
    "clustered_residual",
    "paired_contrast",
    "corrected_cv",
    "jensen_shannon",
    "cohen_kappa",
    "fleiss_kappa",
    "krippendorff_alpha",
    "gwet_ac1",
    "precision_recall",
    "corrected_prevalence",
    "corrected_contrast",
    "corrected_logit",
    "poisson_bootstrap",
    "permutation_min_p",
    "standardise",
    "confidence_sequence",
    "e_process",
]
HEAVY = ("numba", "pandas", "pandera", "statsmodels", "sklearn", "matplotlib")


def test_the_functions_of_the_study_are_public() -> None:
    assert set(NAMED) <= set(statistics.__all__)
    assert sorted(set(statistics.__all__)) == sorted(statistics.__all__)


@pytest.mark.parametrize("name", statistics.__all__)
def test_a_public_name_says_what_it_is(name: str) -> None:
    found = getattr(statistics, name)
    text = inspect.getdoc(found) or ""
    assert text
    if inspect.isfunction(found):
        for part in ("Parameters", "Examples"):
            assert part in text, f"{name} has no section {part}"


@pytest.mark.parametrize("name", [n for n in statistics.__all__ if n[0].isupper()])
def test_a_result_is_frozen_and_slotted(name: str) -> None:
    found = getattr(statistics, name)
    if dataclasses.is_dataclass(found):
        assert found.__dataclass_params__.frozen
        assert hasattr(found, "__slots__")


def test_importing_them_loads_nothing_heavy() -> None:
    code = "import sys, valuescape.statistics; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(HEAVY) & set(done.stdout.split())
