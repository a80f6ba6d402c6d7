"""Stage ``write``: the numbers and tables that the paper includes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import yaml

from valuescape.paths import Paths, paths
from valuescape.report.calibration_findings import calibration_numbers
from valuescape.report.claims import as_yaml, gather_claims, index_table
from valuescape.report.colophon import colophon
from valuescape.report.comparison_findings import q7_numbers, q8_numbers, q9_numbers
from valuescape.report.findings import (
    q1_numbers,
    q3_numbers,
    q4_numbers,
    q5_numbers,
    q10_numbers,
)
from valuescape.report.manuscript import read_variables
from valuescape.report.monitor_findings import monitor_numbers, q6_numbers
from valuescape.report.numbers import data_numbers, published_numbers
from valuescape.report.printing import decimal, percent
from valuescape.report.provenance import as_json, figure_origins, laid_out
from valuescape.report.results import Results
from valuescape.report.robustness_findings import robustness_numbers
from valuescape.report.tables.associations import (
    claims_table,
    invariance_table,
    methods_table,
    omnibus_table,
    top_values_table,
)
from valuescape.report.tables.calibration import (
    coverage_table,
    rankings_table,
    sizes_table,
    top_sets_table,
)
from valuescape.report.tables.comparison import (
    contrasts_table,
    releases_table,
    variation_table,
)
from valuescape.report.tables.errors import agreement_table, corrected_table, published_table
from valuescape.report.tables.material import sources_table, vocabulary_table
from valuescape.report.tables.monitoring import alarms_table, faults_table, warning_table
from valuescape.report.tables.responses import mirroring_table, responses_table
from valuescape.report.tables.robustness import robust_contrasts_table, robust_shares_table
from valuescape.report.task_findings import q2_numbers
from valuescape.settings import Settings, load_settings
from valuescape.stages import run
from valuescape.store import read_columns, read_table, replaced_folder, write_text

_MATERIAL = ("labels/conversations.csv", "labels/frame.csv")
CLAIMS_NOTE = """# Written by the stage `write` from paper.qmd, sources.yaml and results; edits
# are lost. Each claim: its sentence, its numbers (key, table, rows and column; `printed` where the
# table gives it, else the function that computes it), stages, figures and tables, tests.
"""
NOTE = "# Written by the stage `write` from results; edits are lost.\n"


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    settings = load_settings(home.params)
    results = Results(home.results)
    numbers = variables(home, settings, results)
    origins = figure_origins()
    with replaced_folder(home.paper / "tables") as out:
        for name, make in _tables(home, settings).items():
            text, found = laid_out(make, results, _MATERIAL if name == "sources" else ())
            origins |= found
            write_text(text, out / f"{name}.md")
        write_text(as_json(origins), out / "origins.json")
        text = yaml.safe_dump(numbers, allow_unicode=True, sort_keys=True, width=100)
        write_text(NOTE + text, home.paper / "_variables.yml")
        claims = gather_claims(
            (home.paper / "paper.qmd").read_text(encoding="utf-8"),
            home.paper / "sources.yaml",
            read_variables(home.paper / "_variables.yml"),
            home.root,
            origins,
        )
        write_text(index_table(claims), out / "origins.md")
        write_text(as_yaml(claims, CLAIMS_NOTE), home.paper / "claims.yaml")


def variables(home: Paths, settings: Settings, results: Results) -> dict[str, Any]:
    """Compute every number of the paper's text, as nested names of `_variables.yml`."""
    conversations = read_table(home.labels / "conversations.csv", "conversations")
    frame = read_table(home.labels / "frame.csv", "frame")
    labels = read_table(home.labels / "labels.csv", "readings")
    offered = (home.labels / "VOCABULARY.txt").read_text(encoding="utf-8").splitlines()
    names = [line for line in offered if line.strip() and not line.startswith("#")]
    machine = read_columns(home.machine / "labels.parquet", ["fold"])
    xstest = read_columns(home.machine / "xstest_check.csv", ())
    bounds = settings.write.frame_characters
    data = data_numbers(conversations, frame, labels, len(names), bounds)
    return {
        "colophon": colophon(home.root / "requirements.lock", home.labels),
        "data": data | {"n_folds": str(machine["fold"].nunique())},
        "params": _parameters(settings),
        "published": published_numbers(read_columns(home.published, ["key"])),
        "q1": q1_numbers(results),
        "q2": q2_numbers(results, settings.associate.q_threshold),
        "q3": q3_numbers(results),
        "q4": q4_numbers(results),
        "q5": q5_numbers(results),
        "q6": q6_numbers(results),
        "monitoring": monitor_numbers(results),
        "q7": q7_numbers(results),
        "q8": q8_numbers(results),
        "q9": q9_numbers(
            results,
            read_columns(home.published, ["key"]),
            settings.compare.confidence_level,
        ),
        "q10": q10_numbers(results, xstest),
        "robustness": robustness_numbers(results),
        "calibration": calibration_numbers(
            results, round(1.0 - settings.calibrate.confidence_level, 10)
        ),
    }


