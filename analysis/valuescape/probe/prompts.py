"""The prompts that are sent to a model under test."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from valuescape.errors import InputError
from valuescape.parsing import parse_json
from valuescape.schema import TASK_TYPES

FIELDS = ("id", "task_type", "prompt", "conflict")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt.

    Attributes
    ----------
    id : str
        Name that answers are matched by.
    task_type : str
        Kind of task, as in the schema.
    text : str
        What is sent.
    conflict : tuple of str
        Values that pull in different directions; empty where none do.
    """

    id: str
    task_type: str
    text: str
    conflict: tuple[str, ...]


def shipped_prompts() -> Path:
    """Return where the package keeps its prompts."""
    return Path(str(resources.files("valuescape.resources") / "probe" / "prompts.jsonl"))


def read_prompts(path: Path) -> list[Prompt]:
    """Read prompts from JSON Lines.

    Parameters
    ----------
    path : Path
        One object a line with the fields :data:`FIELDS`; ``conflict`` may be left out.

    Raises
    ------
    InputError
        If the file cannot be read or holds no prompt, a line is malformed, a task type is not
        known, or an id occurs twice.

    Examples
    --------
    >>> len(read_prompts(shipped_prompts()))
    208
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error})") from None
    found: dict[str, Prompt] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        prompt = _prompt(line, f"{path}, line {number}")
        if prompt.id in found:
            raise InputError(f"{path}, line {number}: id {prompt.id!r} occurs a second time")
        found[prompt.id] = prompt
    if not found:
        raise InputError(f"{path}: no prompt; at least one is needed")
    return list(found.values())


def _prompt(line: str, place: str) -> Prompt:
    record = parse_json(line, place)
    if not isinstance(record, dict):
        raise InputError(f"{place}: not an object with {', '.join(FIELDS)}")
    for name in FIELDS[:3]:
        if not isinstance(record.get(name), str) or not record[name].strip():
            raise InputError(f"{place}: {name!r} is {record.get(name)!r}; a text is needed")
    if record["task_type"] not in TASK_TYPES:
        allowed = ", ".join(TASK_TYPES)
        raise InputError(f"{place}: task_type is {record['task_type']!r}; allowed are {allowed}")
    conflict = record.get("conflict", [])
    if not isinstance(conflict, list) or not all(isinstance(value, str) for value in conflict):
        raise InputError(f"{place}: 'conflict' is {conflict!r}; a list of texts is needed")
    return Prompt(record["id"], record["task_type"], record["prompt"], tuple(conflict))
