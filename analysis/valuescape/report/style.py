"""How everything is printed and drawn: names, orders, colours and sizes, once.

Colours are colour-blind safe (the groups from Okabe and Ito, https://jfly.uni-koeln.de/color/; the
headings from Tol's muted scheme, https://sronpersonalpages.nl/~pault/) and no figure tells two
things apart by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

OWN_GROUP = "all"
"""The one group of someone's own conversations."""

PAPER_WIDTH = 6.5
SMALL, NORMAL = 6.8, 8.0
PNG_DPI = 200
INK, FAINT, GRID = "#1A1A1A", "#6E6E6E", "#DCDCDC"

GROUP_NAMES: dict[str, str] = {
    "ordinary": "Ordinary",
    "adversarial": "Adversarial",
    "over_refusal": "Over-refusal probe",
    "human_reference": "Human volunteers",
}
GROUP_COLOURS: dict[str, str] = {
    "ordinary": "#0072B2",
    "adversarial": "#D55E00",
    "over_refusal": "#009E73",
    "human_reference": "#555555",
}
TASK_TYPE_NAMES: dict[str, str] = {
    "personal_advice": "Personal advice",
    "health_advice": "Health advice",
    "everyday_howto": "Everyday how-to",
    "career_business": "Career, business",
    "money_law": "Money, law",
    "coding_technical": "Coding, technical",
    "maths_science_problem": "Maths, science problem",
    "factual_explanation": "Factual explanation",
    "history_politics_society": "History, politics, society",
    "ethics_philosophy": "Ethics, philosophy",
    "about_ai": "About AI",
    "creative_writing": "Creative writing",
    "editing_transformation": "Editing, transformation",
    "teaching_learning": "Teaching, learning",
    "casual_chat": "Casual chat",
    "harmful_request": "Harmful request",
}
RESPONSE_TYPE_NAMES: dict[str, str] = {
    "strong_support": "Strong support",
    "mild_support": "Mild support",
    "neutral_acknowledgment": "Neutral acknowledgment",
    "reframing": "Reframing",
    "mild_resistance": "Mild resistance",
    "strong_resistance": "Strong resistance",
    "no_values": "No values",
}
RESPONSE_TYPE_COLOURS: dict[str, str] = {
    "strong_support": "#08519C",
    "mild_support": "#6BAED6",
    "neutral_acknowledgment": "#BAD3E8",
    "reframing": "#F7C98B",
    "mild_resistance": "#EE8A3C",
    "strong_resistance": "#A63603",
    "no_values": "#A3A3A3",
}
POLARITY_NAMES: dict[str, str] = {
    "desirable": "Desirable",
    "undesirable": "Undesirable",
    "contested": "Contested",
    "fault": "Fault of the reply",
}
POLARITY_COLOURS: dict[str, str] = {
    "desirable": "#33658A",
    "undesirable": "#A63603",
    "contested": "#6A4C93",
    "fault": "#6E6E6E",
}
POLARITY_MARKS: dict[str, str] = {
    "desirable": "",
    "undesirable": "†",
    "contested": "‡",
    "fault": "§",
}
POLARITY_HATCHES: dict[str, str] = {
    "desirable": "",
    "undesirable": "/////",
    "contested": "|||||||",
    "fault": "xxxxx",
}
HEADING_COLOURS: dict[str, str] = {
    "epistemic-values": "#332288",
    "practical-values": "#96650A",
    "protective-values": "#117733",
    "personal-values": "#AA4499",
    "social-values": "#1C7293",
    "undesirable-values": POLARITY_COLOURS["undesirable"],
    "contested-values": POLARITY_COLOURS["contested"],
    "faults-of-the-reply": POLARITY_COLOURS["fault"],
}
FACET_NAMES: dict[str, str] = {
    "subjective": "Subjective or not",
    "task_type": "Task type",
    "response_type": "Response type",
    "response_type_subjective": "Response type, both subjective",
    "values": "Values named",
    "value": "Values, the most common",
}
STANCE_NAMES: dict[str, str] = {
    "support": "Support",
    "resistance": "Resistance",
    "other": "Neither",
    "reframing": "Reframing",
    "strong_resistance": "Strong resistance",
    "any": "Any response type",
}
SOURCE_NAMES: dict[str, str] = {
    "alpaca_eval": "AlpacaEval",
    "just-eval-instruct": "Just-Eval",
    "oasst-model-eval": "OpenAssistant model evaluation",
    "vicuna-blog-eval": "Vicuna blog evaluation",
    "arena-hard-v0.1": "Arena-Hard 0.1",
    "arena-hard-v2.0": "Arena-Hard 2.0",
    "hh-rlhf-harmless-test": "HH-RLHF, harmless test",
    "xstest-v2": "XSTest",
    "oasst-en-100-tree": "OpenAssistant trees",
}
MODEL_NAMES: dict[str, str] = {
    "Llama-2-70B-chat-GPTQ": "Llama 2 70B chat (GPTQ)",
    "Llama-2-7b-chat-hf": "Llama 2 7B chat",
    "Meta-Llama-3-8B-Instruct": "Llama 3 8B Instruct",
    "Mistral-7B-Instruct-v0.1": "Mistral 7B Instruct",
    "Mixtral-8x7B-Instruct-v0.1": "Mixtral 8×7B Instruct",
    "OpenAssistant/falcon-40b-sft-top1-560": "OASST Falcon 40B",
    "OpenAssistant/llama2-70b-oasst-sft-v10": "OASST Llama 2 70B",
    "OpenAssistant/oasst-rlhf-3-llama-30b-5k-steps": "OASST Llama 30B (RLHF)",
    "Qwen1.5-72B-Chat": "Qwen 1.5 72B Chat",
    "Yi-34B-Chat": "Yi 34B Chat",
    "Yi-6B-Chat": "Yi 6B Chat",
    "alpaca": "Alpaca",
    "alpaca-13b": "Alpaca 13B",
    "alpaca-7b": "Alpaca 7B",
    "andreaskoepf/oasst-sft-4-pythia-12b-epoch-3.5": "OASST Pythia 12B",
    "anthropic-52b-assistant-2022": "Anthropic 52B (2022)",
    "bard": "Bard",
    "claude": "Claude 1",
    "claude-2": "Claude 2",
    "claude-3-5-sonnet-20240620": "Claude 3.5 Sonnet",
    "claude-3-opus-20240229": "Claude 3 Opus",
    "claude-v1.3": "Claude 1.3",
    "deepseek-v3-0324": "DeepSeek V3",
    "gemini-pro": "Gemini Pro",
    "gpt-3.5-turbo": "GPT-3.5 Turbo",
    "gpt-3.5-turbo-0125": "GPT-3.5 Turbo (0125)",
    "gpt-3.5-turbo-0301": "GPT-3.5 Turbo (0301)",
    "gpt-4": "GPT-4",
    "gpt-4-0314": "GPT-4 (0314)",
    "gpt-4-0613": "GPT-4 (0613)",
    "gpt-4o-2024-05-13": "GPT-4o",
    "gpt35": "GPT-3.5",
    "gpt4": "GPT-4",
    "gpt4_0613": "GPT-4 (0613)",
    "human-volunteer": "Human volunteers",
    "llama-13b": "LLaMA 13B (base)",
    "llama-2-7b-chat-hf": "Llama 2 7B chat",
    "llama2new": "Llama 2 70B chat",
    "llama2orig": "Llama 2 70B + system prompt",
    "mistralguard": "Mistral 7B + guardrail",
    "mistralinstruct": "Mistral 7B Instruct",
    "o3-mini-2025-01-31": "o3-mini",
    "oasst-sft-pythia-12b": "OASST Pythia 12B",
    "tulu-2-dpo-70b": "Tülu 2 DPO 70B",
    "tulu-2-dpo-7b": "Tülu 2 DPO 7B",
    "vicuna": "Vicuna",
    "vicuna-13b": "Vicuna 13B",
    "vicuna-13b-v1.3": "Vicuna 13B",
    "vicuna-7b-20230322-fp16": "Vicuna 7B (2023-03)",
    "vicuna-7b-v1.5": "Vicuna 7B",
    "zephyr-7b-beta": "Zephyr 7B β",
}
SYSTEM_NAMES: dict[str, str] = {
    "anthropic-52b": "Anthropic 52B (2022)",
    "gpt-3.5-turbo": "GPT-3.5 Turbo",
    "gpt-4": "GPT-4",
    "llama-2-70b-chat": "Llama 2 70B chat",
    "llama-2-7b-chat": "Llama 2 7B chat",
    "mistral-7b-instruct": "Mistral 7B Instruct",
    "tulu-2-dpo-70b": "Tülu 2 DPO 70B",
    "tulu-2-dpo-7b": "Tülu 2 DPO 7B",
    "vicuna-7b": "Vicuna 7B",
    "yi-34b-chat": "Yi 34B Chat",
    "yi-6b-chat": "Yi 6B Chat",
    "zephyr-7b-beta": "Zephyr 7B β",
}

