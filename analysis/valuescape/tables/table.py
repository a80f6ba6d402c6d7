"""A table as it is printed, from which every format is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from valuescape.tables.html import html_page, html_table
from valuescape.tables.latex import latex_table
from valuescape.tables.markdown import markdown_table

if TYPE_CHECKING:
    from great_tables import GT


@dataclass(frozen=True, slots=True)
class DisplayTable:
    """A table as it is printed, from which every format is written.

    Attributes
    ----------
    header : tuple of str
        Printed names of the columns.
    rows : tuple of tuple of str
        Printed cells, one tuple a row, as long as the header.
    numeric : tuple of bool
        Columns that hold numbers, which are aligned to the right.
    caption : str
        What the table shows; may be empty.
    notes : tuple of str
        Lines under the table, such as where the data come from.
    key : str
        Name that cross-references use: letters, digits and hyphens; may be empty.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    caption: str = ""
    notes: tuple[str, ...] = ()
    key: str = ""

    def to_markdown(self) -> str:
        """Return a pipe table, as pandoc, Quarto and GitHub read it."""
        return markdown_table(self)

    def to_html(self) -> str:
        """Return a ``table`` element for any page: caption, scoped headers, notes in its foot."""
        return html_table(self)

    def to_page(self) -> str:
        """Return a whole page of HTML that holds the table and needs nothing else."""
        return html_page(self.caption, self.to_html())

    def to_latex(self) -> str:
        """Return a table for the package booktabs; above 40 rows for longtable, across pages."""
        return latex_table(self)

    def to_great_tables(self) -> GT:
        """Return the table as a ``great_tables.GT``, to be styled further.

        Raises
        ------
        InputError
            If great_tables, the extra ``tables``, is not installed.
        """
        from valuescape.tables.great import great_table

        return great_table(self)

    def __str__(self) -> str:
        return self.to_markdown()

    def _repr_html_(self) -> str:
        return self.to_html()
