"""What a report on someone's own conversations is made of; nothing in it needs to be hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

TABLES: dict[str, tuple[str, ...]] = {
    "overview": ("quantity",),
    "task_types": ("name",),
    "response_types": ("name",),
    "response_types_by_task_type": ("task_type", "response_type"),
    "values": ("level", "name"),
    "associations": ("context_kind", "level", "context", "value"),
    "top_values": ("level", "context", "rank"),
    "resistance": ("value",),
    "mirroring": ("stance", "quantity"),
    "undesired": ("part", "outcome"),
    "suppression": ("table",),
}
"""Name of each table and the columns that identify its rows."""

CONF_LEVEL, Q_THRESHOLD, HEADING_LEVEL = 0.95, 0.05, 3


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a labeller agrees with readings, as its model card says.

    Attributes
    ----------
    headlines : tuple of (str, str)
        What was measured, and the estimate with its interval.
    values : DataFrame
        ``name``, ``precision``, ``recall`` of the assistants' values.
    """

    headlines: tuple[tuple[str, str], ...]
    values: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn figure: its file as SVG, its heading, caption and text alternative."""

    svg: bytes
    title: str
    caption: str
    alt: str


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that the page is written from.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        By the names of :data:`TABLES`, as written beside the page; empty where there is nothing.
    skipped : DataFrame
        ``step``, ``what``, ``n``, ``why``.
    labeller : str
        Whose labels.
    clusters : str
        What conversations are clustered by, in words.
    floors : tuple of (int, int) or None
        Conversations and users under which a count is hidden; None for public conversations.
    users_known : bool
        Whether every conversation names its user.
    quality : Quality or None
        Of the labeller; None where its card is not known here.
    source : str
        What was read, as the user called it.
    version, citation : str
        Of the package.
    """

    tables: Mapping[str, pd.DataFrame]
    skipped: pd.DataFrame
    labeller: str
    clusters: str
    floors: tuple[int, int] | None
    users_known: bool
    quality: Quality | None
    source: str
    version: str
    citation: str

    @property
    def sizes(self) -> dict[str, int | None]:
        """Numbers of the table ``overview``; None where one may not be shown."""
        table = self.tables["overview"]
        return {
            str(name): None if pd.isna(n) else int(n)
            for name, n in zip(table["quantity"], table["n"], strict=True)
        }

    def of_level(self, level: int) -> pd.DataFrame:
        """Shares of the values (level 0) or headings, the most common first."""
        table = self.tables["values"]
        return table[table["level"] == level].reset_index(drop=True)

    def established(self, kind: str, level: int = 0) -> pd.DataFrame:
        """Cells of a kind of context that the test establishes, over-represented ones."""
        cells = self.tables["associations"]
        if cells.empty:
            return cells
        chosen = cells[(cells["context_kind"] == kind) & (cells["level"] == level)]
        return chosen[(chosen["q_value"] <= Q_THRESHOLD) & (chosen["z"] > 0)]
