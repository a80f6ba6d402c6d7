"""paired_contrast against R, statsmodels, published tables, loops and simulation."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from statsmodels.discrete.conditional_models import ConditionalLogit
from statsmodels.regression.linear_model import WLS
from statsmodels.stats.contingency_tables import StratifiedTable, mcnemar

from tests.statistics.oracle import oracle
from valuescape.statistics.paired import PairedContrast, paired_contrast
from valuescape.statistics.shares import wilson
from valuescape.statistics.stratified import stratified_exact_log10_p

CASES = ["berkeley", "pairs", "blocks", "even"]


def long(tables: pd.DataFrame) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Outcome, arm ("a", "b") and block of one row an observation."""
    rows = []
    for r in tables.itertuples():
        for arm, hits, size in (("a", r.hits, r.size), ("b", r.others, r.size_other)):
            rows += [(int(i < hits), arm, r.block) for i in range(int(size))]
    outcome, arm, block = zip(*rows, strict=True)
    return np.array(outcome), np.array(arm), np.array(block)


def case(name: str) -> pd.DataFrame:
    rows = oracle("paired")
    return rows[rows["case"] == name]


def discordant(b: int, c: int, same: int = 20) -> tuple[NDArray[Any], ...]:
    """One observation an arm: b blocks for arm a, c for arm b, `same` with neither."""
    first, other = np.repeat([1, 0, 0], [b, c, same]), np.repeat([0, 1, 0], [b, c, same])
    n = b + c + same
    return np.concatenate([first, other]), np.repeat(["a", "b"], n), np.tile(np.arange(n), 2)


@pytest.mark.parametrize("name", CASES)
def test_cmh_equals_r(name: str) -> None:
    tables = case(name)
    r = tables.iloc[0]
    found = paired_contrast(*long(tables))
    for ours, theirs in (
        (found.statistic, r["statistic"]),
        (found.statistic_corrected, r["statistic_corrected"]),
        (found.odds_ratio, r["odds_ratio"]),
        (found.odds_ratio_low, r["low"]),
        (found.odds_ratio_high, r["high"]),
        (10**found.log10_p, r["p"]),
        (10**found.log10_p_corrected, r["p_corrected"]),
    ):
        assert ours[0, 0] == pytest.approx(theirs, rel=1e-10)
    assert not found.exact[0, 0]


@pytest.mark.parametrize("name", CASES)
def test_conditional_logit_equals_r(name: str) -> None:
    tables = case(name)
    r = tables.iloc[0]
    found = paired_contrast(*long(tables), method="conditional_logit")
    tolerance = 1e-3 if name == "berkeley" else 1e-8
    assert np.log(found.odds_ratio[0, 0]) == pytest.approx(r["logit"], rel=tolerance)
    if name != "berkeley":
        assert found.log_odds_error[0, 0] == pytest.approx(r["logit_se"], rel=1e-8)


def test_pairs_are_mcnemar() -> None:
    tables = case("pairs")
    found = paired_contrast(*long(tables), method="conditional_logit")
    assert found.statistic[0, 0] == pytest.approx(tables.iloc[0]["mcnemar"], rel=1e-12)
    b = int(np.sum((tables["hits"] == 1) & (tables["others"] == 0)))
    c = int(np.sum((tables["hits"] == 0) & (tables["others"] == 1)))
    assert found.odds_ratio[0, 0] == pytest.approx(b / c, rel=1e-12)
    limits = wilson(b, b + c)
    assert found.odds_ratio_low[0, 0] == pytest.approx(limits.low / (1 - limits.low), rel=1e-9)
    assert found.odds_ratio_high[0, 0] == pytest.approx(limits.high / (1 - limits.high), rel=1e-9)
    theirs = mcnemar([[0, b], [c, 0]], exact=False, correction=True)
    assert found.statistic_corrected[0, 0] == pytest.approx(theirs.statistic, rel=1e-12)
    difference = (b - c) / len(tables)
    error = np.sqrt((b + c) / len(tables) - difference**2) / np.sqrt(len(tables))
    assert found.risk_difference[0, 0] == pytest.approx(difference, rel=1e-12)
    reach = found.risk_difference_high[0, 0] - difference
    assert reach == pytest.approx(1.959963984540054 * error, rel=1e-10)
    wanted = (1.959963984540054 + 0.8416212335729143) * np.sqrt(b + c) / len(tables)
    assert found.minimum_detectable[0, 0] == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("name", ["berkeley", "blocks"])
