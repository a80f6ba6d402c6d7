"""Farmers' answers as published, and the covariance matrices written out."""

from dataclasses import dataclass

import numpy as np

EDUCATION = np.array([88, 16, 31, 113, 14])
SOURCES = np.array(
    [
        [19, 38, 29, 47, 40],
        [2, 6, 8, 8, 4],
        [1, 13, 10, 17, 14],
        [19, 29, 40, 53, 29],
        [3, 4, 8, 6, 6],
    ]
)
"""Loughin & Scherer (1998): farmers of each education naming each of five sources."""

WASTE = np.array([40, 30, 21])
STORAGE = np.array([143, 80, 85, 13])
BOTH = np.array([[27, 16, 2, 2], [22, 12, 1, 1], [19, 6, 1, 0]])
"""Bilder & Loughin (2007): farmers testing waste for three substances, storing it in four ways."""


def farmers_by_education() -> tuple[np.ndarray, np.ndarray]:
    """Observations with the published table; which sources go together is not published in it."""
    rows = [
        np.arange(size)[:, None] < counts for size, counts in zip(EDUCATION, SOURCES, strict=True)
    ]
    return np.repeat(np.arange(5), EDUCATION), np.vstack(rows).astype(int)


def farmers_by_storage() -> tuple[np.ndarray, np.ndarray]:
    """Observations with the published two-by-two tables, tests for waste kept disjoint."""
    block = np.repeat(np.arange(4), [*WASTE, 279 - WASTE.sum()])
    place = np.concatenate([np.arange(size) for size in np.bincount(block)])
    counts = np.vstack([BOTH, STORAGE - BOTH.sum(axis=0)])
    return (block[:, None] == np.arange(3)).astype(int), (place[:, None] < counts[block]).astype(
        int
    )


@dataclass(frozen=True)
class Moments:
    """Statistics of the columns, covariance of the design and of plain observations."""

    statistic: np.ndarray
    robust: np.ndarray
    plain: np.ndarray
    cross: float


def _of_scores(score: np.ndarray, cluster: np.ndarray, factor: float) -> tuple[np.ndarray, float]:
    sums = np.array([score[cluster == g].sum(axis=0) for g in np.unique(cluster)])
    gram = (sums @ sums.T) ** 2
    cross = (gram.sum() - np.trace(gram)) * len(sums) / (len(sums) - 1)
    return factor * sums.T @ sums, factor**2 * cross


def marginal_moments(
    choice: np.ndarray, y: np.ndarray, w: np.ndarray, cluster: np.ndarray, factor: float
) -> Moments:
    """Everything from the score of every observation, contexts by items."""
    n, inside = choice.size, (choice[:, None] == np.unique(choice)).astype(float)
    size = w @ inside
    share, p = size / w.sum(), (inside * w[:, None]).T @ y / size[:, None]
    pooled = share @ p
    variance = pooled * (1 - pooled)
    scale = np.sqrt(n * share[:, None] / variance)
    pull = inside / size - 1 / w.sum()
    score = w[:, None, None] * pull[:, :, None] * (y - inside @ p)[:, None, :] * scale
    robust, cross = _of_scores(score.reshape(n, -1), cluster, factor)
    projection = np.eye(share.size) - np.sqrt(np.outer(share, share))
    both = np.kron(projection, np.eye(y.shape[1]))
    plain = both @ np.diag((p * (1 - p) / variance).ravel()) @ both
    return Moments(((scale * (p - pooled)) ** 2).sum(axis=0), robust, plain, cross)


def joint_moments(
    y: np.ndarray, z: np.ndarray, w: np.ndarray, cluster: np.ndarray, factor: float
) -> Moments:
    """Everything from the score of every observation, items by items."""
    n, share = len(y), w / w.sum()
    p, q = share @ y, share @ z
    scale = np.sqrt(np.outer(p * (1 - p), q * (1 - q)))
    terms = (y - p)[:, :, None] * (z - q)[:, None, :] / scale
    correlation = np.einsum("n,nab->ab", share, terms)
    score = (terms - correlation).reshape(n, -1)
    robust, cross = _of_scores(np.sqrt(n) * share[:, None] * score, cluster, factor)
    return Moments(n * correlation**2, robust, np.diag(share @ score**2), cross)
