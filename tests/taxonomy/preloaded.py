"""Imported once by the server that processes are forked from: everything slow is done here once."""

import os
import tempfile
from pathlib import Path

from tests.providers.server import KEY, running
from tests.taxonomy.naming_answers import good_names, run, write_names

with tempfile.TemporaryDirectory() as _folder, running(behave=good_names) as (_url, _):
    os.environ["ANTHROPIC_API_KEY"] = KEY
    write_names(Path(_folder))
    run(Path(_folder), _url)