def test_equals_stratified_table_of_statsmodels(name: str) -> None:
    t = case(name)
    tables = np.array(
        [[t["hits"], t["size"] - t["hits"]], [t["others"], t["size_other"] - t["others"]]]
    )
    theirs = StratifiedTable(tables.astype(float))
    found = paired_contrast(*long(t))
    assert found.odds_ratio[0, 0] == pytest.approx(theirs.oddsratio_pooled, rel=1e-12)
    assert found.log_odds_error[0, 0] == pytest.approx(theirs.logodds_pooled_se, rel=1e-12)
    test = theirs.test_null_odds(correction=False)
    assert found.statistic[0, 0] == pytest.approx(test.statistic, rel=1e-12)


@pytest.mark.filterwarnings("ignore:Dropped")
@pytest.mark.parametrize("name", ["pairs", "blocks", "even"])
def test_equals_conditional_logit_of_statsmodels(name: str) -> None:
    outcome, arm, block = long(case(name))
    theirs = ConditionalLogit(outcome, (arm == "a").astype(float), groups=block).fit(disp=0)
    found = paired_contrast(outcome, arm, block, method="conditional_logit")
    assert np.log(found.odds_ratio[0, 0]) == pytest.approx(theirs.params[0], rel=1e-3)
    assert found.log_odds_error[0, 0] == pytest.approx(theirs.bse[0], rel=1e-4)


def test_clustered_error_of_conditional_logit_equals_r() -> None:
    """survival's sandwich over groups of four blocks has no G / (G - 1)."""
    tables = case("pairs")
    tables = tables[tables["hits"] != tables["others"]]
    outcome, arm, block = long(tables)
    groups = np.ceil(block / 4)
    found = paired_contrast(outcome, arm, block, cluster=groups, method="conditional_logit")
    g = int(found.n_clusters[0])
    theirs = tables.iloc[0]["robust_se"] * np.sqrt(g / (g - 1))
    assert found.log_odds_error[0, 0] == pytest.approx(theirs, rel=1e-8)


@pytest.mark.parametrize("weighted", [False, True])
def test_clustered_risk_difference_equals_fixed_effects_regression(weighted: bool) -> None:
    outcome, arm, block = long(case("blocks"))
    groups = block // 3
    weight = 1.0 + block % 4 if weighted else np.ones(block.size)
    found = paired_contrast(outcome, arm, block, weight=weight, cluster=groups)
    x = np.column_stack([arm == "a", block[:, None] == np.unique(block)]).astype(float)
    kind = {"groups": groups, "use_correction": False}
    theirs = WLS(outcome, x, weights=weight).fit(cov_type="cluster", cov_kwds=kind)
    g = np.unique(groups).size
    assert found.risk_difference[0, 0] == pytest.approx(theirs.params[0], rel=1e-9)
    reach = (found.risk_difference_high - found.risk_difference_low)[0, 0] / 2
    error = theirs.bse[0] * np.sqrt(g / (g - 1))
    assert reach == pytest.approx(stats.t.ppf(0.975, g - 1) * error, rel=1e-9)


def test_berkeley_as_published() -> None:
    """R's help page of UCBAdmissions: men against women by department."""
    found = paired_contrast(*long(case("berkeley")))
    assert found.statistic[0, 0] == pytest.approx(1.5246, abs=5e-5)
    assert found.odds_ratio[0, 0] == pytest.approx(0.9047, abs=5e-5)


