"""The explorer of someone's own conversations, from the tables of the report."""

from __future__ import annotations

import pandas as pd

from valuescape.own.frame import GROUP
from valuescape.report.explorer.data import CELL_COLUMNS, CONTEXT_COLUMNS, ExplorerTables
from valuescape.report.explorer.page import Wording, explorer_page
from valuescape.report.own.contents import HEADING_LEVEL, Contents
from valuescape.report.own.page import title_of

_HIDDEN = "Its number is hidden; that of its largest value stands here. "
_QUANTITY = {0: "value", HEADING_LEVEL: "heading"}


def own_explorer(contents: Contents, nodes: pd.DataFrame) -> str | None:
    """Write the explorer from what the report shows.

    Parameters
    ----------
    contents : Contents
        The report: its tables hold nothing that must be hidden.
    nodes : DataFrame
        Descriptions of values and headings, and how they hang together.

    Returns
    -------
    str or None
        The page; None where no value, or no context, is shown.
    """
    shares, cells = contents.tables["values"], contents.tables["associations"]
    tree = _tree(shares, nodes)
    if cells.empty or tree.empty:
        return None
    contexts = cells.drop_duplicates(["context_kind", "context"]).rename(
        columns={"n_context": "n", "n_clusters_context": "n_clusters"}
    )
    shown = shares.assign(group=GROUP, method="labels", quantity=shares["level"].map(_QUANTITY))
    by = f"Labels by {contents.labeller}; machine labels err, see the report beside this page. "
    hidden = ""
    if contents.floors:
        least, users = contents.floors
        hidden = f"Numbers under {least} conversations or {users} {contents.clusters} are hidden. "
    tables = ExplorerTables(
        tree,
        cells[list(CELL_COLUMNS)],
        contexts[list(CONTEXT_COLUMNS)],
        shown,
    )
    source = f"{by}{hidden}Ratios compare the share in a context with that in all others."
    return explorer_page(
        tables, Wording(title_of(contents), source, contents.version, "conversations")
    )


def _tree(shares: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """Keep the nodes whose number is shown; a heading above one of them stays, as large as it."""
    sizes = shares.set_index("node_id")["n"]
    listed = nodes.assign(n=nodes["node_id"].map(sizes))
    largest = listed[listed["level"] == 0].groupby("parent_id")["n"].max()
    n = listed["n"].fillna(listed["node_id"].map(largest))
    told = listed["description"].where(listed["n"].notna(), _HIDDEN + listed["description"])
    return listed.assign(n=n, description=told)[n.notna()].reset_index(drop=True)
