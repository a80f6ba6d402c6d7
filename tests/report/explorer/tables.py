"""A small tree with invented cells, and names that try to break out of the page."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuescape.report.explorer.data import ExplorerTables

HOSTILE = "</script><script>document.title='broken'</script>"
NODES = pd.DataFrame(
    [
        ("social-values", "Social values", 2, "", "Among people.", "desirable", 30),
        ("undesirable-values", "Undesirable values", 2, "", "", "undesirable", 6),
        ("care", "Care", 1, "social-values", "", "desirable", 30),
        ("harm", "Harm", 1, "undesirable-values", "", "undesirable", 6),
        ("value-kindness", "kindness", 0, "care", np.nan, "desirable", 20),
        ("value-hostile", HOSTILE, 0, "care", np.nan, "desirable", 9),
        ("value-formula", "=1+2", 0, "care", np.nan, "desirable", 1),
        ("value-cruelty", "cruelty", 0, "harm", np.nan, "undesirable", 6),
    ],
    columns=["node_id", "name", "level", "parent_id", "description", "polarity", "n"],
)
CONTEXTS = pd.DataFrame(
    [
        (group, kind, context, 40, 30)
        for group in ("ordinary", "adversarial")
        for kind, context in (
            ("task_type", "personal_advice"),
            ("task_type", "casual_chat"),
            ("run", "my-logs: my-model"),
        )
    ],
    columns=["group", "context_kind", "context", "n", "n_clusters"],
)


def small_tables() -> ExplorerTables:
    rng = np.random.default_rng(7)
    values = NODES[["level", "name"]].rename(columns={"name": "value"})
    cells = CONTEXTS[["group", "context_kind", "context"]].merge(values, how="cross")
    shares = rng.random((len(cells), 2))
    cells = cells.assign(
        n_both=rng.integers(0, 40, len(cells)),
        prevalence_inside=shares[:, 0],
        prevalence_outside=shares[:, 1],
        risk_ratio=shares[:, 0] / shares[:, 1],
        ci_low=shares[:, 0] / shares[:, 1] / 2,
        ci_high=shares[:, 0] / shares[:, 1] * 2,
        q_value=rng.random(len(cells)) ** 4,
    )
    listed = pd.DataFrame(
        {
            "group": ["ordinary", "ordinary", "ordinary"],
            "quantity": ["value", "heading", "task_type"],
            "name": ["kindness", "Social values", "casual_chat"],
            "estimate": [0.25, 0.5, 0.1],
            "ci_low": [0.2, 0.4, 0.05],
            "ci_high": [0.3, 0.6, 0.2],
            "method": ["corrected", "readings", "readings"],
        }
    )
    return ExplorerTables(NODES, cells, CONTEXTS, listed)