def test_risk_difference_equals_loops() -> None:
    t = case("blocks")
    found = paired_contrast(*long(t))
    top = bottom = p = q = 0.0
    for r in t.itertuples():
        a, c, n1, n0 = r.hits, r.others, r.size, r.size_other
        n = n1 + n0
        top += (a * n0 - c * n1) / n
        bottom += n1 * n0 / n
        p += (n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2
        q += (a * (n0 - c) + c * (n1 - a)) / (2 * n)
    error = np.sqrt(top / bottom * p + q) / bottom
    assert found.risk_difference[0, 0] == pytest.approx(top / bottom, rel=1e-12)
    reach = found.risk_difference_high[0, 0] - found.risk_difference[0, 0]
    assert reach == pytest.approx(1.959963984540054 * error, rel=1e-10)
    shares = found.share_arm[0, 0] - found.share_versus[0, 0]
    assert shares == pytest.approx(top / bottom, rel=1e-12)


def test_interval_of_conditional_logit_agrees_with_the_test() -> None:
    outcome, arm, block = long(case("blocks"))
    p = 10 ** float(paired_contrast(outcome, arm, block).log10_p[0, 0])
    wide, narrow = (
        paired_contrast(outcome, arm, block, method="conditional_logit", conf_level=1 - p * f)
        for f in (0.999, 1.001)
    )
    assert wide.odds_ratio_low[0, 0] < 1 < narrow.odds_ratio_low[0, 0]


@pytest.mark.parametrize("method", ["cmh", "conditional_logit"])
def test_one_way_discordance_has_an_infinite_ratio_and_a_finite_limit(method: Any) -> None:
    outcome, arm, block = discordant(8, 0)
    found = paired_contrast(outcome, arm, block, method=method)
    assert np.isposinf(found.odds_ratio[0, 0])
    limits = wilson(8, 8)
    assert found.odds_ratio_low[0, 0] == pytest.approx(limits.low / (1 - limits.low), rel=1e-9)
    assert np.isposinf(found.odds_ratio_high[0, 0])
    assert found.exact[0, 0]
    assert 10 ** found.log10_p[0, 0] == pytest.approx(0.5**8, rel=1e-9)
    mirrored = paired_contrast(1 - outcome, arm, block, method=method)
    assert mirrored.odds_ratio[0, 0] == 0
    assert mirrored.odds_ratio_low[0, 0] == 0
    assert mirrored.odds_ratio_high[0, 0] == pytest.approx(1 / found.odds_ratio_low[0, 0])


@pytest.mark.parametrize("method", ["cmh", "conditional_logit"])
def test_no_discordance_is_no_evidence(method: Any) -> None:
    found = paired_contrast(*discordant(0, 0, same=30), method=method)
    assert np.isnan(found.odds_ratio[0, 0])
    assert (found.odds_ratio_low[0, 0], found.odds_ratio_high[0, 0]) == (0, np.inf)
    assert found.log10_p[0, 0] == 0
    assert found.statistic[0, 0] == 0
    unseen = float(wilson(0, 30).high)
    assert found.risk_difference[0, 0] == 0
    assert found.risk_difference_high[0, 0] == pytest.approx(unseen)
    wanted = (1.959963984540054 + 0.8416212335729143) * np.sqrt(unseen / 30)
    assert found.minimum_detectable[0, 0] == pytest.approx(wanted)
    assert found.n_informative[0, 0] == 0


def test_few_discordant_blocks_get_the_exact_test() -> None:
    found = paired_contrast(*discordant(6, 2))
    table = [[1] * 6 + [0] * 2, [1] * 8, [1] * 8, [2] * 8]
    assert found.exact[0, 0]
    assert found.log10_p[0, 0] == pytest.approx(stratified_exact_log10_p(*table), rel=1e-12)
    assert not paired_contrast(*discordant(7, 3)).exact[0, 0]


def several(
    rng: np.random.Generator, blocks: int = 60, outcomes: int = 5, effect: float = 0.0
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Simulated answers of three assistants to the same prompts, one or two each."""
    block = np.repeat(np.arange(blocks), 6)
    arm = np.tile(np.array(["x", "x", "y", "y", "z", "z"]), blocks)
    logit = rng.normal(0, 1.5, (blocks, outcomes))[block] + effect * (arm == "x")[:, None]
    outcome = (rng.random((block.size, outcomes)) < 1 / (1 + np.exp(-logit))).astype(int)
    kept = rng.random(block.size) < 0.8
    return outcome[kept], arm[kept], block[kept]


def test_pairs_and_outcomes_are_those_done_one_by_one() -> None:
    outcome, arm, block = several(np.random.default_rng(1))
    found = paired_contrast(outcome, arm, block, method="conditional_logit")
    assert list(zip(found.arm, found.versus, strict=True)) == [("x", "y"), ("x", "z"), ("y", "z")]
    for i, two in enumerate((("x", "y"), ("x", "z"), ("y", "z"))):
        kept = np.isin(arm, two)
        for v in range(outcome.shape[1]):
            one = paired_contrast(
                outcome[kept, v], arm[kept], block[kept], method="conditional_logit"
            )
            for name in ("odds_ratio", "odds_ratio_high", "log10_p", "risk_difference_low"):
                whole, alone = getattr(found, name)[i, v], getattr(one, name)[0, 0]
                assert whole == pytest.approx(alone, rel=1e-9)


def test_reference_turns_every_contrast_the_same_way() -> None:
    outcome, arm, block = several(np.random.default_rng(2))
    every = paired_contrast(outcome, arm, block)
    found = paired_contrast(outcome, arm, block, reference="y")
    assert found.versus.tolist() == ["y", "y"]
    assert found.arm.tolist() == ["x", "z"]
    np.testing.assert_allclose(found.risk_difference[0], every.risk_difference[0])
    np.testing.assert_allclose(found.risk_difference[1], -every.risk_difference[2])
    np.testing.assert_allclose(found.odds_ratio[1], 1 / every.odds_ratio[2])
    np.testing.assert_allclose(found.statistic[1], every.statistic[2])


def test_arms_without_a_shared_block_are_left_out() -> None:
    outcome = [1, 0, 1, 0]
    found = paired_contrast(outcome, ["a", "b", "c", "b"], [0, 0, 1, 1])
    assert list(zip(found.arm, found.versus, strict=True)) == [("a", "b"), ("b", "c")]
    with pytest.raises(ValueError, match="no two arms"):
        paired_contrast([1, 0], ["a", "b"], [0, 1])


@given(st.integers(0, 10**6))
def test_order_labels_and_uninformative_blocks_do_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    outcome, arm, block = several(rng, blocks=15, outcomes=2)
    found = paired_contrast(outcome, arm, block)
    order = rng.permutation(len(arm))
    again = paired_contrast(outcome[order], arm[order], block[order].astype(str))
    np.testing.assert_allclose(again.log10_p, found.log10_p, rtol=1e-9, atol=1e-12)
    more = paired_contrast(
        np.concatenate([outcome, np.zeros((3, 2))]),
        np.concatenate([arm, ["x", "y", "z"]]),
        np.concatenate([block, [99, 99, 99]]),
    )
    np.testing.assert_allclose(more.odds_ratio, found.odds_ratio, rtol=1e-9)
    np.testing.assert_allclose(more.log10_p, found.log10_p, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("method", ["cmh", "conditional_logit"])
def test_copied_blocks_in_one_cluster_add_nothing(method: Any) -> None:
    outcome, arm, block = several(np.random.default_rng(3))
    once = paired_contrast(outcome, arm, block, cluster=block, method=method)
    tripled = [np.tile(a, 3) for a in (arm, block)]
    copies = np.repeat(np.arange(3), len(arm)) * 1000 + tripled[1]
    many = paired_contrast(
        np.tile(outcome, (3, 1)), tripled[0], copies, cluster=tripled[1], method=method
    )
    naive = paired_contrast(np.tile(outcome, (3, 1)), tripled[0], copies, method=method)
    assert np.all(many.design_effect > 2)
    for name in ("odds_ratio", "risk_difference", "log_odds_error", "risk_difference_high"):
        np.testing.assert_allclose(getattr(many, name), getattr(once, name), rtol=1e-8)
    assert np.all(naive.log_odds_error < 0.7 * many.log_odds_error)
    clustered = once.design_effect > 1
    assert clustered.any()
    np.testing.assert_allclose(many.statistic[clustered], once.statistic[clustered], rtol=1e-8)
    assert np.all(many.statistic[~clustered] >= once.statistic[~clustered])
    assert many.n_clusters.tolist() == once.n_blocks.tolist()


@pytest.mark.parametrize("method", ["cmh", "conditional_logit"])
def test_weights_are_copies_for_the_estimates(method: Any) -> None:
    outcome, arm, block = several(np.random.default_rng(4))
    weight = 1 + block % 3
    found = paired_contrast(outcome, arm, block, weight=weight, method=method)
    rows = np.repeat(np.arange(len(arm)), weight)
    copy = np.concatenate([np.arange(w) for w in weight])
    copied = paired_contrast(
        outcome[rows],
        arm[rows],
        block[rows] * 10 + copy,
        cluster=block[rows],
        method=method,
    )
    for name in ("odds_ratio", "risk_difference", "log_odds_error", "risk_difference_low"):
        np.testing.assert_allclose(getattr(found, name), getattr(copied, name), rtol=1e-8)
    assert np.all(np.isnan(found.statistic_corrected))
    scaled = paired_contrast(outcome, arm, block, weight=7.0 * weight, method=method)
    np.testing.assert_allclose(scaled.odds_ratio_low, found.odds_ratio_low, rtol=1e-8)
    np.testing.assert_allclose(scaled.log10_p, found.log10_p, rtol=1e-8)


def test_power_and_level_set_the_detectable_difference() -> None:
    data = discordant(12, 7, same=80)
    low, high = (paired_contrast(*data, power=p).minimum_detectable[0, 0] for p in (0.5, 0.9))
    assert low < high
    strict = paired_contrast(*data, power=0.5, conf_level=0.99).minimum_detectable[0, 0]
    assert strict > low


def test_detectable_difference_is_detected_as_often_as_said() -> None:
    rng = np.random.default_rng(5)
    n, discordance, runs = 400, 0.3, 600
    flat = rng.random((n, 200)) < discordance
    first = flat & (rng.random((n, 200)) < 0.5)
    null = _both(first, flat & ~first)
    wanted = float(null.minimum_detectable.mean())
    share = 0.5 + wanted / discordance / 2
    differs = rng.random((n, runs)) < discordance
    first = differs & (rng.random((n, runs)) < share)
    found = _both(first, differs & ~first)
    rate = np.mean(found.log10_p <= np.log10(0.05))
    assert rate == pytest.approx(0.8, abs=0.02 + 3 * np.sqrt(0.16 / runs))


def _both(first: NDArray[Any], other: NDArray[Any], **options: Any) -> PairedContrast:
    n = len(first)
    return paired_contrast(
        np.concatenate([first, other]).astype(int),
        np.repeat([0, 1], n),
        np.tile(np.arange(n), 2),
        **{name: np.tile(values, 2) for name, values in options.items()},
    )


def test_size_and_coverage_in_clusters() -> None:
    """Sixty groups of one to six prompts that favour one assistant or the other together."""
    rng = np.random.default_rng(20250418)
    runs, groups = 1500, np.repeat(np.arange(60), np.arange(60) % 6 + 1)
    favour = rng.beta(0.5, 0.5, (60, runs))[groups]
    differs = rng.random((groups.size, runs)) < 0.4
    first = differs & (rng.random(differs.shape) < favour)
    found, naive = (
        _both(first, differs & ~first, **options) for options in ({"cluster": groups}, {})
    )
    error = np.sqrt(0.05 * 0.95 / runs)
    assert 0.025 < np.mean(found.log10_p <= np.log10(0.05)) <= 0.05 + 3 * error
    assert np.mean(naive.log10_p <= np.log10(0.05)) > 0.1
    for low, high, truth in (
        (found.risk_difference_low, found.risk_difference_high, 0),
        (found.odds_ratio_low, found.odds_ratio_high, 1),
    ):
        covered = np.mean((low <= truth) & (truth <= high))
        assert covered == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("method", ["cmh", "conditional_logit"])
def test_coverage_of_the_odds_ratio_between_assistants(method: Any) -> None:
    outcome, arm, block = several(np.random.default_rng(6), blocks=70, outcomes=800, effect=0.8)
    found = paired_contrast(outcome, arm, block, method=method)
    truth = np.exp([0.8, 0.8, 0.0])[:, None]
    covered = (found.odds_ratio_low <= truth) & (truth <= found.odds_ratio_high)
    assert np.all(np.abs(covered.mean(axis=1) - 0.95) < 0.025)
    null = np.mean(found.log10_p[2] <= np.log10(0.05))
    assert null <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 800)


def test_frame_has_one_row_a_pair_and_outcome() -> None:
    frame = paired_contrast(*several(np.random.default_rng(7))).to_frame()
    assert len(frame) == 15
    assert frame["outcome"].tolist() == list(range(5)) * 3
    assert frame["arm"].tolist() == ["x"] * 10 + ["y"] * 5
    assert set(frame["method"]) == {"cmh"}


GOOD = {"outcome": [1, 0, 1, 1], "arm": ["a", "b", "a", "b"], "block": [0, 0, 1, 1]}
BAD = {
    "not binary": ({"outcome": [1, 0, 2, 1]}, r"outcome\[2\] = 2"),
    "missing outcome": ({"outcome": [1, np.nan, 1, 1]}, r"outcome\[1\]"),
    "no outcome": ({"outcome": np.zeros((4, 0))}, "outcome"),
    "no row": ({"outcome": [], "arm": [], "block": []}, "outcome"),
    "short arm": ({"arm": ["a", "b"]}, "arm: shape"),
    "missing arm": ({"arm": ["a", None, "a", "b"]}, r"arm\[1\]: is missing"),
    "one arm": ({"arm": ["a"] * 4}, "arm: all are a, at least 2"),
    "missing block": ({"block": [0.0, 0.0, np.nan, 1.0]}, r"block\[2\]: is missing"),
    "weight of zero": ({"weight": [1, 1, 0, 0]}, r"weight\[2\] = 0.0"),
    "weights within a block": ({"weight": [1, 2, 1, 1]}, r"weight\[1\]: differs"),
    "short weight": ({"weight": [1, 2]}, "weight: shape"),
    "missing cluster": ({"cluster": [0, 0, 1, np.nan]}, r"cluster\[3\]: is missing"),
    "block in two groups": ({"cluster": [0, 1, 1, 1]}, r"cluster\[1\]: differs"),
    "unknown reference": ({"reference": "z"}, "reference: 'z'"),
    "unknown method": ({"method": "wald"}, "method"),
    "power": ({"power": 1.0}, "power"),
    "level": ({"conf_level": 0.0}, "conf_level"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused(name: str) -> None:
    changed, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        paired_contrast(**(GOOD | changed))
