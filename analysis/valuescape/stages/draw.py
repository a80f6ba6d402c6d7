"""Stage ``draw``: results to figures, each with the data behind it, and a page of them all."""

from __future__ import annotations

import pandas as pd

from valuescape.paths import paths
from valuescape.report.figures import (
    agreement,
    associations,
    axes,
    calibration,
    comparison,
    early_warning,
    hhh,
    mirroring,
    monitoring,
    prevalences,
    resistance,
    responses,
    robustness,
    taxonomy,
    undesired,
)
from valuescape.report.figures.base import Drawing, write_drawing
from valuescape.report.gallery import gallery
from valuescape.report.results import Results
from valuescape.settings import Settings, load_settings
from valuescape.stages import run
from valuescape.store import replaced_folder, write_text

_CONTEXTS = ("group", "context_kind", "context", "in_family")


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    planned = drawings(Results(home.results), load_settings(home.params))
    with replaced_folder(home.figures) as out:
        for drawing in planned:
            write_drawing(drawing, out)
        write_text(gallery(planned), out / "README.md")


def drawings(results: Results, settings: Settings) -> list[Drawing]:
    """Prepare every figure of the paper from the result tables.

    Raises
    ------
    InputError
        If a result table is missing or lacks a column.
    """
    nodes = results.table("taxonomy", "taxonomy", taxonomy.COLUMNS)
    polarity = nodes[nodes["level"] == 0].set_index("name")["polarity"]
    tree = taxonomy.taxonomy_data(nodes)
    return [
        Drawing("taxonomy", tree, ("column", "row"), taxonomy.draw_taxonomy),
        *_prevalences(results, settings, nodes[nodes["level"] == nodes["level"].max()], polarity),
        *_associations(results, settings, polarity),
        *_responses(results),
        *_stances(results, settings, polarity),
        *_agreement(results, settings, polarity),
        *_comparison(results, settings, polarity),
        _robustness(results),
        _calibration(results, settings),
        *_monitoring(results),
    ]


def _prevalences(
    results: Results, settings: Settings, headings: pd.DataFrame, polarity: pd.Series
) -> list[Drawing]:
    shares = results.table("correct", "corrected", prevalences.COLUMNS)
    values = prevalences.common_values_data(shares, polarity, settings.draw.top_values)
    above = prevalences.headings_data(shares, headings)
    key = ("group", "row")
    return [
        Drawing("common_values", values, key, prevalences.draw_common_values),
        Drawing("headings", above, key, prevalences.draw_headings),
    ]


def _associations(results: Results, settings: Settings, polarity: pd.Series) -> list[Drawing]:
    cells = results.table("associate", "associations", associations.CELL_COLUMNS)
    top = results.table("associate", "top_values", associations.TOP_COLUMNS)
    chosen = settings.draw
    maps = {
        group: associations.heat_map_data(
            cells,
            polarity,
            group,
            chosen.values_in_heat_map,
            chosen.residual_limit,
            settings.associate.q_threshold,
        )
        for group in ("ordinary", "adversarial")
    }
    ranked = associations.top_values_data(top, "ordinary", chosen.values_per_task_type)
    return [
        *(
            Drawing(f"task_values_{group}", data, ("row", "column"), associations.draw_heat_map)
            for group, data in maps.items()
        ),
        Drawing("top_values", ranked, ("row",), associations.draw_top_values),
    ]


def _responses(results: Results) -> list[Drawing]:
    wanted = responses.SHARE_COLUMNS
    overall = responses.overall_data(
        results.table(
            "respond",
            "shares",
            ("group", "subjective", *wanted, *responses.READER_COLUMNS),
        )
    )
    contexts = results.table("count", "contexts", _CONTEXTS)
    tasks = results.table("respond", "shares_by_task_type", ("group", "task_type", *wanted))
    runs = results.table("respond", "shares_by_run", ("group", "run", *wanted))
    behind = {
        "response_types": overall,
        "response_types_by_task_type": responses.by_task_type_data(
            tasks, contexts, overall, "ordinary"
        ),
        "response_types_by_assistant": responses.by_run_data(runs, contexts, "ordinary"),
        "response_types_adversarial": responses.by_run_data(runs, contexts, "adversarial"),
    }
    key = ("row", "response_type")
    return [Drawing(name, data, key, responses.draw_shares) for name, data in behind.items()]


