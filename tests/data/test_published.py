"""data/reference/published.csv: its form, and its figures against the transcribed sources."""

from __future__ import annotations

import math
import re

import numpy as np
import pandas as pd
import pytest

from tests.paths import ROOT, SHARED, needs_shared

COLUMNS = ["key", "question", "quantity", "value", "text", "unit", "evidence", "source", "note"]
SOURCE_FILES = SHARED / "published"


@pytest.fixture(scope="module")
def published() -> pd.DataFrame:
    path = ROOT / "data" / "reference" / "published.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def test_columns_and_unique_slug_keys(published: pd.DataFrame) -> None:
    assert list(published.columns) == COLUMNS
    assert published["key"].is_unique
    assert published["key"].str.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*").all()


def test_vocabularies(published: pd.DataFrame) -> None:
    assert set(published["evidence"]) == {"primary", "secondary", "derived"}
    assert set(published["question"]) == {f"Q{n}" for n in range(1, 11)}


def test_every_row_holds_either_a_number_or_a_text(published: pd.DataFrame) -> None:
    assert ((published["value"] == "") ^ (published["text"] == "")).all()
    assert (published["quantity"] != "").all()


def test_numbers_parse_and_carry_a_unit(published: pd.DataFrame) -> None:
    numeric = published[published["value"] != ""]
    assert numeric["value"].astype(float).map(math.isfinite).all()
    assert (numeric["unit"] != "").all()
    percent = numeric[numeric["unit"].str.startswith("percent")]["value"].astype(float)
    assert percent.between(0, 100).all()


def test_every_source_is_public(published: pd.DataFrame) -> None:
    address = re.compile(r"https://(www\.anthropic\.com|arxiv\.org|huggingface\.co)/\S+")
    assert published["source"].map(lambda source: bool(address.search(source))).all()


def test_reported_sources_are_marked_secondary(published: pd.DataFrame) -> None:
    reported = published["source"].str.contains("as reported", regex=False)
    copied = published["note"].str.contains("copied out", regex=False)
    assert (published.loc[reported | copied, "evidence"] != "primary").all()
    secondary = published["evidence"] == "secondary"
    assert (reported | copied)[secondary].all()


def test_shares_of_one_whole_sum_to_a_hundred(published: pd.DataFrame) -> None:
    value = published.set_index("key")["value"]
    types = [key for key in value.index if key.startswith("response_") and value[key]]
    stances = [key for key in types if key not in {"response_no_values", "response_values_present"}]
    assert len(stances) == 6
    total = value[stances].astype(float).sum()
    assert total == pytest.approx(float(value["response_values_present"]))
    assert total + float(value["response_no_values"]) == pytest.approx(100)
    headings = value[value.index.str.startswith("heading_")].astype(float)
    assert headings.sum() == pytest.approx(100, abs=0.01)


def test_share_subjective_is_the_ratio_of_the_counts(published: pd.DataFrame) -> None:
    value = published.set_index("key")["value"]
    ratio = 100 * float(value["sample_subjective"]) / float(value["sample_conversations"])
    assert float(value["sample_subjective_share"]) == pytest.approx(ratio, abs=0.005)


HEADLINE = {
    "sample_conversations": "sampled conversations",
    "sample_subjective": "subjective conversations analysed",
    "sample_share_sonnet_35": "share of sample from Claude 3.5 Sonnet",
    "values_ai_distinct": "unique AI values (level 0)",
    "taxonomy_level1_clusters": "level-1 clusters",
    "taxonomy_level2_clusters": "level-2 clusters",
    "taxonomy_level3_headings": "level-3 top categories",
    "values_human_distinct": "unique human values",
    "values_ai_per_conversation": "mean AI-value mentions per conversation",
    "conversations_without_ai_value": "conversations with no AI value",
    "values_human_per_conversation": "mean human-value mentions per conversation",
    "conversations_without_human_value": "conversations with no human value (human-values feature)",
    "values_ai_rare_share": "share of AI values occurring in <0.04% of conversations",
    "response_values_present": "human values present per response-type feature",
    "explicit_intellectual_honesty": "explicitly stated: intellectual honesty",
    "explicit_harm_prevention": "explicitly stated: harm prevention",
    "explicit_epistemic_humility": "explicitly stated: epistemic humility",
}
ASSISTANTS = {
    "claude_3_5_sonnet": "sonnet_3_5_sample",
    "claude_3_7_sonnet": "sonnet_3_7",
    "claude_3_opus": "opus_3",
}
# Of the 2026 follow-up only its axes are in the transcribed files.
NOT_TRANSCRIBED = {"followup_conversations", "followup_values", "followup_variation_explained"}


