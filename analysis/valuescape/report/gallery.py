"""Every figure: the question it answers, what to see in it, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from valuescape.errors import InputError
from valuescape.report.figures.base import Drawing


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What is told of a figure beside it.

    Attributes
    ----------
    question : str
        The question it answers.
    see : str
        What to look at; no number, so that it holds when results move a little.
    results : tuple of str
        The result tables it is drawn from, as ``stage/table``.
    module : str
        The module of :mod:`valuescape.report.figures` that draws it.
    """

    question: str
    see: str
    results: tuple[str, ...]
    module: str

    @property
    def script(self) -> str:
        """The file that draws it, from the folder ``analysis``."""
        return f"valuescape/report/figures/{self.module}.py"

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages that wrote these tables, in the order they are named."""
        return tuple(dict.fromkeys(name.partition("/")[0] for name in self.results))


EXHIBITS: dict[str, Exhibit] = {
    "common_values": Exhibit(
        "Which values are common?",
        "Few values are in many conversations; what leads differs between the groups.",
        ("correct/corrected", "taxonomy/taxonomy"),
        "prevalences",
    ),
    "taxonomy": Exhibit(
        "How are the values arranged?",
        "Five headings of desirable values; undesirable ones, contested ones and faults are apart.",
        ("taxonomy/taxonomy",),
        "taxonomy",
    ),
    "headings": Exhibit(
        "How often is each heading shown?",
        "Ordinary conversations show all five headings of desirable values; adversarial ones "
        "protective and social values first, with undesirable values and faults behind.",
        ("correct/corrected", "taxonomy/taxonomy"),
        "prevalences",
    ),
    "hhh": Exhibit(
        "How often are replies helpful, honest, harmless in the values they show?",
        "Helpful leads among ordinary conversations, harmless among adversarial ones; all three "
        "together are rare.",
        ("respond/hhh",),
        "hhh",
    ),
    "task_values_ordinary": Exhibit(
        "Do values follow the task, among ordinary conversations?",
        "Dark cells run along the diagonal; only cells with a mark are established under the "
        "design.",
        ("associate/associations", "taxonomy/taxonomy"),
        "associations",
    ),
    "task_values_adversarial": Exhibit(
        "Do values follow the task, among adversarial conversations?",
        "Harm prevention, legal compliance and their opposites gather in requests for harm, "
        "neutrality, fairness and prejudice in history and politics.",
        ("associate/associations", "taxonomy/taxonomy"),
        "associations",
    ),
    "top_values": Exhibit(
        "Which values mark a kind of task?",
        "Shrunken ratios with their intervals; some tasks have no value that is established.",
        ("associate/top_values",),
        "associations",
    ),
    "response_types": Exhibit(
        "How are the users' values answered?",
        "The grey bands of readers are wider than the intervals: levels of support depend on who "
        "reads, resistance does not.",
        ("respond/shares",),
        "responses",
    ),
    "response_types_by_task_type": Exhibit(
        "Does the answer depend on the task?",
        "Support varies between tasks; reframing is rare in all of them.",
        ("respond/shares_by_task_type", "count/contexts"),
        "responses",
    ),
    "response_types_by_assistant": Exhibit(
        "Do assistants answer ordinary users' values differently?",
        "Intervals overlap within each source; sources have different prompts and are not to be "
        "compared.",
        ("respond/shares_by_run", "count/contexts"),
        "responses",
    ),
    "response_types_adversarial": Exhibit(
        "Do assistants answer adversarial users' values differently?",
        "Strong resistance ranges from rare to nearly always, with the prompts as much as with the "
        "assistant.",
        ("respond/shares_by_run", "count/contexts"),
        "responses",
    ),
    "resistance": Exhibit(
        "Which values are defended under resistance?",
        "Values on the side of resistance are protective and ethical, those of support are "
        "compliance and harm.",
        ("respond/resistance", "taxonomy/taxonomy"),
        "resistance",
    ),
    "mirroring": Exhibit(
        "Do assistants show the values of their users?",
        "Under support the observed share lies far above what the task would bring about; under "
        "strong resistance it does not.",
        ("respond/mirroring",),
        "mirroring",
    ),
    "undesired_values": Exhibit(
        "Where are undesired values expressed?",
        "Next to nowhere among ordinary prompts; one early model under attack stands far out.",
        ("monitor/prevalence",),
        "undesired",
    ),
    "undesired_by_assistant": Exhibit(
        "Which assistants express undesired values on adversarial prompts?",
        "One early model far more than any other, several next to none; prompts differ.",
        ("monitor/prevalence",),
        "undesired",
    ),
    "early_warning": Exhibit(
        "Would machine labels have warned?",
        "Precision is high where there is something to find and near zero among ordinary "
        "conversations.",
        ("monitor/warning", "monitor/precision"),
        "early_warning",
    ),
    "monitoring": Exhibit(
        "Would drift be found, and how often falsely? (simulated)",
        "Detectors by task type keep their promise when only the mix of tasks changes; the price "
        "is delay.",
        ("monitor/false_alarms", "monitor/detections"),
        "monitoring",
    ),
    "simulated_stream": Exhibit(
        "What does one stream look like? (simulated)",
        "The crude share reacts to a new mix of tasks, the evidence by task type only to the "
        "change of a value.",
        ("monitor/stream",),
        "monitoring",
    ),
    "assistant_contrasts": Exhibit(
        "Which differences between assistants are surest?",
        "They concern how much an answer does, and caution, more than what it stands for.",
        ("compare/contrasts", "taxonomy/taxonomy"),
        "comparison",
    ),
    "releases": Exhibit(
        "Do successive releases of one assistant differ?",
        "All differences lie inside the bands of what could not have been detected.",
        ("compare/releases",),
        "comparison",
    ),
    "axes_loadings": Exhibit(
        "Along which axes do values vary together?",
        "Several small clusters of values, none of them a broad axis.",
        ("compare/axes", "compare/loadings"),
        "axes",
    ),
    "axes_profiles": Exhibit(
        "Where do assistants lie on these axes?",
        "Close together; few intervals leave out zero.",
        ("compare/axes", "compare/profiles"),
        "axes",
    ),
    "machine_against_reading": Exhibit(
        "How far do machine and readings agree?",
        "The machine agrees less than a second reading does, least on the values named.",
        ("correct/agreement",),
        "agreement",
    ),
    "machine_by_category": Exhibit(
        "What does the machine find, what does it miss?",
        "Strong resistance and harm prevention are found; reframing and rare values are missed.",
        ("correct/precision", "taxonomy/taxonomy"),
        "agreement",
    ),
    "robustness": Exhibit(
        "Which headline results move when the readings, the material or the readers are others?",
        "Contrasts keep their direction, with wide intervals; levels in the adversarial group move "
        "with the corpora it is made of.",
        ("robustness/robustness",),
        "robustness",
    ),
    "calibration": Exhibit(
        "Do the tests reject true nulls as often as they promise? (simulated)",
        "Squares of the usual way lie far right of the line where data are clustered; discs of "
        "this study lie at it or left of it.",
        ("calibrate/sizes", "calibrate/families"),
        "calibration",
    ),
}


def gallery(drawings: Iterable[Drawing]) -> str:
    """Write the page that shows every figure with its question and its origin.

    Parameters
    ----------
    drawings : iterable of Drawing
        All figures; the page has the order of :data:`EXHIBITS`.

    Returns
    -------
    str
        Markdown, for the folder of the figures.

    Raises
    ------
    InputError
        If a figure is not in :data:`EXHIBITS`, or one of these was not drawn.
    """
    if strange := sorted({drawing.name for drawing in drawings} ^ set(EXHIBITS)):
        raise InputError(f"gallery: {strange[0]!r} is either not drawn or told of nowhere")
    lines = [
        "# Figures",
        "",
        "Written by the stage `draw`; edits are lost. Each figure is there as SVG and PNG, with",
        "the data behind it as CSV, and is the same to the byte on every run. "
        f"There are {len(EXHIBITS)}.",
    ]
    for name, exhibit in EXHIBITS.items():
        stages = ", ".join(_stage(stage) for stage in (*exhibit.stages, "draw"))
        sources = ", ".join(
            f"[{table}.csv](../data/results/{table}.csv)" for table in exhibit.results
        )
        lines += [
            "",
            f"## {exhibit.question}",
            "",
            f"[![{name}]({name}.png)]({name}.svg)",
            "",
            exhibit.see,
            "",
            f"Data: [{name}.csv]({name}.csv), from {sources} · script: "
            f"[{exhibit.module}.py](../analysis/{exhibit.script}) · stages: {stages}",
        ]
    return "\n".join(lines) + "\n"


def _stage(stage: str) -> str:
    return f"[{stage}](../analysis/valuescape/stages/{stage}.py)"
