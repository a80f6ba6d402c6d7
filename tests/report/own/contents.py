"""Small contents of a report, made by hand, with names that try to be markup."""

from __future__ import annotations

import pandas as pd

from valuescape.report.own.contents import TABLES, Contents, Picture, Quality

HOSTILE = "<script>alert(1)</script>&\"'"
_EMPTY = pd.DataFrame()


def shares(**columns: list[object]) -> pd.DataFrame:
    n = len(next(iter(columns.values())))
    numbers = {"n": [120] * n, "n_clusters": [60] * n, "estimate": [0.4] * n}
    return pd.DataFrame(columns | numbers | {"ci_low": [0.3] * n, "ci_high": [0.5] * n})


def cells() -> pd.DataFrame:
    base = {"group": "all", "context_kind": "task_type", "level": 0, "n_total": 300}
    rows = [
        {"context": "about_ai", "value": "honesty", "risk_ratio": 4.2, "q_value": 0.001, "z": 4.0},
        {"context": "casual_chat", "value": HOSTILE, "risk_ratio": 0.5, "q_value": 0.4, "z": -1.0},
        {"context": "casual_chat", "value": "honesty"},
    ]
    numbers = {
        "n_both": 30,
        "n_context": 60,
        "n_value": 80,
        "prevalence_inside": 0.5,
        "prevalence_outside": 0.12,
        "fcr_low": 2.0,
        "fcr_high": 9.0,
    }
    table = pd.DataFrame([base | (numbers if "q_value" in row else {}) | row for row in rows])
    return table.assign(n_context=60, n_value=80)


def contents(**changed: object) -> Contents:
    values = shares(level=[0, 0, 3], name=["honesty", HOSTILE, "Social values"])
    values = values.assign(
        node_id=["value-honesty", "value-x", "social-values"],
        heading=["Social values", "Social values", ""],
        polarity=["desirable", "undesirable", "desirable"],
    )
    tables = dict.fromkeys(TABLES, _EMPTY) | {
        "overview": pd.DataFrame(
            {
                "quantity": [
                    "conversations",
                    "subjective",
                    "not_subjective",
                    "clusters",
                    "assistants",
                    "task_types",
                ],
                "n": pd.array([None, 300, None, 90, 2, 2], dtype="Int64"),
            }
        ),
        "task_types": shares(name=["about_ai", "casual_chat"]),
        "response_types": shares(name=["mild_support", "no_values"]),
        "values": values,
        "associations": cells(),
        "suppression": pd.DataFrame(
            {
                "table": ["assistants"],
                "counts": [1200],
                "shown": [700],
                "small": [400],
                "protecting": [100],
            }
        ),
    }
    given: dict[str, object] = {
        "tables": tables,
        "skipped": pd.DataFrame(
            {"step": ["reading"], "what": [HOSTILE], "n": [3], "why": ["malformed"]}
        ),
        "labeller": "embedded-2",
        "clusters": "users",
        "floors": (15, 5),
        "users_known": True,
        "quality": Quality(
            (("Task type: kappa", "0.68 (0.65 to 0.70)"),),
            pd.DataFrame({"name": ["honesty"], "precision": [0.31], "recall": [0.55]}),
        ),
        "source": f"{HOSTILE}.jsonl",
        "version": "0.0",
        "citation": "Somebody. (2026).",
    }
    return Contents(**(given | changed))  # type: ignore[arg-type]


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="200"><circle r="40"/></svg>'
PICTURES = {"common_values": Picture(SVG, HOSTILE, "What is drawn.", f"Alt {HOSTILE}")}
