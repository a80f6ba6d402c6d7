"""Tables for LaTeX in the style of booktabs, whatever the cells hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from valuescape.tables.table import DisplayTable

LONGEST = 40
"""Rows of a table that floats; a longer one is set with longtable, which breaks across pages."""

_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
_ESCAPES = {
    **{char: f"\\{char}" for char in "&%$#_{}"},
    **{char: f"{{{char}}}" for char in "[]*"},
    **{char: f"\\textsuperscript{{{plain}}}" for char, plain in _SUPERSCRIPTS.items()},
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "<": "\\textless{}",
    ">": "\\textgreater{}",
    "|": "$|$",
    "`": "\\textasciigrave{}",
    "\N{MINUS SIGN}": "$-$",
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "\N{INFINITY}": "$\\infty$",
    "\N{MULTIPLICATION SIGN}": "$\\times$",
    "\N{LESS-THAN OR EQUAL TO}": "$\\leq$",
    "\N{GREATER-THAN OR EQUAL TO}": "$\\geq$",
    "\N{GREEK SMALL LETTER CHI}": "$\\chi$",
    "\N{GREEK SMALL LETTER PHI}": "$\\varphi$",
    "\N{NARROW NO-BREAK SPACE}": "\\,",
    "\N{NO-BREAK SPACE}": "~",
    "\N{REPLACEMENT CHARACTER}": "?",
}
_SPECIAL = re.compile("|".join(map(re.escape, _ESCAPES)) + r"|([-',])(?=\1)")
"""The last: signs that LaTeX draws together when they stand twice."""


def escape_latex(text: str) -> str:
    r"""Return text that LaTeX sets as it is.

    Brackets and stars stand in braces: at the start of a row they would belong to the end of the
    row before. Letters of scripts beyond Latin and Greek need lualatex or xelatex.

    Examples
    --------
    >>> print(escape_latex("50 % & more_under"), escape_latex("[a] −1"))
    50 \% \& more\_under {[}a{]} $-$1
    """
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0], f"{found[0]}{{}}"), text)


def latex_table(table: DisplayTable) -> str:
    r"""Return a table with its caption above and its notes below.

    Examples
    --------
    >>> from valuescape.tables import DisplayTable
    >>> things = DisplayTable(("x", "n"), (("a", "1"),), (False, True),
    ...     "Things.", key="tbl-things")
    >>> print(latex_table(things))
    % needs \usepackage{booktabs}
    \begin{table}
    \centering
    \caption{Things.}\label{tbl-things}
    \begin{tabular}{lr}
    \toprule
    x & n \\
    \midrule
    a & 1 \\
    \bottomrule
    \end{tabular}
    \end{table}
    <BLANKLINE>
    """
    columns = "".join("r" if right else "l" for right in table.numeric)
    title = f"\\caption{{{escape_latex(table.caption)}}}" if table.caption else ""
    title += f"\\label{{{table.key}}}" if table.key and table.caption else ""
    head = _line(table.header)
    body = [_line(row) for row in table.rows]
    below = [escape_latex(note) for note in table.notes]
    lines = (_long if len(table.rows) > LONGEST else _floating)(columns, title, head, body, below)
    return "\n".join(lines) + "\n"


def _floating(columns: str, title: str, head: str, body: list[str], notes: list[str]) -> list[str]:
    lines = ["% needs \\usepackage{booktabs}", "\\begin{table}", "\\centering"]
    lines += [title] if title else []
    lines += [f"\\begin{{tabular}}{{{columns}}}", "\\toprule", head, "\\midrule", *body]
    lines += ["\\bottomrule", "\\end{tabular}"]
    lines += [f"\\par\\smallskip{{\\footnotesize\\raggedright {note}\\par}}" for note in notes]
    return [*lines, "\\end{table}"]


def _long(columns: str, title: str, head: str, body: list[str], notes: list[str]) -> list[str]:
    lines = ["% needs \\usepackage{booktabs,longtable}", f"\\begin{{longtable}}{{{columns}}}"]
    lines += [f"{title}\\\\"] if title else []
    lines += ["\\toprule", head, "\\midrule", "\\endfirsthead"]
    lines += ["\\toprule", head, "\\midrule", "\\endhead"]
    lines += ["\\bottomrule", "\\endfoot", *body, "\\end{longtable}"]
    return [*lines, *(f"{{\\footnotesize {note}\\par}}" for note in notes)]


def _line(row: Sequence[str]) -> str:
    return f"{' & '.join(map(escape_latex, row))} \\\\"
