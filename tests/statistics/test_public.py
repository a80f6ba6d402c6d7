"""What the package of statistics offers: every name, documented, without heavy imports."""

import dataclasses
import inspect
import subprocess
import sys

import numpy as np
import pytest
from numpydoc.docscrape import ClassDoc, FunctionDoc
from numpydoc.validate import validate

from valuescape import statistics
from valuescape.statistics import options

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
FUNCTIONS = [n for n in statistics.__all__ if inspect.isfunction(getattr(statistics, n))]
RESULTS = [n for n in statistics.__all__ if dataclasses.is_dataclass(getattr(statistics, n))]
SETTINGS = {"ClusterBootstrap", "Domain", "LabelledFrame"}
"""Dataclasses that go in rather than come out."""

CHECKED = {
    *("GL03", "GL05", "GL06", "GL07", "GL08", "SS01", "SS03", "SS04", "EX01"),
    *("PR01", "PR02", "PR03", "PR04", "PR05", "PR06", "PR07", "PR09", "PR10"),
    *("RT01", "RT02", "RT03", "RT05"),
}
"""Checks of numpydoc: sections in order, every parameter and result described, an example."""

NO_SOURCE = {"critical_value", "jensen_shannon_pairs", "normal_log10_p", "percent_agreement"}
"""Plain arithmetic and quantiles, or many calls of a function that has its source."""

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


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_argument_and_result_is_described(name: str) -> None:
    errors = validate(f"valuescape.statistics.{name}")["errors"]
    assert not [error for error in errors if error[0] in CHECKED]
    sections = FunctionDoc(getattr(statistics, name))
    assert sections["Raises"], "what is refused is not said"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_source_is_given_where_there_is_one(name: str) -> None:
    text = inspect.getdoc(getattr(statistics, name)) or ""
    sources = ("doi", "arXiv", "https://", "Wiley")
    cited = "References" in text and any(source in text for source in sources)
    assert cited != (name in NO_SOURCE)


@pytest.mark.parametrize("name", RESULTS)
def test_every_field_of_a_result_is_described(name: str) -> None:
    found = getattr(statistics, name)
    described = {
        part.strip() for row in ClassDoc(found)["Attributes"] for part in row.name.split(",")
    }
    for one in dataclasses.fields(found):
        base = one.name.removesuffix("_low").removesuffix("_high")
        assert {one.name, base} & described, one.name


@pytest.mark.parametrize("name", sorted(set(RESULTS) - SETTINGS))
def test_a_result_becomes_a_frame_and_has_p_on_the_log_scale(name: str) -> None:
    found = getattr(statistics, name)
    assert callable(found.to_frame)
    names = {one.name for one in dataclasses.fields(found)}
    assert not names & {"p", "p_value", "pvalue", "q", "q_value"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_one_word_an_idea(name: str) -> None:
    words = set(inspect.signature(getattr(statistics, name)).parameters)
    other = {"clusters", "weights", "strata", "n_bootstrap", "n_replicates", "alpha", "confidence"}
    assert not words & other
    annotations = inspect.signature(getattr(statistics, name)).return_annotation
    assert "tuple" not in str(annotations) or name == "rao_scott_counts"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_options_are_listed_once(name: str) -> None:
    for parameter in inspect.signature(getattr(statistics, name)).parameters.values():
        if isinstance(parameter.default, str):
            assert hasattr(options, str(parameter.annotation)), parameter.name
            alias = getattr(options, str(parameter.annotation))
            assert options.check_option(parameter.name, parameter.default, alias)


def test_levels_seeds_and_replicates_have_one_default() -> None:
    found: dict[str, set[object]] = {}
    for name in FUNCTIONS:
        for parameter in inspect.signature(getattr(statistics, name)).parameters.values():
            if parameter.default is not inspect.Parameter.empty:
                found.setdefault(parameter.name, set()).add(parameter.default)
    assert found["conf_level"] == {0.95}
    assert found["seed"] == {0}
    assert np.all([default in (0, 1000) for default in found["n_boot"]])