def _parameters(settings: Settings) -> Mapping[str, Any]:
    return {
        "count": {
            "minimum_context_clusters": str(settings.count.minimum_context_clusters),
            "minimum_value_conversations": str(settings.count.minimum_value_conversations),
        },
        "monitor": {
            "daily": str(settings.monitor.daily),
            "baseline_days": str(settings.monitor.baseline_days),
            "run_length": f"{settings.monitor.run_length:,.0f}",
            "tolerance": decimal(settings.monitor.tolerance, 1),
            "window": str(settings.monitor.window),
        },
        "taxonomy": {"task_kinds": str(settings.taxonomy.task_kinds[0])},
        "associate": {
            "confidence_level": percent(settings.associate.confidence_level, 0),
            "minimum_expected_effective": decimal(settings.associate.minimum_expected_effective, 0),
            "minimum_clusters": str(settings.associate.minimum_clusters),
            "q_threshold": decimal(settings.associate.q_threshold),
            "distinctive_risk_ratio": decimal(settings.associate.distinctive_risk_ratio, 1),
            "minimum_expected_ranked": decimal(settings.associate.minimum_expected_ranked, 0),
        },
        "correct": {
            "minimum_phi_squared": percent(settings.correct.minimum_phi_squared, 0),
            "proxy_penalty": decimal(settings.correct.proxy_penalty, 0),
            "rare_prevalence": percent(settings.correct.rare_prevalence, 0),
            "minimum_context_readings": str(settings.correct.minimum_context_readings),
            "minimum_value_conversations": str(settings.correct.minimum_value_conversations),
        },
        "robustness": {"minimum_clusters": str(settings.robustness.minimum_clusters)},
        "compare": {
            "minimum_readings": str(settings.compare.minimum_readings),
            "minimum_value_conversations": str(settings.compare.minimum_value_conversations),
            "q_threshold": decimal(settings.compare.q_threshold),
            "power": decimal(settings.compare.power, 1),
            "axes_minimum_share": percent(settings.compare.axes_minimum_share, 0),
            "axes_maximum_share": percent(settings.compare.axes_maximum_share, 0),
        },
    }


def _tables(home: Paths, settings: Settings) -> dict[str, Callable[[Results], str]]:
    """Return what makes each table from the results."""
    published = read_columns(home.published, ["key"])
    conversations = read_table(home.labels / "conversations.csv", "conversations")
    frame = read_table(home.labels / "frame.csv", "frame")
    level = round(1.0 - settings.calibrate.confidence_level, 10)
    n_rows = settings.write.rows_in_tables
    return {
        "sources": partial(sources_table, conversations=conversations, frame=frame),
        "vocabulary": vocabulary_table,
        "claims": partial(claims_table, published=published),
        "top_values": partial(top_values_table, n_rows=settings.associate.top_k),
        "methods": methods_table,
        "omnibus": omnibus_table,
        "sizes": partial(sizes_table, level=level),
        "coverage": coverage_table,
        "rankings": rankings_table,
        "top_sets": top_sets_table,
        "invariance": partial(invariance_table, published=published, n_rows=n_rows // 2),
        "responses": partial(responses_table, published=published),
        "mirroring": mirroring_table,
        "faults": faults_table,
        "warning": warning_table,
        "alarms": alarms_table,
        "agreement": agreement_table,
        "corrected": partial(corrected_table, n_rows=n_rows),
        "contrasts": contrasts_table,
        "releases": releases_table,
        "variation": variation_table,
        "robust_contrasts": robust_contrasts_table,
        "robust_shares": robust_shares_table,
        "published": partial(published_table, published=published),
    }


if __name__ == "__main__":
    run(main)
