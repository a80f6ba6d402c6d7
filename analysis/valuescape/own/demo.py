"""The demo: the whole way from conversations to rankings, on an invented corpus."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pandas as pd

from valuescape.corpora.jsonl import read_jsonl
from valuescape.own.command import PAGE, Order, write_report
from valuescape.store import read_table, write_bytes
from valuescape.study.overview import PLAN, Overview, conversation_table, overview

CORPUS, REPORT = "conversations.jsonl", "report"


def run_demo(output: Path) -> str:
    """Label the demo corpus, analyse it, write everything and say what was found.

    Parameters
    ----------
    output : Path
        Folder for ``conversations.jsonl``, ``labels/`` (Parquet), ``tables/`` (CSV) and
        ``report/``; the conversations are invented, so nothing is hidden.

    Returns
    -------
    str
        What was found, in a few lines.
    """
    corpus = output / CORPUS
    write_bytes((files("valuescape.resources") / "demo" / CORPUS).read_bytes(), corpus)
    write_report(Order(corpus, output / REPORT, labels=output / "labels", floors=None))
    conversations = conversation_table(read_jsonl(corpus))
    labels = read_table(output / "labels" / "labels.parquet", "labels")
    expressions = read_table(output / "labels" / "expressions.parquet", "expressions")
    found = overview(conversations, labels, expressions)
    found.write(output / "tables")
    return _told(found, labels, output)


def _told(found: Overview, labels: pd.DataFrame, output: Path) -> str:
    lines = [
        f"{len(labels)} invented conversations labelled by {labels['labeller'].iloc[0]}; "
        f"{int(labels['subjective'].sum())} of them subjective.",
        "Most over-represented value of each kind of task (risk ratio, q; * established):",
    ]
    ranked = found.associations.sort_values(["context", "log_rr"], ascending=[True, False])
    for _, row in ranked.drop_duplicates("context").iterrows():
        mark = "*" if row["q_value"] <= PLAN.q_threshold else " "
        lines.append(
            f"{mark} {row['context']:<26}{row['value']:<28}"
            f"{row['risk_ratio']:6.1f}  {row['q_value']:.2g}"
        )
    lines.append("Answers to the user's values:")
    stances = found.response_types.sort_values("estimate", ascending=False)
    lines += [
        f"  {row['response_type']:<26}{100 * row['estimate']:.0f} % "
        f"({100 * row['ci_low']:.0f} to {100 * row['ci_high']:.0f})"
        for _, row in stances.iterrows()
    ]
    lines += [f"Conversations, labels and tables: {output}", f"Report: {output / REPORT / PAGE}"]
    return "\n".join(lines)
