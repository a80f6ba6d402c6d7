"""Direct standardisation against package survey, a published table, loops and simulation."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.statistics.oracle import oracle
from valuescape.statistics.clusters import clustered_share
from valuescape.statistics.standardisation import Standardised, standardise

POPULATION = """
230061 72202 15050 2293 327
329449 326701 175702 68800 30666
114920 208667 207081 132424 123419
39487 83228 117300 98301 149919
14208 28466 45026 46075 104088
3052 5375 8660 9834 34392
"""
CASES = """
107 25 3 1 0
141 150 71 26 8
60 110 114 64 63
40 84 103 89 112
39 82 108 137 262
25 39 75 96 295
"""
"""Births and cases of Down's syndrome by mother's age (rows) and birth order (columns), Michigan
1950-1964: Stark & Mantel (1966), as in Fleiss (1981), Statistical Methods for Rates, p. 249."""

PUBLISHED = [92.3, 91.2, 85.1, 92.7, 75.5]
"""Cases per 100,000 births, all birth orders at their average distribution of ages: Fay & Feuer
(1997), table 1, doi:10.1002/(SICI)1097-0258(19970415)16:7<791::AID-SIM500>3.0.CO;2-#."""


def table(text: str) -> NDArray[np.float64]:
    return np.array([line.split() for line in text.split("\n") if line], dtype=float)


def test_published_example() -> None:
    births, cases = table(POPULATION), table(CASES)
    age, order = (i.ravel() for i in np.indices(births.shape))
    found = standardise(
        np.repeat([1, 0], age.size),
        weight=np.concatenate([np.maximum(cases, 1e-9).ravel(), (births - cases).ravel()]),
        stratum=np.tile(age, 2),
        arm=np.tile(order, 2),
        target=dict(enumerate(births.mean(axis=1))),
        cluster=np.arange(2 * age.size),
    )
    assert (1e5 * found.share.estimate[:, 0]).round(1).tolist() == PUBLISHED
    crude = 1e5 * cases.sum(axis=0) / births.sum(axis=0)
    assert 1e5 * found.crude[:, 0] == pytest.approx(crude, rel=1e-8)


def test_equals_survey() -> None:
    """All clusters lie in both arms, so that the arms and the difference have one G / (G - 1)."""
    rows = oracle("standardisation")
    found = standardise(
        rows["y"],
        weight=rows["weight"],
        stratum=rows["stratum"],
        arm=rows["arm"],
        target={"s1": 0.2, "s2": 0.5, "s3": 0.3},
        cluster=rows["cluster"],
    )
    for i, arm in enumerate(found.arms):
        one = rows[rows["arm"] == arm].iloc[0]
        assert found.share.estimate[i, 0] == pytest.approx(one["share"], rel=1e-12)
        assert found.standard_error[i, 0] == pytest.approx(one["share_se"], rel=1e-12)
    assert found.difference.estimate[0, 0] == pytest.approx(rows["difference"][0], rel=1e-12)
    assert found.difference_error[0, 0] == pytest.approx(rows["difference_se"][0], rel=1e-12)


