"""Imported once by the server that processes are forked from: everything slow is done here once."""

import tempfile
from pathlib import Path

from tests.labelling import claude, local
from tests.providers.endpoint_server import serving
from tests.providers.server import running

with tempfile.TemporaryDirectory() as _folder:
    claude.write_corpus(Path(_folder) / "c.jsonl", claude.texts(2))
    with running() as (_url, _), serving() as (_address, _):
        claude.run(Path(_folder), _url)
        claude.run(Path(_folder), _url, batch=False, vocabulary="open")
        local.run(Path(_folder), _address)
