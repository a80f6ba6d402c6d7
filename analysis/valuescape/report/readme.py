"""The findings that the README tells, from the paper's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

_LINES = (
    "Values follow the task: historical accuracy is ${q2.historical_accuracy.rr} times as frequent"
    " in contested history as elsewhere (${params.associate.confidence_level} interval"
    " ${q2.historical_accuracy.ci}), healthy"
    " boundaries ${q2.healthy_boundaries.rr} times as frequent in personal advice"
    " (${q2.healthy_boundaries.ci}).",
    "Of ${q2.claims.n} published claims ${q2.claims.holds} hold, ${q2.claims.not_shown} are not"
    " shown and ${q2.claims.untestable} cannot be tested on public conversations.",
    "Under resistance to adversarial users harm prevention is ${q4.harm_prevention.rr} times as"
    " frequent as under support (${q4.harm_prevention.ci}).",
    "Assistants that support an ordinary user who states a value show one of the user's values in"
    " ${q5.ordinary.support.observed} of cases, against ${q5.ordinary.support.expected} expected"
    " from the task alone.",
    "Testing conversations as if they were independent would declare ${q2.ordinary.n_residual}"
    " ordinary associations where the design supports ${q2.ordinary.n_bonferroni}; and readers"
    " differ: ${q3.ordinary.no_values.readers} of ordinary conversations carry no value of the"
    " user, depending on who reads.",
)


class _Dotted(Template):
    braceidpattern = r"[a-z0-9_.]+"


def findings(variables: Mapping[str, str]) -> str:
    """Tell what was found in five lines of Markdown.

    Parameters
    ----------
    variables : mapping of str to str
        The paper's variables by dotted name.

    Raises
    ------
    KeyError
        If a number is not among them.
    """
    return "\n".join(f"- {_Dotted(line).substitute(variables)}" for line in _LINES)