def _stances(results: Results, settings: Settings, polarity: pd.Series) -> list[Drawing]:
    defended = resistance.resistance_data(
        results.table("respond", "resistance", resistance.COLUMNS),
        polarity,
        "adversarial",
        settings.draw.values_under_resistance,
        settings.associate.q_threshold,
    )
    mirrored = mirroring.mirroring_data(
        results.table("respond", "mirroring", mirroring.COLUMNS),
        settings.count.minimum_context_clusters,
    )
    key = ("group", "row", "quantity")
    return [
        Drawing("resistance", defended, ("row",), resistance.draw_resistance),
        Drawing("mirroring", mirrored, key, mirroring.draw_mirroring),
        _components(results),
    ]


def _components(results: Results) -> Drawing:
    data = hhh.hhh_data(results.table("respond", "hhh", hhh.COLUMNS))
    return Drawing("hhh", data, ("column", "row"), hhh.draw_hhh)


def _agreement(results: Results, settings: Settings, polarity: pd.Series) -> list[Drawing]:
    chosen = settings.correct
    agreed = agreement.agreement_data(
        results.table("correct", "agreement", agreement.AGREEMENT_COLUMNS),
        chosen.reading,
        chosen.second_reading,
    )
    found = agreement.precision_data(
        results.table("correct", "precision", agreement.PRECISION_COLUMNS),
        chosen.reading,
        polarity,
        settings.draw.top_values,
    )
    return [
        Drawing("machine_against_reading", agreed, ("row", "against"), agreement.draw_agreement),
        Drawing("machine_by_category", found, ("row",), agreement.draw_precision),
    ]


def _comparison(results: Results, settings: Settings, polarity: pd.Series) -> list[Drawing]:
    chosen = settings.draw
    strongest = comparison.contrasts_data(
        results.table("compare", "contrasts", comparison.CONTRAST_COLUMNS),
        polarity,
        chosen.contrasts_per_source,
    )
    steps = comparison.releases_data(
        results.table("compare", "releases", comparison.RELEASE_COLUMNS)
    )
    found = results.table("compare", "axes", axes.AXES_COLUMNS)
    shown = axes.most_stable(found, "ordinary", chosen.axes_shown)
    loadings = results.table("compare", "loadings", axes.LOADING_COLUMNS)
    ends = axes.loadings_data(loadings, "ordinary", shown, chosen.values_per_axis)
    scores = results.table("compare", "profiles", axes.PROFILE_COLUMNS)
    profiles = axes.profiles_data(scores, "ordinary", shown)
    return [
        Drawing("assistant_contrasts", strongest, ("row",), comparison.draw_contrasts),
        Drawing("releases", steps, ("step", "row"), comparison.draw_releases),
        Drawing("axes_loadings", ends, ("axis", "row"), axes.draw_loadings),
        Drawing("axes_profiles", profiles, ("axis", "row"), axes.draw_profiles),
    ]


def _robustness(results: Results) -> Drawing:
    data = robustness.robustness_data(results.table("robustness", "robustness", robustness.COLUMNS))
    return Drawing("robustness", data, ("panel", "row"), robustness.draw_robustness)


def _calibration(results: Results, settings: Settings) -> Drawing:
    sizes = results.table("calibrate", "sizes", calibration.COLUMNS)
    level = round(1.0 - settings.calibrate.confidence_level, 10)
    families = results.table("calibrate", "families", calibration.FAMILY_COLUMNS)
    data = calibration.calibration_data(sizes, families, level)
    return Drawing("calibration", data, ("row", "side", "band"), calibration.draw_calibration)


def _monitoring(results: Results) -> list[Drawing]:
    shares = results.table("monitor", "prevalence", undesired.COLUMNS)
    divided = {
        "undesired_values": undesired.by_source_data(shares),
        "undesired_by_assistant": undesired.by_assistant_data(shares),
    }
    warned = early_warning.early_warning_data(
        results.table("monitor", "warning", early_warning.AREA_COLUMNS),
        results.table("monitor", "precision", early_warning.BUDGET_COLUMNS),
    )
    tried = monitoring.monitoring_data(
        results.table("monitor", "false_alarms", monitoring.ALARM_COLUMNS),
        results.table("monitor", "detections", monitoring.DELAY_COLUMNS),
    )
    stream = results.table("monitor", "stream", monitoring.STREAM_COLUMNS)
    key = ("population", "score", "one_in")
    return [
        *(
            Drawing(name, data, ("row", "outcome"), undesired.draw_undesired)
            for name, data in divided.items()
        ),
        Drawing("early_warning", warned, key, early_warning.draw_early_warning),
        Drawing("monitoring", tried, ("panel", "place", "monitor"), monitoring.draw_monitoring),
        Drawing("simulated_stream", stream, ("day",), monitoring.draw_stream),
    ]


if __name__ == "__main__":
    run(main)
