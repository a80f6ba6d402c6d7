"""Names, descriptions and parents of nodes from a Claude model, each answer checked in full."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from valuescape.providers.exchange import Request
from valuescape.taxonomy.asking import Ask
from valuescape.taxonomy.naming import MedoidNamer, NodeName, NodeSketch, ParentChoice

NEIGHBOURHOOD = 40
MAX_TOKENS = 4096
_EXAMPLES = 10
_MOST_WORDS, _LONGEST = 5, 60
_MOST_WORDS_OF_DESCRIPTION, _LONGEST_DESCRIPTION = 40, 300

Checked = TypeVar("Checked", bound=BaseModel)


def _short(name: str) -> str:
    spelt = " ".join(name.split())
    n_words = len(spelt.split())
    if not 0 < n_words <= _MOST_WORDS or len(spelt) > _LONGEST or not spelt.isprintable():
        raise ValueError("a name is one to five words")
    return spelt[:1].upper() + spelt[1:]


def _sentence(text: str) -> str:
    spelt = " ".join(text.split())
    n_words = len(spelt.split())
    if not 0 < n_words <= _MOST_WORDS_OF_DESCRIPTION or len(spelt) > _LONGEST_DESCRIPTION:
        raise ValueError("a description is one sentence")
    return spelt


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Named(_Strict):
    """Answer to a question for a name."""

    name: Annotated[str, AfterValidator(_short)]
    description: Annotated[str, AfterValidator(_sentence)]


class Renamed(_Strict):
    """A group with its distinct name."""

    id: int
    name: Annotated[str, AfterValidator(_short)]


class Distinct(_Strict):
    """Answer to a question for distinct names."""

    groups: Annotated[list[Renamed], Field(min_length=1)]


class Parent(_Strict):
    """Answer to a question for the parent."""

    parent: Annotated[int, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class ModelNamer:
    """Has nodes named by a model; falls back on medoids and computed parents, node by node.

    The steps are those of Clio (Tamkin et al. 2024, arXiv:2412.13678, appendix G.7): a name for
    each node against contrasting examples, names made distinct within neighbourhoods, and one
    parent each out of an offer in shuffled order.

    Attributes
    ----------
    ask : callable
        As :func:`valuescape.taxonomy.asking.ask_through` makes it, or a stand-in.
    model : str
        Name of the model, a part of every question.
    schema_told : bool
        Whether the form of the answer is put in words as well, for models that do not see the
        schema by which their answer is held.
    unusable : set of (str, str)
        Step (``naming``, ``distinct`` or ``parent``) and key of each question without an answer
        that can be used.
    """

    ask: Ask
    model: str
    schema_told: bool = False
    unusable: set[tuple[str, str]] = field(default_factory=set)

    @property
    def fallbacks(self) -> Counter[str]:
        """How many questions of each step have no answer that can be used."""
        return Counter(step for step, _ in self.unusable)

    def probe(self) -> Request:
        """Return a question for a name that holds nothing of the user's."""
        known = NodeSketch(1, "desirable", "", ("kindness", "warmth"), ("accuracy",), 0, ())
        return self._question("naming", _shown(known), Named)

    def name(self, sketches: Sequence[NodeSketch]) -> list[NodeName]:
        """Return a name for each node; all are different, whatever the model says."""
        offline = MedoidNamer().name(sketches)
        questions = [self._question("naming", _shown(sketch), Named) for sketch in sketches]
        answers = self._answers("naming", questions, Named)
        found = [
            NodeName(answer.name, answer.description) if answer else medoid
            for answer, medoid in zip(answers, offline, strict=True)
        ]
        found = self._made_distinct(found, sketches)
        return _numbered_apart(found, [sketch.medoid for sketch in sketches])

    def choose(self, choices: Sequence[ParentChoice]) -> list[int]:
        """Return the parent that the model names; the computed one where it names none of them."""
        asked = [choice for choice in choices if len(choice.parents) > 1]
        questions = [self._question("naming_parent", _offered(choice), Parent) for choice in asked]
        answers = dict(zip(map(id, asked), self._answers("parent", questions, Parent), strict=True))
        keys = dict(zip(map(id, asked), (question.key for question in questions), strict=True))
        found = []
        for choice in choices:
            answer = answers.get(id(choice))
            known = answer is not None and answer.parent < len(choice.parents)
            if answer is not None and not known:
                self.unusable.add(("parent", keys[id(choice)]))
            found.append(answer.parent if answer is not None and known else choice.computed)
        return found

    def _made_distinct(
        self, names: list[NodeName], sketches: Sequence[NodeSketch]
    ) -> list[NodeName]:
        """Ask again for names that occur twice, with the nodes nearest to them."""
        often = Counter(name.name.casefold() for name in names)
        twice = [i for i, name in enumerate(names) if often[name.name.casefold()] > 1]
        if not twice:
            return names
        lists = _neighbourhoods(twice, sketches)
        questions = [
            self._question("naming_distinct", [_known(i, names, sketches) for i in those], Distinct)
            for those in lists
        ]
        found = list(names)
        answers = self._answers("distinct", questions, Distinct)
        for those, question, answer in zip(lists, questions, answers, strict=True):
            new = {group.id: group.name for group in answer.groups} if answer else {}
            apart = len({name.casefold() for name in new.values()}) == len(new)
            if answer and (set(new) != set(those) or len(answer.groups) != len(new) or not apart):
                self.unusable.add(("distinct", question.key))
                continue
            for i, name in new.items():
                found[i] = NodeName(name, names[i].description)
        return found

    def _question(self, prompt: str, content: object, answer: type[BaseModel]) -> Request:
        schema = schema_of(answer)
        system = _prompt(prompt)
        if self.schema_told:
            system += "\n" + _prompt("answer_form").replace("{schema}", json.dumps(schema))
        text = json.dumps(content, ensure_ascii=True).replace("<", "\\u003c")
        asked = json.dumps([self.model, MAX_TOKENS, system, text, schema], sort_keys=True)
        key = hashlib.sha256(asked.encode("ascii")).hexdigest()
        return Request(key, self.model, system, text, schema, MAX_TOKENS)

    def _answers(
        self, step: str, questions: Sequence[Request], kind: type[Checked]
    ) -> list[Checked | None]:
        texts = self.ask(questions) if questions else {}
        found: list[Checked | None] = []
        for question in questions:
            try:
                found.append(kind.model_validate_json(texts.get(question.key, "")))
            except ValidationError:
                self.unusable.add((step, question.key))
                found.append(None)
        return found


