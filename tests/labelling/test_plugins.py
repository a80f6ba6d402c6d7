"""Labellers of other packages: the example of the docs, and every way in which one may be wrong."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.paths import ROOT
from valuescape.cli import app
from valuescape.corpora.conversation import Conversation, Turn
from valuescape.errors import InputError
from valuescape.labelling.checking import CheckedLabeller, label_problem
from valuescape.labelling.command import find_labeller, label_file
from valuescape.labelling.plugins import load_plugin, plugin_names
from valuescape.labelling.protocol import Expression, Label
from valuescape.stages.label import demo_corpus
from valuescape.store import read_table

EXAMPLE = ROOT / "docs" / "how-to" / "own-labeller"
GOOD = Label("c1", "ok", True, "casual_chat", "", "no_values",
             (Expression("assistant", "care", None, 1),))  # fmt: skip


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the example's wheel offline and unpack it, as an installer does."""
    folder = tmp_path_factory.mktemp("example")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=EXAMPLE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_example_of_the_docs_labels_a_corpus(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(example))
    order = ["label", str(demo_corpus()), "--output", str(tmp_path), "--labeller"]
    done = CliRunner().invoke(app, [*order, "keywords"])
    assert done.exit_code == 0, done.output
    labels = read_table(tmp_path / "labels.parquet", "labels")
    assert labels["labeller"].unique().tolist() == ["keywords-1"]
    assert len(labels) == len(demo_corpus().read_text("utf-8").splitlines())
    values = read_table(tmp_path / "expressions.parquet", "expressions")["value"]
    assert set(values) == {"honesty", "safety", "politeness"}
    done = CliRunner().invoke(app, [*order, "keyword"])
    assert done.exit_code == 2
    assert "allowed: embedded, anthropic, endpoint, keywords" in done.output


def test_the_documents_show_the_example_as_it_is() -> None:
    text = (EXAMPLE.parent / "own-labeller.md").read_text("utf-8")
    for name in ("pyproject.toml", "keyword_labeller.py"):
        assert (EXAMPLE / name).read_text("utf-8").strip() in text, name


def package(folder: Path, name: str, module: str, entry: str, point: str = "odd") -> None:
    info = folder / f"{name}-2.1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.1\n")
    (info / "entry_points.txt").write_text(f"[valuescape.labellers]\n{point} = {entry}\n")
    (folder / f"{name}.py").write_text(module)


LABELLER = """
from valuescape.labelling.protocol import Label
class Odd:
    name, version = {name!r}, {version!r}
    def label(self, conversations):
        return iter(())
"""


