"""Where the tests find the checkout and, if present, the conversations it was made from."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("VALUESCAPE_SHARED", ROOT.parent / "shared")) / "data"

needs_shared = pytest.mark.skipif(
    not (SHARED / "conversations").is_dir(),
    reason="needs the conversation texts, which are not part of the repository",
)