_RC: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": NORMAL,
    "axes.labelsize": NORMAL,
    "axes.titlesize": NORMAL,
    "xtick.labelsize": SMALL + 0.4,
    "ytick.labelsize": SMALL + 0.4,
    "legend.fontsize": SMALL + 0.4,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 0.5,
    "hatch.linewidth": 0.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 0.0,
    "svg.fonttype": "path",
    "svg.hashsalt": "valuescape",
    "savefig.dpi": PNG_DPI,
    "figure.dpi": 100,
    "path.simplify": False,
}


@contextmanager
def applied() -> Iterator[None]:
    """Draw and save in the style of the study, whatever the user's own settings are."""
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_RC)
        yield


def run_names(run: str) -> tuple[str, str]:
    """Return the printed names of a run's source and model.

    Examples
    --------
    >>> run_names("alpaca_eval: claude-2")
    ('AlpacaEval', 'Claude 2')
    >>> run_names("my-logs: my-model")
    ('my-logs', 'my-model')
    """
    source, _, model = run.partition(": ")
    return SOURCE_NAMES.get(source, source), MODEL_NAMES.get(model, model)


def group_name(group: str) -> str:
    """Return the printed name of a group of conversations.

    Examples
    --------
    >>> group_name("over_refusal"), group_name(OWN_GROUP)
    ('Over-refusal probe', 'All conversations')
    """
    return "All conversations" if group == OWN_GROUP else GROUP_NAMES[group]


def group_colour(group: str) -> str:
    """Return the colour of a group; own conversations have that of ordinary ones."""
    return GROUP_COLOURS["ordinary" if group == OWN_GROUP else group]


def groups_in(data: pd.Series) -> list[str]:
    """Return the groups that occur, in the order they are printed in."""
    return [group for group in (*GROUP_NAMES, OWN_GROUP) if group in set(data)]


def marked(value: str, polarity: str) -> str:
    """Return a value's name, with a sign where it is not judged desirable.

    Examples
    --------
    >>> marked("clarity", "desirable"), marked("deception", "undesirable")
    ('clarity', 'deception†')
    """
    return f"{value}{POLARITY_MARKS[polarity]}"


def count(number: float) -> str:
    """Print a count with a comma at the thousands.

    Examples
    --------
    >>> count(27137)
    '27,137'
    """
    return f"{int(number):,}"