def _prompt(name: str) -> str:
    return (resources.files("valuescape.resources") / "prompts" / f"{name}.md").read_text("utf-8")


def schema_of(answer: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of an answer, within what the interface compiles.

    Bounds and titles are left out: they are checked when the answer is read.

    Examples
    --------
    >>> schema_of(Parent)["properties"]
    {'parent': {'type': 'integer'}}
    """
    whole = answer.model_json_schema()
    plain: dict[str, Any] = json.loads(
        json.dumps(whole), object_hook=lambda part: {k: v for k, v in part.items() if _kept(k, v)}
    )
    return plain


def _kept(key: str, value: object) -> bool:
    bounds = {"minItems", "maxItems", "minimum", "maximum"}
    return key not in bounds and not (key in ("title", "description") and isinstance(value, str))


def _shown(sketch: NodeSketch) -> dict[str, object]:
    return {
        "level": sketch.level,
        "polarity": sketch.polarity,
        "inside": sketch.inside,
        "outside": sketch.outside,
    }


def _offered(choice: ParentChoice) -> dict[str, object]:
    return {
        "group": {"name": choice.child.name, "description": choice.child.description,
                  "values": choice.inside},
        "above": [
            {"number": i, "name": parent.name, "description": parent.description}
            for i, parent in enumerate(choice.parents)
        ],
    }  # fmt: skip


def _known(
    place: int, names: Sequence[NodeName], sketches: Sequence[NodeSketch]
) -> dict[str, object]:
    return {
        "id": place,
        "name": names[place].name,
        "description": names[place].description,
        "values": sketches[place].inside[:_EXAMPLES],
    }


def _neighbourhoods(twice: Sequence[int], sketches: Sequence[NodeSketch]) -> list[list[int]]:
    """Put nodes and their nearest neighbours in lists of about forty, each node in one."""
    wanted = dict.fromkeys(i for place in twice for i in (place, sketches[place].neighbour))
    ordered = list(wanted)
    return [ordered[i : i + NEIGHBOURHOOD] for i in range(0, len(ordered), NEIGHBOURHOOD)]


def _numbered_apart(names: Sequence[NodeName], medoids: Sequence[str]) -> list[NodeName]:
    """Add the medoid to names that still occur twice: medoids are all different."""
    often = Counter(name.name.casefold() for name in names)
    return [
        NodeName(f"{name.name} ({medoid})", name.description)
        if often[name.name.casefold()] > 1
        else name
        for name, medoid in zip(names, medoids, strict=True)
    ]