def _table(name: str, label: str, number: str) -> dict[str, float]:
    """Map the labels of one transcribed file, as slugs, to its numbers."""
    frame = pd.read_csv(SOURCE_FILES / f"published_{name}.csv")
    slugs = frame[label].str.lower().str.replace(r"[ -]", "_", regex=True)
    return dict(zip(slugs, pd.to_numeric(frame[number], errors="coerce"), strict=True))


def _dataset_figures() -> dict[str, float]:
    """Figures recomputed here from the released dataset."""
    tree = pd.read_csv(SOURCE_FILES / "values_tree.csv")
    percent = pd.read_csv(SOURCE_FILES / "values_frequencies.csv")["pct_convos"]
    share = tree.loc[tree["level"] == 0, "pct_total_occurrences"].sort_values(ignore_index=True)
    part = share / share.sum()
    n = len(part)
    entropy = -sum(p * math.log(p) for p in part if p > 0)
    return {
        "values_ai_per_conversation_dataset": percent.sum() / 100,
        "values_above_1_percent": (percent >= 1).sum(),
        "concentration_top5_share": share.tail(5).sum(),
        "concentration_effective_number": math.exp(entropy),
        "concentration_inverse_simpson": 1 / (part**2).sum(),
        "concentration_gini": 2 * (part * np.arange(1, n + 1)).sum() / n - (n + 1) / n,
    }


def _expected() -> dict[str, float]:
    headline = pd.read_csv(SOURCE_FILES / "published_headline.csv").set_index("item")["value"]
    expected = {key: float(headline[item]) for key, item in HEADLINE.items()}
    clusters = pd.read_csv(SOURCE_FILES / "published_taxonomy_clusters.csv")
    for row in clusters[clusters["level"] == 3].itertuples():
        slug = str(row.name).removesuffix(" values").lower()
        expected[f"heading_{slug}"] = float(str(row.pct_total_occurrences))
    families = {
        "prevalence": ("ai_values_top200", "value", "pct_convos"),
        "invariance": ("coefficient_of_variation", "ai_value", "cv"),
        "response": ("response_types", "response_type", "pct_conversations"),
        "undesired": ("deviant_values", "value", "pct_convos"),
    }
    for prefix, columns in families.items():
        expected |= {f"{prefix}_{slug}": number for slug, number in _table(*columns).items()}
    mirroring = pd.read_csv(SOURCE_FILES / "published_mirroring.csv")
    groups = ["support", "reframing", "strong_resistance"]
    for group, number in zip(groups, mirroring["pct_with_same_value_both_sides"], strict=True):
        expected[f"mirroring_{group}"] = float(number)
    for key, column in ASSISTANTS.items():
        for metric, number in _table("model_comparison", "metric", column).items():
            expected[f"model_{key}_{metric}"] = number
    expected["model_sonnets_shared_top10"] = _table(
        "model_comparison", "metric", "sonnet_3_5_sample"
    )["top_10_ai_values_shared_by_the_two_sonnets"]
    validation = pd.read_csv(SOURCE_FILES / "published_validation.csv").set_index("item")["value"]
    extraction = validation["human-rated accuracy of AI-value extraction"]
    subjectivity = validation["human-rated accuracy of subjectivity classification"]
    expected |= {"validation_extraction": extraction, "validation_subjectivity": subjectivity}
    return expected


@needs_shared
def test_numbers_equal_the_transcribed_sources(published: pd.DataFrame) -> None:
    numeric = published[published["value"] != ""].set_index("key")["value"].astype(float)
    expected, recomputed = _expected(), _dataset_figures()
    own = {"sample_subjective_share"} | NOT_TRANSCRIBED
    unchecked = set(numeric.index) - set(expected) - set(recomputed) - own
    assert not unchecked
    for key in sorted(set(numeric.index) & set(expected)):
        assert numeric[key] == pytest.approx(expected[key]), key
    for key, number in recomputed.items():
        assert numeric[key] == pytest.approx(number, rel=2e-3), key


@needs_shared
def test_evidence_marks_equal_the_transcribed_ones(published: pd.DataFrame) -> None:
    marks = published.set_index("key")["evidence"]
    headline = pd.read_csv(SOURCE_FILES / "published_headline.csv").set_index("item")
    for key, item in HEADLINE.items():
        assert marks[key] == headline.loc[item, "confidence"], key
    types = pd.read_csv(SOURCE_FILES / "published_response_types.csv")
    for name, mark in zip(types["response_type"], types["confidence"], strict=True):
        assert marks["response_" + name.replace(" ", "_")] == mark


@needs_shared
def test_the_twenty_commonest_values_are_all_there(published: pd.DataFrame) -> None:
    released = pd.read_csv(SOURCE_FILES / "values_frequencies.csv").nlargest(20, "pct_convos")
    keys = "prevalence_" + released["value"].str.replace(" ", "_")
    assert set(keys) == {key for key in published["key"] if key.startswith("prevalence_")}
