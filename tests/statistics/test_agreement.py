"""Agreement coefficients against R, statsmodels and published tables."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from statsmodels.stats import inter_rater

from tests.statistics.oracle import oracle
from valuescape.statistics import (
    ClusterBootstrap,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    mean_jaccard,
    percent_agreement,
    precision_recall,
    wilson,
)

NONE = None
FOUR_OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
        [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
    ],
    dtype=object,
).T
"""Krippendorff (2011), example C."""

FLEISS = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006
10050 11040 03300 10050 02031 00501 30012 51000 02040 10203
00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""
"""Fleiss (1971), table 1: six psychiatrists, thirty patients, five diagnoses."""

ratings = hnp.arrays(
    np.int64,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=12),
    elements=st.integers(0, 3),
)


def expand(counts: np.ndarray) -> np.ndarray:
    return np.array([np.repeat(np.arange(row.size), row) for row in counts])


def test_krippendorff_published_examples() -> None:
    assert round(krippendorff_alpha(FOUR_OBSERVERS).estimate, 3) == 0.743
    binary = np.array([list("0100000010"), list("1110010000")]).T
    assert round(krippendorff_alpha(binary).estimate, 3) == 0.095
    nominal = np.array([list("aabbdcccedda"), list("babbbccceddd")])
    assert round(krippendorff_alpha(nominal.T).estimate, 3) == 0.692


def test_gwet_published_examples() -> None:
    """Gwet (2008), 125 units; and the four observers as in Gwet's Handbook (2014)."""
    rare = gwet_ac1([["n", "n"]] * 118 + [["y", "n"]] * 5 + [["n", "y"]] * 2)
    assert round(rare.estimate, 4) == 0.9408
    four = gwet_ac1(FOUR_OBSERVERS)
    assert (round(four.observed, 5), round(four.expected, 5)) == (0.81818, 0.19032)
    assert round(four.estimate, 5) == 0.77544
    assert percent_agreement(FOUR_OBSERVERS).estimate == pytest.approx(four.observed)


def test_kappa_misleads_for_rare_labels_where_ac1_does_not() -> None:
    rare = np.array([["n", "n"]] * 118 + [["y", "n"]] * 5 + [["n", "y"]] * 2)
    assert round(cohen_kappa(rare[:, 0], rare[:, 1]).estimate, 4) == -0.0234
    assert percent_agreement(rare).estimate == 118 / 125


def test_fleiss_1971() -> None:
    counts = np.array([[int(digit) for digit in row] for row in FLEISS.split()])
    found = fleiss_kappa(expand(counts))
    assert round(found.estimate, 3) == 0.430
    assert round(found.observed, 3) == 0.556
    assert round(found.expected, 3) == 0.220


def test_cohen_equals_r() -> None:
    for _, rows in oracle("agreement").groupby("case"):
        found = cohen_kappa(rows["first"], rows["second"]).estimate
        assert found == pytest.approx(rows["vcd"].iloc[0], abs=1e-12)
        assert found == pytest.approx(rows["psych"].iloc[0], abs=1e-12)


@given(table=ratings)
def test_equal_statsmodels(table: np.ndarray) -> None:
    counts, _ = inter_rater.aggregate_raters(table)
    assume(np.unique(table).size > 1)
    assert fleiss_kappa(table).estimate == pytest.approx(inter_rater.fleiss_kappa(counts), abs=1e-9)
    first, second = table[:, 0], table[:, 1]
    categories = np.unique([first, second])
    pairs = np.array(
        [[np.sum((first == a) & (second == b)) for b in categories] for a in categories]
    )
    found = cohen_kappa(first, second).estimate
    if categories.size > 1 and not np.isnan(found):
        assert found == pytest.approx(inter_rater.cohens_kappa(pairs).kappa, abs=1e-9)


