"""Size and power of the multiple-response tests on simulated conversations.

Shares of rejections are compared with what is claimed of them within four Monte-Carlo standard
errors.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats

from valuescape.statistics.joint_independence import joint_independence
from valuescape.statistics.marginal_independence import marginal_independence

LEVEL = np.log10(0.05)


def picks(
    rng: np.random.Generator, groups: int, answers: int, items: int, alike: float
) -> np.ndarray:
    """Items that go together, more alike within prompt groups than between them."""
    of_group = np.sqrt(alike) * rng.normal(size=(groups, items))
    own = np.sqrt(1 - alike) * rng.normal(size=(groups * answers, items))
    together = 0.7 * rng.normal(size=(groups * answers, 1))
    latent = np.repeat(of_group, answers, axis=0) + own + together
    return (latent > 1.22 * stats.norm.isf(0.25)).astype(int)


def rejections(one: Callable[[], list[Any]], times: int) -> np.ndarray:
    """Share of runs in which each log10 p is at most that of the 5 % level."""
    return np.mean([np.array(one()) <= LEVEL for _ in range(times)], axis=0)


def near(share: float, target: float, times: int) -> bool:
    return abs(share - target) < 4 * np.sqrt(target * (1 - target) / times)


def test_plain_tests_hold_their_level_where_the_first_order_does_not() -> None:
    rng, times = np.random.default_rng(1999), 200

    def one() -> list[float]:
        y = picks(rng, 200, 1, 12, 0.0)
        marginal = marginal_independence(rng.integers(0, 3, 200), y)
        joint = joint_independence(y, picks(rng, 200, 1, 4, 0.0))
        return [
            marginal.log10_p,
            joint.log10_p,
            marginal.bonferroni_log10_p,
            marginal.first_order_log10_p,
            joint.first_order_log10_p,
        ]

    *held, bonferroni, first_marginal, first_joint = rejections(one, times)
    assert all(near(share, 0.05, times) for share in held), held
    assert bonferroni < 0.05 + 4 * np.sqrt(0.05 * 0.95 / times)
    assert first_marginal > held[0]
    assert first_joint > held[1]


def test_clustered_tests_hold_their_level_where_plain_ones_do_not() -> None:
    rng, times = np.random.default_rng(2004), 100
    cluster = np.repeat(np.arange(150), 6)

    def one() -> list[float]:
        y = picks(rng, 150, 6, 8, 0.4)
        choice = rng.choice(4, 150, p=[0.4, 0.3, 0.2, 0.1])[cluster]
        other = np.repeat(picks(rng, 150, 1, 3, 0.0), 6, axis=0)
        design = {"weight": rng.uniform(0.5, 2, 900), "cluster": cluster}
        return [
            marginal_independence(choice, y, **design).log10_p,
            marginal_independence(choice, y, trace_squares="cross", **design).log10_p,
            joint_independence(y, other, **design).log10_p,
            marginal_independence(choice, y).log10_p,
            joint_independence(y, other).log10_p,
        ]

    *held, plain_marginal, plain_joint = rejections(one, times)
    assert all(near(share, 0.05, times) for share in held), held
    assert min(plain_marginal, plain_joint) > 0.3


def test_cross_products_keep_level_and_power_with_more_items_than_clusters() -> None:
    rng, times = np.random.default_rng(2010), 40
    cluster = np.repeat(np.arange(80), 5)

    def of(strength: float) -> Callable[[], list[float]]:
        def one() -> list[float]:
            y = picks(rng, 80, 5, 200, 0.4)
            choice = rng.integers(0, 4, 80)[cluster]
            more = (choice == 0)[:, None] & (np.arange(200) < 80)
            y = y | (more & (rng.random(y.shape) < strength))
            return [
                marginal_independence(choice, y, cluster=cluster, trace_squares=kind).log10_p
                for kind in ("plug-in", "cross")
            ]

        return one

    assert near(rejections(of(0.0), times)[1], 0.05, times)
    plug_in, cross = rejections(of(0.12), times)
    assert cross > plug_in + 0.3, (plug_in, cross)


def test_bootstrap_holds_its_level() -> None:
    rng, times = np.random.default_rng(1997), 100
    cluster = np.repeat(np.arange(80), 3)

    def one() -> list[float]:
        y, other = picks(rng, 80, 3, 5, 0.4), np.repeat(picks(rng, 80, 1, 3, 0.0), 3, axis=0)
        z = picks(rng, 100, 1, 4, 0.0)
        choice = rng.integers(0, 3, 80)[cluster]
        drawn = {"n_boot": 19, "seed": int(rng.integers(2**31))}
        return [
            marginal_independence(rng.integers(0, 3, 100), z, **drawn).bootstrap_log10_p,
            joint_independence(z, picks(rng, 100, 1, 3, 0.0), **drawn).bootstrap_log10_p,
            marginal_independence(choice, y, cluster=cluster, **drawn).bootstrap_log10_p,
            joint_independence(y, other, cluster=cluster, **drawn).bootstrap_log10_p,
        ]

    shares = rejections(one, times)
    assert all(near(share, 0.05, times) for share in shares), shares
