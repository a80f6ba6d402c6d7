"""Estimates of ppi-python and glide-py for a simulated frame, one stratum against two.

Both packages take labelled and unlabelled observations for separate samples of a superpopulation.
To have them estimate for a frame, every row of it is handed over as unlabelled, those read again
as labelled; the variance of the machine's mean, which they add, is taken off by the test.
Intervals of ppi-python are two-sided only if ``alternative`` is left alone.

Usage, in an environment of its own (versions.txt): python make.py FOLDER
"""

import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from glide.estimators import ClusteredPPIMeanEstimator, StratifiedPPIMeanEstimator
from ppi_py import (
    ppi_logistic_ci,
    ppi_logistic_pointestimate,
    ppi_mean_ci,
    ppi_mean_pointestimate,
)
from scipy.stats import norm

LEVEL = 0.9
OPTIONS = {"ftol": 1e-16, "gtol": 1e-12, "maxiter": 10_000}


def simulated() -> pd.DataFrame:
    """600 conversations, clusters of two, a quarter of each stratum read."""
    rng = np.random.default_rng(2311)
    n = 600
    cluster = np.arange(n) // 2
    x = rng.normal(size=n).round(3)
    taste = rng.normal(size=n // 2)[cluster]
    y = (rng.random(n) < 1 / (1 + np.exp(0.8 - 0.7 * x - taste))).astype(int)
    f = np.clip(0.25 + 0.45 * y + rng.normal(0, 0.15, n), 0, 1).round(4)
    read = cluster % 8 < 2
    columns = {"stratum": cluster % 2, "cluster": cluster, "read": read, "x": x, "y": y, "f": f}
    return pd.DataFrame(columns)


def error(limits: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Standard error of a normal interval."""
    low, high = limits
    return (np.ravel(high) - np.ravel(low)) / (2 * norm.ppf(0.5 + LEVEL / 2))


def ppi_python(rows: pd.DataFrame) -> dict[str, float]:
    """Mean and logistic regression, for given weights of the machine."""
    seen = rows[rows["read"]]
    y, f, frame = seen["y"].to_numpy(float), seen["f"].to_numpy(), rows["f"].to_numpy()
    x, x_frame = (np.column_stack([np.ones(len(part)), part["x"]]) for part in (seen, rows))
    w = np.where(seen["stratum"] == 0, 2.0, 1.0)
    found: dict[str, float] = {}
    for lam in (0.4, 1.0):
        mean = ppi_mean_pointestimate(y, f, frame, lam=lam)
        limits = ppi_mean_ci(y, f, frame, alpha=1 - LEVEL, lam=lam)
        found |= {f"mean_{lam}": float(mean[0]), f"mean_{lam}_se": float(error(limits)[0])}
        beta = ppi_logistic_pointestimate(x, y, f, x_frame, frame, lam=lam, w=w,
                                          optimizer_options=dict(OPTIONS))  # fmt: skip
        plain = ppi_logistic_ci(x, y, f, x_frame, frame, lam=lam, alpha=1 - LEVEL,
                                optimizer_options=dict(OPTIONS))  # fmt: skip
        for j in range(2):
            found |= {f"weighted_logit_{lam}_{j}": float(beta[j])}
            found |= {f"logit_{lam}_{j}": float((plain[0][j] + plain[1][j]) / 2)}
            found |= {f"logit_{lam}_{j}_se": float(error(plain)[j])}
    return found


def glide(rows: pd.DataFrame) -> dict[str, float]:
    """Stratified and clustered means with the machine's weight at 1."""
    seen = rows[rows["read"]]
    y = np.concatenate([seen["y"].to_numpy(float), np.full(len(rows), np.nan)])
    f = np.concatenate([seen["f"], rows["f"]])
    stratum = np.concatenate([seen["stratum"], rows["stratum"]])
    cluster = np.concatenate([seen["cluster"], rows["cluster"] + len(rows)])
    found: dict[str, float] = {}
    for name, estimator, codes in (
        ("stratified", StratifiedPPIMeanEstimator(), stratum),
        ("clustered", ClusteredPPIMeanEstimator(), cluster),
    ):
        result = estimator.estimate(y, f, codes, power_tuning=False)
        found |= {name: float(result.mean), f"{name}_se": float(result.std)}
    return found


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    rows = simulated()
    rows.assign(read=rows["read"].astype(int)).to_csv(folder / "data.csv", index=False)
    found = ppi_python(rows) | glide(rows)
    pd.Series(found, name="value").rename_axis("name").to_csv(
        folder / "results.csv", float_format="%.17g"
    )
    packages = ("glide-py", "numpy", "ppi-python", "scipy")
    lines = [f"python {sys.version.split()[0]}", *(f"{p} {version(p)}" for p in packages)]
    (folder / "versions.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