def sample(seed: int, *, strata: int = 3, clusters: int = 60) -> dict[str, NDArray[np.float64]]:
    """Two arms with different task mixes; clusters of prompts answered by both."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), 6)
    stratum = rng.choice(strata, cluster.size, p=np.arange(1, strata + 1) / (strata * 2))
    arm = rng.integers(0, 2, cluster.size)
    taste = rng.normal(0, 0.08, clusters)[cluster]
    p = np.clip(np.array([0.1, 0.3, 0.6])[stratum] + 0.1 * arm + taste, 0, 1)
    y = (rng.random(cluster.size) < p).astype(float)
    weight = rng.uniform(0.5, 3, cluster.size)
    return {"y": y, "weight": weight, "stratum": stratum, "arm": arm, "cluster": cluster}


def run(data: dict[str, NDArray[np.float64]], **options: object) -> Standardised:
    arguments = {**data, "target": {0: 0.5, 1: 0.3, 2: 0.2}, **options}
    return standardise(arguments.pop("y"), **arguments)  # type: ignore[arg-type]


def test_equals_loops() -> None:
    data = sample(1)
    mix, found = [0.5, 0.3, 0.2], run(data)
    for a in (0, 1):
        estimate, scores = 0.0, dict.fromkeys(range(60), 0.0)
        for h in range(3):
            rows = np.flatnonzero((data["arm"] == a) & (data["stratum"] == h))
            total = sum(data["weight"][i] for i in rows)
            mean = sum(data["weight"][i] * data["y"][i] for i in rows) / total
            estimate += mix[h] * mean
            for i in rows:
                gain = mix[h] * data["weight"][i] * (data["y"][i] - mean) / total
                scores[int(data["cluster"][i])] += gain
        g = len(set(data["cluster"][data["arm"] == a]))
        variance = sum(v**2 for v in scores.values()) * g / (g - 1)
        assert found.share.estimate[a, 0] == pytest.approx(estimate, rel=1e-12)
        assert found.standard_error[a, 0] == pytest.approx(variance**0.5, rel=1e-12)


def test_one_stratum_is_a_clustered_share() -> None:
    data = sample(2) | {"stratum": np.zeros(360, dtype=int)}
    found = run(data, target={0: 1.0})
    plain = clustered_share(
        data["y"], weight=data["weight"], clusterings=[data["cluster"]], within=data["arm"] == 0
    )
    assert found.share.estimate[0] == pytest.approx(plain.estimate, rel=1e-12)
    assert found.standard_error[0] == pytest.approx(plain.standard_error, rel=1e-12)
    assert found.crude[0] == pytest.approx(plain.estimate, rel=1e-12)


def test_target_scale_and_weight_scale_do_not_matter() -> None:
    data = sample(3)
    found = run(data)
    same = run(data | {"weight": 7 * data["weight"]}, target={0: 50, 1: 30, 2: 20, 9: 0})
    assert same.share.low == pytest.approx(found.share.low, rel=1e-12)
    assert same.difference.high == pytest.approx(found.difference.high, rel=1e-12)
    assert run(data, target={0: 0.2, 1: 0.3, 2: 0.5}).share.estimate[0, 0] > found.share.estimate[0]


def test_own_mix_changes_nothing() -> None:
    data = sample(4)
    inside = data["arm"] == 1
    own = np.bincount(data["stratum"][inside], data["weight"][inside])
    found = run(data, target=dict(enumerate(own)))
    assert found.share.estimate[1] == pytest.approx(found.crude[1], rel=1e-12)


def test_missing_cells_are_refused_or_dropped() -> None:
    data = sample(5)
    keep = (data["arm"] == 0) | (data["stratum"] != 2)
    data = {name: column[keep] for name, column in data.items()}
    with pytest.raises(ValueError, match=r"target\[2\]: an arm has no observation"):
        run(data)
    found = run(data, missing="drop")
    assert (found.coverage, found.dropped) == (pytest.approx(0.8), (2,))
    inside = {name: column[data["stratum"] < 2] for name, column in data.items()}
    alone = run(inside, target={0: 5, 1: 3})
    assert alone.share.estimate == pytest.approx(found.share.estimate, rel=1e-12)
    assert (alone.coverage, alone.dropped) == (1.0, ())
    with pytest.raises(ValueError, match="no stratum of it"):
        run(data, target={7: 1.0}, missing="drop")


def test_shares_of_zero_and_one_have_an_interval() -> None:
    data = sample(6)
    found = run(data | {"y": np.column_stack([np.zeros(360), np.ones(360)])})
    assert found.share.estimate.tolist() == [[0, 1], [0, 1]]
    assert np.all(found.share.low[:, 0] == 0)
    assert np.all((found.share.high[:, 0] > 0.01) & (found.share.high[:, 0] < 0.15))
    assert np.allclose(found.share.low[:, 1], 1 - found.share.high[:, 0])
    assert np.all(np.isfinite(found.difference.low))
    assert (len(found.to_frame()), len(found.differences())) == (4, 2)


def test_level_changes_the_interval() -> None:
    data = sample(7)
    assert np.all(run(data, conf_level=0.99).share.low < run(data).share.low)


def test_coverage() -> None:
    """Both arms and their difference (shared clusters); truth by construction."""
    replicates, mix = 300, np.array([0.5, 0.3, 0.2])
    truth = [float(mix @ [0.1, 0.3, 0.6]), float(mix @ [0.2, 0.4, 0.7])]
    hits = np.zeros(3)
    for seed in range(replicates):
        found = run(sample(1000 + seed))
        inside = (found.share.low[:, 0] <= truth) & (truth <= found.share.high[:, 0])
        gap = truth[0] - truth[1]
        both = found.difference.low[0, 0] <= gap <= found.difference.high[0, 0]
        hits += [*inside, both]
    assert np.all(hits / replicates > 0.95 - 3 * np.sqrt(0.95 * 0.05 / replicates))


def test_coverage_of_a_rare_outcome() -> None:
    """Some three cases an arm, none in many a stratum that weighs half of the mix."""
    replicates, rng = 300, np.random.default_rng(21)
    mix, shares = np.array([0.5, 0.3, 0.2]), np.array([0.02, 0.03, 0.04])
    cluster, hits = np.repeat(np.arange(40), 6), np.zeros(3)
    truth = np.array([mix @ shares, mix @ shares, 0.0])
    for _ in range(replicates):
        stratum = rng.choice(3, cluster.size, p=[0.2, 0.3, 0.5])
        found = run(
            {
                "y": (rng.random(cluster.size) < shares[stratum]).astype(float),
                "weight": rng.uniform(0.5, 2, cluster.size),
                "stratum": stratum,
                "arm": rng.integers(0, 2, cluster.size),
                "cluster": cluster,
            }
        )
        low = np.append(found.share.low[:, 0], found.difference.low[0, 0])
        high = np.append(found.share.high[:, 0], found.difference.high[0, 0])
        hits += (low <= truth) & (truth <= high)
    assert np.all(hits / replicates > 0.95 - 3 * np.sqrt(0.95 * 0.05 / replicates))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.array([0, 2.0, 1])}, r"y\[1\] = 2"),
        ({"y": np.array([0, np.nan, 1])}, r"y\[1\]"),
        ({"weight": np.array([1, 0.0, 1])}, r"weight\[1\] = 0"),
        ({"weight": np.ones(2)}, "weight: shape"),
        ({"stratum": np.array(["a", None, "a"], dtype=object)}, r"stratum\[1\]: is missing"),
        ({"arm": np.array([0, np.nan, 0])}, r"arm\[1\]: is missing"),
        ({"cluster": np.array([0, np.nan, 0])}, r"cluster\[1\]: is missing"),
        ({"cluster": np.array([1, 1, 2]), "arm": np.array([0, 0, 1])}, "arm 0 lies in one cluster"),
        ({"target": {}}, "target: no stratum"),
        ({"target": {"a": 0.0}}, "target: no stratum"),
        ({"target": {"a": -1.0}}, r"target\[0\] = -1"),
        ({"missing": "keep"}, "missing: 'keep'"),
        ({"conf_level": 0.0}, "conf_level"),
    ],
)
def test_refuses(change: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {
        "y": np.array([0, 1, 1]),
        "weight": np.ones(3),
        "stratum": np.array(["a", "a", "a"]),
        "arm": np.zeros(3, dtype=int),
        "target": {"a": 1.0},
        "cluster": np.arange(3),
        **change,
    }
    with pytest.raises(ValueError, match=message):
        standardise(arguments.pop("y"), **arguments)  # type: ignore[arg-type]
