"""The reference is what the docstrings say."""

import inspect
import re

from tests.docs.reference import PAGE, page
from valuescape import statistics


def test_the_page_is_written_from_the_docstrings() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_public_function_has_parameters_a_result_and_an_example() -> None:
    entries = re.split(r"^## `", page(), flags=re.MULTILINE)[1:]
    names = [n for n in statistics.__all__ if inspect.isfunction(getattr(statistics, n))]
    assert len(entries) == len(names)
    for entry in entries:
        assert "**Parameters**" in entry, entry[:40]
        assert "**Returns" in entry, entry[:40]
        assert "\n>>> " in entry, entry[:40]
        assert not re.search(r":\w+:`|\.\. math", entry), entry[:40]
