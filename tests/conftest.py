"""What all tests share: no test may be skipped for want of a tool where the tools are promised."""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.checkout import (
    Trace,
    add_demo_labels,
    add_machine_labels,
    copied,
    make_small_checkout,
    run_traced,
)

settings.register_profile("valuescape", deadline=None, max_examples=50)
settings.load_profile("valuescape")

TOOLS = re.compile(
    r"\b(Rscript|R package|pdftotext|poppler|chromium|chromedriver|java|pdflatex)", re.IGNORECASE
)
TOOLS_PROMISED = os.environ.get("VALUESCAPE_REQUIRE_TOOLS") == "1"


def _refuse_skip(report: Any) -> None:
    """Turn a skip for want of a tool into a failure, where the tools are promised."""
    if TOOLS_PROMISED and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if TOOLS.search(reason):
            report.outcome = "failed"
            report.longrepr = f"VALUESCAPE_REQUIRE_TOOLS is 1, yet a tool is missing: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, Any, Any]:
    report = yield
    _refuse_skip(report)
    return report


STAGES_RUN = ("count", "associate", "respond", "correct", "compare", "robustness")


@pytest.fixture(scope="session")
def small_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a quarter of the readings as a checkout; not to be changed."""
    return make_small_checkout(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def small_run(small_source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Trace]:
    """Run :data:`STAGES_RUN` on it; the checkout is not to be changed."""
    folder = copied(small_source, tmp_path_factory.mktemp("run"))
    add_machine_labels(folder)
    add_demo_labels(folder)
    return folder, run_traced(folder, *STAGES_RUN)


@pytest.fixture(scope="session")
def small_results(small_run: tuple[Path, Trace]) -> Path:
    """Give the checkout of :func:`small_run`."""
    return small_run[0]
