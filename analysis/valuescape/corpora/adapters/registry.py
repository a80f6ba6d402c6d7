"""Which formats there are, and which public corpus is in which."""

from __future__ import annotations

from valuescape.corpora.adapters.adapter import Adapter
from valuescape.corpora.adapters.alpaca_eval import ALPACA_EVAL
from valuescape.corpora.adapters.arena_hard import ARENA_HARD_FIRST, ARENA_HARD_SECOND
from valuescape.corpora.adapters.chatgpt import CHATGPT
from valuescape.corpora.adapters.claude import CLAUDE
from valuescape.corpora.adapters.hh_rlhf import HH_RLHF
from valuescape.corpora.adapters.hugging_face import LMSYS, WILDCHAT
from valuescape.corpora.adapters.inspect_logs import INSPECT
from valuescape.corpora.adapters.just_eval import JUST_EVAL
from valuescape.corpora.adapters.messages_api import ANTHROPIC, OPENAI
from valuescape.corpora.adapters.oasst_reports import OASST_REPORTS
from valuescape.corpora.adapters.oasst_trees import OASST_TREES
from valuescape.corpora.adapters.own import OWN
from valuescape.corpora.adapters.sharegpt import SHAREGPT
from valuescape.corpora.adapters.vicuna_blog import VICUNA_BLOG
from valuescape.corpora.adapters.xstest import XSTEST
from valuescape.errors import InputError

#: In the order in which a record is shown to them: the more particular first.
FORMATS: dict[str, Adapter] = {
    adapter.name: adapter
    for adapter in (
        CHATGPT,
        CLAUDE,
        WILDCHAT,
        LMSYS,
        INSPECT,
        ARENA_HARD_FIRST,
        ARENA_HARD_SECOND,
        OASST_TREES,
        OASST_REPORTS,
        VICUNA_BLOG,
        XSTEST,
        JUST_EVAL,
        HH_RLHF,
        SHAREGPT,
        ALPACA_EVAL,
        OWN,
        ANTHROPIC,
        OPENAI,
    )
}
#: The public corpora of the study, each with the adapter of its files.
SOURCES: dict[str, Adapter] = {
    "alpaca_eval": ALPACA_EVAL,
    "arena-hard-v0.1": ARENA_HARD_FIRST,
    "arena-hard-v2.0": ARENA_HARD_SECOND,
    "hh-rlhf-harmless-test": HH_RLHF,
    "just-eval-instruct": JUST_EVAL,
    "oasst-en-100-tree": OASST_TREES,
    "oasst-model-eval": OASST_REPORTS,
    "vicuna-blog-eval": VICUNA_BLOG,
    "xstest-v2": XSTEST,
}


def find_format(name: str) -> Adapter:
    """Return the adapter of a name.

    Raises
    ------
    InputError
        If there is none; the message lists those there are.
    """
    if name not in FORMATS:
        raise InputError(f"--format {name!r} is not known; allowed: {', '.join(FORMATS)}")
    return FORMATS[name]