@given(table=ratings, seed=st.integers(0, 50))
def test_names_of_categories_and_order_of_raters_do_not_matter(
    table: np.ndarray, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    names = np.array(["w", "x", "y", "z"])[rng.permutation(4)]
    renamed = names[table][:, rng.permutation(table.shape[1])][rng.permutation(table.shape[0])]
    for coefficient in (percent_agreement, fleiss_kappa, krippendorff_alpha, gwet_ac1):
        one, two = coefficient(table).estimate, coefficient(renamed).estimate
        assert one == pytest.approx(two, abs=1e-9, nan_ok=True)


@given(table=ratings)
def test_full_agreement_is_one(table: np.ndarray) -> None:
    same = np.repeat(table[:, :1], 3, axis=1)
    assume(np.unique(same).size > 1)
    for coefficient in (percent_agreement, fleiss_kappa, krippendorff_alpha, gwet_ac1):
        assert coefficient(same).estimate == pytest.approx(1.0)


def test_chance_is_zero() -> None:
    rng = np.random.default_rng(3)
    table = rng.choice(3, size=(40_000, 2), p=[0.2, 0.3, 0.5])
    for found in (cohen_kappa(*table.T), fleiss_kappa(table), krippendorff_alpha(table)):
        assert found.estimate == pytest.approx(0, abs=0.015)


def test_alpha_brute_force_with_missing_ratings() -> None:
    rng = np.random.default_rng(8)
    table = rng.integers(0, 4, (30, 5)).astype(float)
    table[rng.random((30, 5)) < 0.4] = np.nan
    values, within, units = [], 0.0, 0
    for row in table:
        kept = row[~np.isnan(row)]
        if kept.size >= 2:
            units += 1
            values.extend(kept)
            unequal = sum(a != b for i, a in enumerate(kept) for j, b in enumerate(kept) if i != j)
            within += unequal / (kept.size - 1)
    n = len(values)
    across = sum(a != b for i, a in enumerate(values) for j, b in enumerate(values) if i != j)
    found = krippendorff_alpha(table)
    assert found.estimate == pytest.approx(1 - (within / n) / (across / (n * (n - 1))))
    assert found.n_units == units


def test_single_category_has_no_kappa() -> None:
    same = [["a", "a"]] * 5
    assert np.isnan(fleiss_kappa(same).estimate)
    assert np.isnan(cohen_kappa(["a"] * 5, ["a"] * 5).estimate)
    assert np.isnan(krippendorff_alpha(same).estimate)
    assert gwet_ac1(same).estimate == 1.0


def test_unused_categories_lower_chance_in_ac1() -> None:
    table = [["a", "b"], ["a", "a"], ["b", "b"]]
    assert gwet_ac1(table, n_categories=5).expected < gwet_ac1(table).expected
    with pytest.raises(ValueError, match="n_categories = 1: 2 categories occur"):
        gwet_ac1(table, n_categories=1)


def test_jaccard_is_the_mean_over_units() -> None:
    first = [{1, 2, 3}, {4}, set(), {5}]
    second = [{2, 3, 4}, {4}, set(), set()]
    assert mean_jaccard(first, second).estimate == pytest.approx((0.5 + 1 + 1 + 0) / 4)


def test_cluster_bootstrap_is_deterministic_and_wider_for_larger_clusters() -> None:
    rng = np.random.default_rng(5)
    prone = np.repeat(rng.random(60), 10)
    first = rng.random(600) < 0.4
    second = np.where(rng.random(600) < 0.8 * prone, ~first, first)
    single = cohen_kappa(first, second, bootstrap=ClusterBootstrap(np.arange(600)))
    grouped = cohen_kappa(first, second, bootstrap=ClusterBootstrap(np.repeat(np.arange(60), 10)))
    again = cohen_kappa(first, second, bootstrap=ClusterBootstrap(np.repeat(np.arange(60), 10)))
    assert (grouped.low, grouped.high) == (again.low, again.high)
    assert grouped.high - grouped.low > 1.3 * (single.high - single.low)
    assert single.low < single.estimate < single.high
    asymptotic = inter_rater.cohens_kappa(
        [[np.sum((first == a) & (second == b)) for b in (0, 1)] for a in (0, 1)]
    )
    width = 2 * 1.96 * asymptotic.std_kappa
    assert single.high - single.low == pytest.approx(width, rel=0.12)


def test_cluster_bootstrap_covers() -> None:
    rng = np.random.default_rng(12)
    covered = 0
    for trial in range(200):
        prone = np.repeat(rng.beta(2, 2, 80), 5)
        table = np.stack([rng.random(400) < prone, rng.random(400) < prone], axis=1)
        found = percent_agreement(
            table, bootstrap=ClusterBootstrap(np.repeat(np.arange(80), 5), 300, trial)
        )
        covered += found.low <= 0.6 <= found.high
    assert covered / 200 == pytest.approx(0.95, abs=0.045)


def test_precision_and_recall_by_hand() -> None:
    predicted = np.array([[1, 1], [1, 0], [1, 0], [0, 0], [0, 0]])
    reference = np.array([[1, 0], [1, 0], [0, 0], [1, 1], [0, 0]])
    found = precision_recall(predicted, reference)
    np.testing.assert_allclose(found.precision, [2 / 3, 0])
    np.testing.assert_allclose(found.recall, [2 / 3, 0])
    assert found.precision_low[0] == wilson(2, 3).low
    assert found.n_both.tolist() == [2, 0]
    assert len(found.to_frame()) == 2


def test_precision_of_nothing_is_nan_with_open_limits() -> None:
    found = precision_recall([0, 0], [1, 0], bootstrap=ClusterBootstrap([1, 2], 50))
    assert np.isnan(found.precision)
    assert (found.precision_low, found.precision_high) == (0, 1)
    assert found.recall == 0


def test_clusters_widen_precision() -> None:
    rng = np.random.default_rng(2)
    right = np.repeat(rng.random(40) < 0.7, 25)
    clusters = ClusterBootstrap(np.repeat(np.arange(40), 25))
    plain = precision_recall(np.ones(1000, bool), right)
    grouped = precision_recall(np.ones(1000, bool), right, bootstrap=clusters)
    assert grouped.precision == plain.precision
    assert grouped.precision_high - grouped.precision_low > 3 * (
        plain.precision_high - plain.precision_low
    )


def test_frame_is_one_row() -> None:
    frame = krippendorff_alpha(FOUR_OBSERVERS).to_frame()
    assert frame["coefficient"].tolist() == ["krippendorff_alpha"]
    assert frame["n_units"].tolist() == [11]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fleiss_kappa([["a", "b"], ["a", None]]), r"ratings: unit \[1\] = 1.0: has a miss"),
        (lambda: percent_agreement([["a"], ["b"]]), r"shape \(2, 1\) is not \(units, at least two"),
        (lambda: gwet_ac1([["a", None], [None, "b"]]), "ratings: no unit has two ratings"),
        (lambda: krippendorff_alpha([[None, np.nan]]), "ratings: every rating is missing"),
        (lambda: cohen_kappa(["a"], ["a", "b"]), "must have one equal length"),
        (lambda: mean_jaccard([], []), "must have one length"),
        (lambda: precision_recall([0, 2], [0, 1]), r"predicted\[1\] = 2.0: must be 0 or 1"),
        (lambda: precision_recall([0, 1, 1], [0, 1]), "must have one shape"),
        (
            lambda: percent_agreement([["a", "b"]] * 2, bootstrap=ClusterBootstrap([1])),
            "cluster: shape",
        ),
        (
            lambda: percent_agreement([["a", "b"]] * 2, bootstrap=ClusterBootstrap([1, np.nan])),
            r"cluster\[1\]: is missing",
        ),
        (
            lambda: percent_agreement([["a", "b"]] * 2, bootstrap=ClusterBootstrap(["x", None])),
            r"cluster\[1\]: is missing",
        ),
        (
            lambda: percent_agreement([["a", "b"]] * 2, bootstrap=ClusterBootstrap([1, 1])),
            "at least 2 different",
        ),
        (
            lambda: percent_agreement([["a", "b"]] * 2, bootstrap=ClusterBootstrap([1, 2], 0)),
            "n_boot = 0",
        ),
    ],
)
def test_bad_input_is_named(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        call()
