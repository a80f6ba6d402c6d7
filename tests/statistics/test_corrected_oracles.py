"""Corrected estimates against package survey, statsmodels, ppi-python and glide-py."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tests.statistics.oracle import oracle
from valuescape.statistics.corrected_contrast import corrected_contrast
from valuescape.statistics.corrected_logit import corrected_logit
from valuescape.statistics.correction import Domain, LabelledFrame, corrected_prevalence
from valuescape.statistics.options import CorrectedScale
from valuescape.statistics.student import student_log10_p

CLOSE = 1e-8


def surveyed() -> tuple[pd.DataFrame, LabelledFrame]:
    """The sample that package survey saw, among as many conversations left unread as it stands for.

    Unread rows have covariates and memberships of their own.
    """
    rows = oracle("corrected_survey").assign(read=True)
    rng = np.random.default_rng(0)
    parts = [rows]
    for _, part in rows.groupby("stratum"):
        unread = part.sample(
            n=part["frame_size"].iloc[0] - len(part), replace=True, random_state=1
        ).assign(read=False, inclusion=np.nan)
        unread["cluster"] = 1000 + rng.integers(0, 200, len(unread))
        parts.append(unread)
    frame = pd.concat(parts, ignore_index=True)
    design = LabelledFrame.of(
        frame["read"],
        frame["stratum"],
        frame["cluster"],
        frame["cluster"] % 5,
        inclusion=frame["inclusion"],
    )
    return frame, design


FRAME, DESIGN = surveyed()
FIRST = FRAME.iloc[0]
Y = FRAME["y"].to_numpy(dtype=float)
NOTHING = np.zeros(len(FRAME))


def covariates() -> NDArray[np.float64]:
    return np.column_stack([np.ones(len(FRAME)), FRAME["x1"], FRAME["x2"]])


def test_machine_that_finds_nothing_leaves_horvitz_thompson() -> None:
    """Weights are calibrated to the strata: the estimator of Hajek within each."""
    share = corrected_prevalence(Y, NOTHING, DESIGN, tuning=1.0)
    ratio = corrected_prevalence(
        Y, NOTHING, DESIGN, domain_reading=FRAME["domain"], domain_machine=NOTHING, tuning=1.0
    )
    assert share.estimate == pytest.approx(FIRST["share"], rel=CLOSE)
    assert share.standard_error == pytest.approx(FIRST["share_se"], rel=CLOSE)
    assert ratio.estimate == pytest.approx(FIRST["ratio"], rel=CLOSE)
    assert ratio.standard_error == pytest.approx(FIRST["ratio_se"], rel=CLOSE)
    assert np.isnan(ratio.machine)


@pytest.mark.parametrize("scale", ["difference", "ratio", "log_odds"])
def test_contrast_by_readings_alone(scale: CorrectedScale) -> None:
    inside = FRAME["context"].to_numpy(dtype=float)
    found = corrected_contrast(
        Y,
        NOTHING,
        DESIGN,
        Domain.known(inside, DESIGN),
        Domain.known(1 - inside, DESIGN),
        scale=scale,
    )
    name = "log_ratio" if scale == "ratio" else scale
    estimate = np.log(found.estimate) if scale == "ratio" else found.estimate
    assert estimate == pytest.approx(FIRST[name], rel=CLOSE)
    assert found.standard_error == pytest.approx(FIRST[f"{name}_se"], rel=CLOSE)


def test_regression_by_readings_alone() -> None:
    found = corrected_logit(Y, NOTHING + 0.3, DESIGN, covariates(), tuning=0.0)
    for j in range(3):
        assert found.coefficient[j] == pytest.approx(FIRST[f"b{j}"], rel=CLOSE)
        assert found.standard_error[j] == pytest.approx(FIRST[f"b{j}_se"], rel=CLOSE)
    assert found.covariance[1, 2] == pytest.approx(FIRST["b12_covariance"], rel=CLOSE)
    assert found.readings == pytest.approx(found.coefficient, rel=1e-12)
    assert found.gain == pytest.approx(np.ones(3))


def test_regression_within_a_domain() -> None:
    domain = Domain.labelled(FRAME["domain"], NOTHING + 0.7, DESIGN)
    found = corrected_logit(Y, NOTHING + 0.3, DESIGN, covariates(), tuning=0.0, domain=domain)
    for j in range(3):
        assert found.coefficient[j] == pytest.approx(FIRST[f"d{j}"], rel=CLOSE)
        assert found.standard_error[j] == pytest.approx(FIRST[f"d{j}_se"], rel=CLOSE)


@pytest.mark.parametrize("tuning", [None, 0.0, 0.6, 1.0])
def test_everything_read_is_the_clustered_regression_of_statsmodels(tuning: float | None) -> None:
    from statsmodels.discrete.discrete_model import Logit

    rows = oracle("corrected_survey")
    n_clusters = rows["cluster"].nunique()
    x = np.column_stack([np.ones(len(rows)), rows["x1"], rows["x2"]])
    frame = LabelledFrame.of(
        np.ones(len(rows)), np.zeros(len(rows)), rows["cluster"], rows["cluster"] % 7
    )
    plain = Logit(rows["y"].to_numpy(), x).fit(
        disp=0,
        tol=1e-14,
        cov_type="cluster",
        cov_kwds={"groups": rows["cluster"].to_numpy(), "use_correction": False},
    )
    machine = np.clip(0.3 + 0.4 * rows["y"] + 0.1 * rows["x1"], 0, 1)
    found = corrected_logit(
        rows["y"], machine, frame, x, tuning=tuning, inference="superpopulation"
    )
    assert found.coefficient == pytest.approx(plain.params, rel=CLOSE)
    expected = plain.cov_params() * n_clusters / (n_clusters - 1)
    assert found.covariance == pytest.approx(expected, rel=CLOSE)
    assert found.log10_p == pytest.approx(
        student_log10_p(plain.params / np.sqrt(np.diag(expected)), n_clusters - 3), rel=CLOSE
    )


def powered() -> tuple[pd.DataFrame, dict[str, float]]:
    found = oracle("corrected_ppi/results").set_index("name")["value"]
    return oracle("corrected_ppi/data"), {str(name): value for name, value in found.items()}


@pytest.mark.parametrize("power", [0.4, 1.0])
def test_mean_of_ppi_python(power: float) -> None:
    """Its error holds that of the machine's mean over the frame besides, which is taken off."""
    rows, expected = powered()
    n = np.arange(len(rows))
    frame = LabelledFrame.of(rows["read"], n * 0, n, n % 10)
    found = corrected_prevalence(rows["y"], rows["f"], frame, tuning=power)
    assert found.estimate == pytest.approx(expected[f"mean_{power}"], rel=CLOSE)
    of_frame = power**2 * rows["f"].var(ddof=0) / len(rows)
    of_gap = expected[f"mean_{power}_se"] ** 2 - of_frame
    one_less = found.n_read / (found.n_read - 1)
    assert found.standard_error**2 == pytest.approx(of_gap * one_less, rel=CLOSE)


