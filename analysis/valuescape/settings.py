"""``params.yaml`` as frozen dataclasses, and every path of the repository, once."""

from __future__ import annotations

import json
from collections.abc import Hashable
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from valuescape.errors import InputError
from valuescape.parsing import read_yaml

_STRICT = ConfigDict(extra="forbid", strict=True)
Confidence = Annotated[float, Field(gt=0.5, lt=1.0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
AtLeastTwo = Annotated[int, Field(ge=2)]
AtLeastOne = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]
Words = Annotated[str, Field(min_length=20)]
Level = Annotated[int, Field(ge=0, le=3)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]

Group = Literal["ordinary", "adversarial", "over_refusal", "human_reference"]
ContextKind = Literal["task_type", "task_cluster", "run", "user_value", "response_type"]
Reading = Literal["reading-closed-1", "reading-closed-2", "reading-open-1", "reading-unprimed-1"]

SourceName = Annotated[str, Field(pattern=r"^[a-z0-9._-]+$")]

Entry = TypeVar("Entry", bound=Hashable)


def _distinct(entries: list[Entry]) -> list[Entry]:
    if len(set(entries)) < len(entries):
        raise ValueError("each entry is allowed once")
    return entries


Distinct = Annotated[list[Entry], Field(min_length=1), AfterValidator(_distinct)]


@dataclass(frozen=True, config=_STRICT)
class Label:
    """How the demo corpus is labelled."""

    labeller: Literal["embedded"]


@dataclass(frozen=True, config=_STRICT)
class Taxonomy:
    """How values without a judged place are filed, and task phrases clustered.

    ``task_kinds`` are the numbers of fine and of coarse kinds; their stability is measured on
    ``task_resamples`` random parts of the phrases.  Trees over the names alone are built again on
    ``tree_resamples`` samples of conversations.
    """

    minimum_similarity: Share
    task_kinds: tuple[AtLeastTwo, AtLeastTwo]
    task_resamples: AtLeastOne
    task_resample_share: Annotated[float, Field(gt=0.0, lt=1.0)]
    tree_resamples: AtLeastTwo
    seed: Seed


@dataclass(frozen=True, config=_STRICT)
class Count:
    """What is counted: groups, context kinds, taxonomy levels, whose labels, and the family.

    A context is in the family from ``minimum_context_clusters`` prompt groups on, a value from
    ``minimum_value_conversations`` conversations of the group on: both are margins, so the choice
    does not see the associations.
    """

    groups: Distinct[Group]
    context_kinds: Distinct[ContextKind]
    levels: Distinct[Level]
    labeller: Reading
    protocols: Distinct[Reading]
    confidence_level: Confidence
    minimum_context_clusters: AtLeastOne
    minimum_value_conversations: AtLeastOne


@dataclass(frozen=True, config=_STRICT)
class Associate:
    """How cells are tested, ranked and reported.

    Kinds of task are compared by the distribution of values at ``divergence_level`` of the tree.
    """

    minimum_expected_effective: Positive
    minimum_clusters: AtLeastOne
    confidence_level: Confidence
    q_threshold: Annotated[float, Field(gt=0.0, lt=1.0)]
    prior_strength: Positive | Literal["marginal_likelihood"]
    distinctive_risk_ratio: Annotated[float, Field(gt=1, allow_inf_nan=False)]
    minimum_expected_ranked: Positive
    top_k: AtLeastOne
    divergence_level: Level


@dataclass(frozen=True, config=_STRICT)
class Respond:
    """Response types, mirroring and what is defended."""

    labeller: Reading
    confidence_level: Confidence
    minimum_value_conversations: AtLeastOne


@dataclass(frozen=True, config=_STRICT)
class Correct:
    """Agreement between labellers and the correction for label error."""

    reading: Reading
    second_reading: Reading
    other_protocols: Distinct[Reading]
    confidence_level: Confidence
    n_boot: AtLeastOne
    seed: Seed
    minimum_value_conversations: AtLeastOne
    minimum_context_readings: AtLeastOne
    minimum_phi_squared: Share
    proxy_penalty: Positive
    rare_prevalence: Share


@dataclass(frozen=True, config=_STRICT)
class Compare:
    """Assistants on the same prompts, releases of one assistant, axes of variation.

    A quantity's names are tested from ``minimum_value_conversations`` conversations of the
    comparison on.  Axes are of nodes at ``axes_level`` that between ``axes_minimum_share`` and
    ``axes_maximum_share`` of a group's answers express, freed of the user's values at
    ``axes_user_level``; their null has ``n_null`` draws, their stability ``n_splits`` halves.
    """

    labeller: Reading
    second_reading: Reading
    sources: Distinct[SourceName]
    minimum_readings: AtLeastTwo
    levels: Distinct[Level]
    minimum_value_conversations: AtLeastOne
    q_threshold: Annotated[float, Field(gt=0.0, lt=1.0)]
    confidence_level: Confidence
    release_source: SourceName
    releases: Annotated[Distinct[str], Field(min_length=2)]
    power: Confidence
    axes_groups: Distinct[Group]
    axes_level: Level
    axes_user_level: Level
    axes_minimum_share: Share
    axes_maximum_share: Share
    n_boot: Annotated[int, Field(ge=20)]
    n_null: Annotated[int, Field(ge=20)]
    n_splits: AtLeastOne
    seed: Seed


@dataclass(frozen=True, config=_STRICT)
class Headline:
    """A headline result: what is measured, of what, in which group and context."""

    key: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    measure: Literal["task_type", "stance", "user_value", "mirroring", "response_type", "heading"]
    group: Group
    context: str
    name: str


@dataclass(frozen=True, config=_STRICT)
class Robustness:
    """Which headline results are estimated in other ways, and from how many prompt groups on."""

    labeller: Reading
    second_reading: Reading
    other_protocols: Distinct[Reading]
    confidence_level: Confidence
    minimum_clusters: AtLeastTwo
    headlines: Distinct[Headline]


@dataclass(frozen=True, config=_STRICT)
class Calibrate:
    """How much is simulated: by default, and in the full run.

    ``replicates`` are of independent conversations, ``clustered_replicates`` of the study's design,
    of users and of labellers, ``rankings`` of families whose top values are ranked; the full run
    makes ``full_factor`` times as many.  The default run draws ``tables`` sparse tables of
    ``table_scale`` times the published size, the full one ``full_tables`` of that size.  Of each
    group ``contexts`` contexts and ``values`` values are simulated.
    """

    seed: Seed
    confidence_level: Confidence
    groups: Distinct[Group]
    contexts: AtLeastOne
    values: AtLeastOne
    conversations: Annotated[int, Field(ge=50)]
    replicates: Annotated[int, Field(ge=2)]
    clustered_replicates: Annotated[int, Field(ge=2)]
    rankings: Annotated[int, Field(ge=2)]
    tables: AtLeastOne
    table_scale: Annotated[float, Field(gt=0.0, le=1.0)]
    full_factor: AtLeastOne
    full_tables: AtLeastOne


@dataclass(frozen=True, config=_STRICT)
class Monitor:
    """Undesired values, early warning, and how much is simulated to try the monitors.

    One alert in so many conversations are ``budgets``; rarer ones, and one compliant conversation
    in ``simulated_rarities``, are simulated.  Streams have ``daily`` conversations of ``tasks``
    task types and values of ``prevalences``; the detectors' ``run_length`` is in days and their
    ``tolerance`` an odds ratio.  The full run makes ``full_factor`` times as many streams.
    """

    labeller: Reading
    confidence_level: Confidence
    minimum_assistant_conversations: AtLeastOne
    budgets: Distinct[AtLeastTwo]
    simulated_budgets: Distinct[AtLeastTwo]
    simulated_rarities: Distinct[AtLeastTwo]
    seed: Seed
    run_length: Annotated[float, Field(gt=1, allow_inf_nan=False)]
    tolerance: Annotated[float, Field(ge=1, allow_inf_nan=False)]
    tasks: AtLeastOne
    prevalences: Distinct[Annotated[float, Field(gt=0.0, lt=1.0)]]
    daily: AtLeastOne
    baseline_days: AtLeastOne
    quiet_days: AtLeastTwo
    change_day: AtLeastOne
    horizon: AtLeastOne
    window: AtLeastOne
    odds_ratios: Distinct[Annotated[float, Field(gt=1, allow_inf_nan=False)]]
    replicates: AtLeastTwo
    full_factor: AtLeastOne


@dataclass(frozen=True, config=_STRICT)
class Draw:
    """How much each figure shows; ``residual_limit`` is where the heat map's colours end."""

    top_values: AtLeastOne
    values_in_heat_map: AtLeastOne
    values_per_task_type: AtLeastOne
    values_under_resistance: AtLeastOne
    residual_limit: Positive
    contrasts_per_source: AtLeastOne
    values_per_axis: AtLeastOne
    axes_shown: AtLeastOne


@dataclass(frozen=True, config=_STRICT)
class Explore:
    """How exact the explorer's numbers are."""

    digits: AtLeastOne


@dataclass(frozen=True, config=_STRICT)
class Write:
    """Bounds of the frame, as drawn, and how much the paper's tables show."""

    frame_characters: tuple[AtLeastOne, AtLeastOne]
    rows_in_tables: AtLeastOne


@dataclass(frozen=True, config=_STRICT)
class Release:
    """What the released data set holds and says of itself; paths are below ``data``."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]+$")]
    title: Words
    tables: Distinct[str]
    machine: Distinct[str]
    about: Words
    collection: Words
    biases: Words
    limits: Words
    uses: Words
    suppression: Words


@dataclass(frozen=True, config=_STRICT)
class Settings:
    """All of ``params.yaml``, one attribute a stage."""

    label: Label
    taxonomy: Taxonomy
    count: Count
    associate: Associate
    respond: Respond
    correct: Correct
    compare: Compare
    robustness: Robustness
    calibrate: Calibrate
    monitor: Monitor
    draw: Draw
    explore: Explore
    write: Write
    release: Release


@dataclass(frozen=True)
class Paths:
    """Every path of a checkout, from its root."""

    root: Path

    @property
    def params(self) -> Path:
        """The study's choices."""
        return self.root / "params.yaml"

    @property
    def data(self) -> Path:
        """Labels, references and results, with their card and codebook."""
        return self.root / "data"

    @property
    def release(self) -> Path:
        """The data set as it is published; not in Git."""
        return self.data / "release"

    @property
    def release_checksums(self) -> Path:
        """SHA-256 of every file of the published data set."""
        return self.data / "release.sha256"

    @property
    def labels(self) -> Path:
        """Released readings."""
        return self.root / "data" / "labels"

    @property
    def machine(self) -> Path:
        """Cross-fitted labels of the embedded labeller."""
        return self.labels / "machine"

    @property
    def task_embeddings(self) -> Path:
        """Sentence embeddings of the task phrases."""
        return self.labels / "embeddings" / "tasks.parquet"

    @property
    def value_embeddings(self) -> Path:
        """Sentence embeddings of the value names."""
        return self.labels / "embeddings" / "values.parquet"

    @property
    def tree_agreement(self) -> Path:
        """Agreement of trees with the released one."""
        return self.root / "data" / "reference" / "released_tree_agreement.csv"

    @property
    def published(self) -> Path:
        """Figures of the 2025 study and its follow-ups."""
        return self.root / "data" / "reference" / "published.csv"

    @property
    def claims(self) -> Path:
        """Published claims and the cells that test them."""
        return self.root / "data" / "reference" / "claims.csv"

    @property
    def calibration(self) -> Path:
        """Tables of the full calibration run."""
        return self.root / "data" / "reference" / "calibration"

    @property
    def monitoring(self) -> Path:
        """Tables of the full run of monitors on simulated streams."""
        return self.root / "data" / "reference" / "monitoring"

    @property
    def results(self) -> Path:
        """Results, one folder a stage."""
        return self.root / "data" / "results"

    @property
    def figures(self) -> Path:
        """Drawn figures and the data behind them."""
        return self.root / "figures"

    @property
    def paper(self) -> Path:
        """The manuscript and what it includes."""
        return self.root / "paper"

    @property
    def explorer(self) -> Path:
        """The page on which to look values up."""
        return self.paper / "explorer.html"


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above ``start`` that holds ``params.yaml`` and ``dvc.yaml``.

    Raises
    ------
    InputError
        If there is none.
    """
    for folder in (start, *start.parents):
        if (folder / "params.yaml").is_file() and (folder / "dvc.yaml").is_file():
            return folder
    raise InputError(
        f"{start}: not inside a valuescape checkout (no params.yaml and dvc.yaml); "
        "go to a clone of the repository"
    )


def paths() -> Paths:
    """Return the paths of the checkout that the working directory is in."""
    return Paths(find_root(Path.cwd()))


def load_settings(path: Path) -> Settings:
    """Read and check ``params.yaml``.

    Raises
    ------
    InputError
        If the file is no YAML mapping, an option is unknown or missing, or a value is not
        allowed; the message names the option.
    """
    content = read_yaml(path)
    try:
        return TypeAdapter(Settings).validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        raise InputError(f"{path}: {_explained(error)}") from None


_LONGEST_SHOWN = 100
_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")


def _explained(error: ValidationError) -> str:
    found = error.errors(include_url=False)
    first = next((e for e in found if e["type"] in _UNKNOWN), found[0])
    option = _option(first["loc"])
    if first["type"] in _UNKNOWN:
        return f"option {option!r} is not known; allowed are {_siblings(first['loc'])}"
    if first["type"] in ("missing", "missing_argument"):
        return f"option {option!r} is missing; needed are {_siblings(first['loc'])}"
    said = " or ".join(e["msg"] for e in found if _option(e["loc"]) == option)
    return f"option {option!r} is {_shown(first['input'])}: {said}"


def _shown(found: object) -> str:
    told = repr(found)
    return told if len(told) <= _LONGEST_SHOWN else f"{told[:_LONGEST_SHOWN]}..."


def _option(loc: tuple[int | str, ...]) -> str:
    """Name an option; of what lies below it only places in a list are named."""
    parts = [str(part) for i, part in enumerate(loc) if i < 2 or isinstance(part, int)]
    return ".".join(parts) or "the file"


def _siblings(loc: tuple[int | str, ...]) -> str:
    fields = Settings.__dataclass_fields__
    if len(loc) < 2:
        return ", ".join(fields)
    block = Settings.__annotations__[str(loc[0])]
    return ", ".join(globals()[block].__dataclass_fields__)