@pytest.mark.parametrize(
    ("module", "entry", "message"),
    [
        ("import nothing_of_that_name", "odd_one:Odd", r"package odd_one 2\.1 cannot be imported "
         r"\(ModuleNotFoundError: No module named 'nothing_of_that_name'\)"),
        ("x = (", "odd_one:Odd", r"package odd_one 2\.1 cannot be imported \(SyntaxError"),
        ("Even = 1", "odd_one:Odd", r"cannot be imported \(AttributeError"),
        ("Odd = 'text'", "odd_one:Odd", "cannot be called; needed is a class or function"),
        ("def Odd(path): pass", "odd_one:Odd", r"fails to make its labeller \(TypeError"),
        ("def Odd(): return 3", "odd_one:Odd", "gives a int without a method 'label'; needed are"),
        (LABELLER.format(name="odd", version=1), "odd_one:Odd", "has the version 1; allowed are"),
        (LABELLER.format(name="Odd one", version="1"), "odd_one:Odd", "has the name 'Odd one'"),
        (LABELLER.format(name="embedded", version="1"), "odd_one:Odd", "'embedded'; .* are taken"),
        (LABELLER.format(name="reading-closed", version="1"), "odd_one:Odd", "are taken"),
    ],
)  # fmt: skip
def test_a_package_that_is_no_labeller_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, entry: str, message: str
) -> None:
    package(tmp_path, "odd_one", module, entry)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "odd_one", raising=False)
    with pytest.raises(InputError, match=f"--labeller 'odd': .*{message}"):
        label_file(demo_corpus(), "odd", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    sys.modules.pop("odd_one", None)


def test_nothing_is_imported_unless_asked_for_and_ours_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package(tmp_path, "loud_one", "raise SystemExit('imported')", "loud_one:X", "embedded")
    package(tmp_path, "loud_two", "raise SystemExit('imported')", "loud_two:X", "loud")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert plugin_names() == ("loud",)
    known = "embedded, anthropic, endpoint, loud"
    with pytest.raises(InputError, match=f"'other' is not known; allowed: {known}"):
        label_file(demo_corpus(), "other", tmp_path / "out")
    assert find_labeller("embedded").name == "embedded"
    assert not {"loud_one", "loud_two"} & set(sys.modules)
    package(tmp_path, "loud_three", "", "loud_three:X", "loud")
    with pytest.raises(InputError, match=r"by package loud_three 2\.1 and package loud_two"):
        load_plugin("loud")
    assert load_plugin("nobody") is None


Answer = Callable[[Iterable[Conversation]], Iterator[Any]]
CONVERSATIONS = [
    Conversation(f"c{k}", "m", (Turn("user", "secret words"), Turn("assistant", "b")), "p")
    for k in range(1, 4)
]


class Given:
    """A labeller that answers as a test wants."""

    name, version = "odd", "1"

    def __init__(self, answer: Answer) -> None:
        self.label = answer


def each(conversations: Iterable[Conversation]) -> Iterator[Any]:
    return (replace(GOOD, conversation_id=c.id) for c in conversations)


def run(answer: Answer, conversations: Iterable[Conversation] = CONVERSATIONS) -> list[Label]:
    return list(CheckedLabeller(Given(answer), "package odd 2.1").label(conversations))


def test_labels_in_order_in_batches_and_shuffled_are_taken() -> None:
    assert run(each) == [replace(GOOD, conversation_id=f"c{k}") for k in (1, 2, 3)]
    shuffled = [x.conversation_id for x in run(lambda given: each([*given][::-1]))]
    assert shuffled == ["c3", "c2", "c1"]
    assert run(each, []) == []


def refusing(conversations: Iterable[Conversation]) -> Iterator[Any]:
    raise InputError("ODD_KEY is not set")
    yield


def raising(conversations: Iterable[Conversation]) -> Iterator[Any]:
    for conversation in conversations:
        raise KeyError(conversation.messages[0].content)
    yield


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda given: each([*given][1:]), "gives no label for conversation 'c1'"),
        (lambda given: each([next(iter(given))]), "gives no label for conversation 'c2'"),
        (lambda given: iter(()), "gives no label for conversation 'c1'"),
        (lambda given: each([*given, CONVERSATIONS[0]]), "labels conversation 'c1' a second time"),
        (lambda given: iter([GOOD]), "labels conversation 'c1', which it was not given"),
        (lambda given: iter([{"id": next(iter(given)).id}]), r"gives a dict; needed is .*\.Label"),
        (raising, r"stopped after conversation 'c1' was given \(KeyError in test_plugins.py, line"),
        (refusing, r"its labeller stopped \(ODD_KEY is not set\)"),
        (lambda given: 3, r"its labeller stopped \(TypeError in checking.py"),
    ],
)
def test_a_labeller_that_goes_wrong_is_named(answer: Answer, message: str) -> None:
    with pytest.raises(InputError, match=f"package odd 2.1: .*{message}") as told:
        run(answer)
    assert "secret" not in str(told.value)


def test_what_reading_raises_is_passed_on_as_it_is() -> None:
    def broken() -> Iterator[Conversation]:
        yield CONVERSATIONS[0]
        raise ValueError("of the reader")

    def covering(given: Iterable[Conversation]) -> Iterator[Any]:
        try:
            yield from each(given)
        except ValueError as error:
            raise RuntimeError from error

    for answer in (each, covering):
        with pytest.raises(ValueError, match="of the reader"):
            run(answer, broken())


CARE = GOOD.expressions[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "done"}, "status is 'done'; allowed are ok, invalid"),
        ({"status": "refused"}, "status is 'refused', yet it is labelled"),
        ({"subjective": 1}, "subjective is 1; allowed are True and False"),
        ({"subjective": None}, "subjective is None"),
        ({"task_type": "chat"}, "task_type is 'chat'; allowed are personal_advice"),
        ({"response_type": None}, "response_type is None; allowed are strong_support"),
        ({"task": None}, "task is None; needed is a text"),
        ({"expressions": [CARE]}, "expressions is a list; needed is a tuple"),
        ({"expressions": ("care",)}, r"an expression is a str; needed is .*\.Expression"),
        ({"expressions": (CARE, CARE)}, "value 'care' occurs twice for the assistant"),
        ({"expressions": (replace(CARE, party="bot"),)}, "party is 'bot'; allowed are assistant"),
        ({"expressions": (replace(CARE, value="Care"),)}, "value is 'Care'; needed are words in"),
        ({"expressions": (replace(CARE, value=" "),)}, "value is ' '"),
        ({"expressions": (replace(CARE, value="x" * 101),)}, ".* at most 100 characters"),
        ({"expressions": (replace(CARE, explicit="no"),)}, "explicit is 'no'"),
        ({"expressions": (replace(CARE, rank=0),)}, "rank is 0; needed is a whole number from 1"),
        ({"expressions": (replace(CARE, rank=True),)}, "rank is True"),
        ({"expressions": (replace(CARE, probability=1.5),)}, "probability is 1.5; allowed are 0"),
    ],
)
def test_labels_outside_the_schema_are_refused(change: dict[str, Any], message: str) -> None:
    assert label_problem(GOOD) is None
    with pytest.raises(InputError, match=f"package odd 2.1: conversation 'c1': {message}"):
        run(lambda given: (replace(x, **change) for x in each(given)))


def test_a_conversation_that_could_not_be_labelled_is_taken() -> None:
    empty = Label("c1", "failed", None, None, "", None, ())
    assert label_problem(empty) is None
