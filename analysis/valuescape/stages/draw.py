"""Stage ``draw``: results to figures, each with the data behind it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from valuescape.report.figures import associations, taxonomy
from valuescape.report.figures.base import Drawing, read_result, write_drawing
from valuescape.settings import Draw, load_settings, paths
from valuescape.store import replaced_folder


def drawings(results: Path, settings: Draw) -> list[Drawing]:
    nodes = read_result(results, "taxonomy/taxonomy.csv", taxonomy.COLUMNS)
    polarity = nodes[nodes["level"] == 0].set_index("name")["polarity"]
    cells = read_result(results, "associate/associations.csv", associations.ASSOCIATION_COLUMNS)
    top = read_result(results, "associate/top_values.csv", associations.TOP_COLUMNS)
    out = [Drawing("taxonomy", taxonomy.taxonomy_data(nodes), ("column", "row"), taxonomy.draw_taxonomy)]
    for g in ("ordinary", "adversarial"):
        out.append(Drawing(f"task_values_{g}", associations.heat_map_data(cells, polarity, g, settings.values_in_heat_map, 10, 0.05), ("row", "column"), associations.draw_heat_map))
    out.append(Drawing("top_values", associations.top_values_data(top, "ordinary", settings.values_per_task_type), ("row",), associations.draw_top_values))
    return out
