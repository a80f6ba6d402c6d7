"""Stage ``explore``: results to one page on which to look values up."""

from valuescape import __version__
from valuescape.paths import paths
from valuescape.report.explorer.data import (
    CELL_COLUMNS,
    CONTEXT_COLUMNS,
    NODE_COLUMNS,
    SHARE_COLUMNS,
    ExplorerTables,
)
from valuescape.report.explorer.page import Wording, explorer_page
from valuescape.report.results import Results
from valuescape.settings import load_settings
from valuescape.stages import run
from valuescape.store import write_text

WORDING = Wording(
    "Values in the open: the explorer",
    "Public conversations, of which a random sample was read by Claude language models under one "
    "written codebook; no human annotated. Shares describe these corpora, not use. Ratios compare "
    "the share in a context with that in the rest of the same prompts, standardised to its strata; "
    "q is controlled within the family of a table.",
    __version__,
)


def main() -> None:
    """Run the stage in the checkout of the working directory."""
    home = paths()
    settings, results = load_settings(home.params), Results(home.results)
    tables = ExplorerTables(
        results.table("taxonomy", "taxonomy", NODE_COLUMNS),
        results.table("associate", "associations", CELL_COLUMNS),
        results.table("count", "contexts", CONTEXT_COLUMNS),
        results.table("correct", "corrected", SHARE_COLUMNS),
        settings.associate.q_threshold,
        settings.explore.digits,
    )
    write_text(explorer_page(tables, WORDING), home.explorer)


if __name__ == "__main__":
    run(main)
