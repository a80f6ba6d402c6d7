"""Results as tables for people: numbers printed once, then Markdown, HTML, LaTeX or great_tables.

>>> from valuescape.statistics import wilson
>>> from valuescape.tables import display_table
>>> shown = display_table(wilson([12, 7], 40), {"estimate": "share"}, caption="Two shares")
>>> print(shown.to_markdown())
| Estimate (95 % interval) |
|-------------------------:|
|   30.0 % (18.1 to 45.4 %) |
|    17.5 % (8.7 to 31.9 %) |
<BLANKLINE>
Table: Two shares
<BLANKLINE>
"""

from valuescape.tables.display import display_table
from valuescape.tables.files import write_display
from valuescape.tables.table import DisplayTable

__all__ = ["DisplayTable", "display_table", "write_display"]
