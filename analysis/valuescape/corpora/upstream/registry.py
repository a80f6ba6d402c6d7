"""Which adapter reads which source."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from valuescape.corpora.conversation import Conversation
from valuescape.corpora.upstream import (
    alpaca_eval,
    arena_hard,
    hh_rlhf,
    just_eval,
    oasst_reports,
    oasst_trees,
    vicuna_blog,
    xstest,
)
from valuescape.corpora.upstream.records import Files

Adapter = Callable[[Files], Iterator[Conversation]]
ADAPTERS: dict[str, Adapter] = {
    alpaca_eval.SOURCE: alpaca_eval.conversations,
    arena_hard.FIRST: arena_hard.first_release,
    arena_hard.SECOND: arena_hard.second_release,
    hh_rlhf.SOURCE: hh_rlhf.conversations,
    just_eval.SOURCE: just_eval.conversations,
    oasst_reports.SOURCE: oasst_reports.conversations,
    oasst_trees.SOURCE: oasst_trees.conversations,
    vicuna_blog.SOURCE: vicuna_blog.conversations,
    xstest.SOURCE: xstest.conversations,
}