def test_stratified_and_clustered_means_of_glide() -> None:
    rows, expected = powered()
    n = np.arange(len(rows))
    stratified = LabelledFrame.of(rows["read"], rows["stratum"], n, n % 10)
    clustered = LabelledFrame.of(rows["read"], n * 0, rows["cluster"], rows["cluster"] % 10)
    of_strata = sum(0.25 * part["f"].var(ddof=1) / len(part) for _, part in rows.groupby("stratum"))
    means = rows.groupby("cluster")["f"].mean()
    of_clusters = means.var(ddof=1) / len(means)
    for name, frame, of_frame in (
        ("stratified", stratified, of_strata),
        ("clustered", clustered, of_clusters),
    ):
        found = corrected_prevalence(rows["y"], rows["f"], frame, tuning=1.0)
        assert found.estimate == pytest.approx(expected[name], rel=CLOSE)
        of_gap = expected[f"{name}_se"] ** 2 - of_frame
        assert found.standard_error**2 == pytest.approx(of_gap, rel=CLOSE)


@pytest.mark.parametrize("power", [0.4, 1.0])
def test_regression_of_ppi_python(power: float) -> None:
    """Its errors take labelled rows and frame for independent samples, so they are only close."""
    rows, expected = powered()
    n = np.arange(len(rows))
    x = np.column_stack([np.ones(len(rows)), rows["x"]])
    plain = LabelledFrame.of(rows["read"], n * 0, n, n % 10)
    weighted = LabelledFrame.of(
        rows["read"], n * 0, n, n % 10, inclusion=np.where(rows["stratum"] == 0, 0.2, 0.4)
    )
    for frame, name in ((plain, "logit"), (weighted, "weighted_logit")):
        found = corrected_logit(rows["y"], rows["f"], frame, x, tuning=power)
        for j in range(2):
            assert found.coefficient[j] == pytest.approx(expected[f"{name}_{power}_{j}"], rel=CLOSE)
    whole = corrected_logit(rows["y"], rows["f"], plain, x, tuning=power,
                            inference="superpopulation")  # fmt: skip
    for j in range(2):
        error = expected[f"logit_{power}_{j}_se"]
        assert whole.standard_error[j] == pytest.approx(error, rel=0.06)


def test_tail_of_student() -> None:
    rows = oracle("corrected_student")
    found = student_log10_p(rows["t"], rows["df"])
    assert found == pytest.approx(rows["log10_p"].to_numpy(), rel=1e-10, abs=1e-14)
    assert student_log10_p(2.0, np.inf) == pytest.approx(np.log10(0.0455002638963584), rel=1e-12)
    assert student_log10_p(np.inf, 5) == -np.inf
    assert np.isnan(student_log10_p(np.nan, 5))
    with pytest.raises(ValueError, match="df"):
        student_log10_p(1.0, 0)
