"""Imported once by the server that processes are forked from: all slow imports are done here."""

import contextlib
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.labelling import claude
from tests.labelling import local as local
from valuescape.corpora.reading import read_corpus
from valuescape.errors import InputError
from valuescape.labelling.command import write_labels
from valuescape.labelling.prompt import make_prompt
from valuescape.labelling.protocol import Expression, Label
from valuescape.privacy.redaction import RedactionTally
from valuescape.providers.anthropic_api import AnthropicApi
from valuescape.providers.endpoint_api import EndpointApi
from valuescape.store import write_table

_NOBODY = "http://127.0.0.1:9"

with tempfile.TemporaryDirectory() as _folder:
    list(read_corpus([claude.write_corpus(Path(_folder) / "c.jsonl", ["Hello"])]))
    _question = replace(make_prompt("m", "closed").warming(), max_tokens=9)
    _api = AnthropicApi("no-key", base_url=_NOBODY, max_retries=0)
    _local = EndpointApi(_NOBODY, max_retries=0)
    for _call in (
        lambda: _api.count_tokens(_question),
        lambda: _api.send_message(_question),
        _api.newest_batch,
        lambda: _api.batch("b"),
        lambda: _local.send_message(_question),
    ):
        with contextlib.suppress(InputError):
            _call()
    _shown = (Expression("assistant", "clarity", False, 1),)
    write_labels(
        [Label("c0", "ok", True, "casual_chat", "talk", "no_values", _shown)], "n", Path(_folder)
    )
    write_table(RedactionTally().report().to_frame(), Path(_folder) / "r.csv", key=["kind"])
