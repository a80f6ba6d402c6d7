"""Imported once by the server that processes are forked from: all slow imports are done here."""

import contextlib
import tempfile
from pathlib import Path

from tests.labelling import claude
from valuescape.errors import InputError
from valuescape.labelling.command import write_labels
from valuescape.labelling.prompt import make_prompt
from valuescape.labelling.protocol import Expression, Label
from valuescape.providers.anthropic_api import AnthropicApi

_NOBODY = "http://127.0.0.1:9"

with tempfile.TemporaryDirectory() as _folder:
    claude.write_corpus(Path(_folder) / "c.jsonl", ["Hello"])
    _api = AnthropicApi("no key", base_url=_NOBODY, max_retries=0)
    for _call in (
        lambda: _api.count_tokens(make_prompt("m", "closed", 9).warming()),
        lambda: _api.send_message(make_prompt("m", "closed", 9).warming()),
        _api.newest_batch,
        lambda: _api.batch("b"),
    ):
        with contextlib.suppress(InputError):
            _call()
    _shown = (Expression("assistant", "clarity", False, 1),)
    write_labels(
        [Label("c0", "ok", True, "casual_chat", "talk", "no_values", _shown)], "n", Path(_folder)
    )
