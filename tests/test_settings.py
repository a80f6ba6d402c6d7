"""``params.yaml`` is checked whole, and nothing in it is read by nobody."""

from __future__ import annotations

import ast
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.paths import Paths, find_root
from valuescape.settings import Settings, load_settings

GIVEN: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
OPTIONS = [(block, option) for block, options in GIVEN.items() for option in options]


def written(folder: Path, params: object) -> Path:
    path = folder / "params.yaml"
    path.write_text(params if isinstance(params, str) else yaml.safe_dump(params), "utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_settings(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def with_option(block: str, option: str, value: object) -> dict[str, dict[str, Any]]:
    return GIVEN | {block: GIVEN[block] | {option: value}}


def test_the_file_of_the_checkout_loads_whole() -> None:
    found = dataclasses.asdict(load_settings(ROOT / "params.yaml"))
    assert json.loads(json.dumps(found)) == GIVEN


@pytest.mark.parametrize("block", GIVEN)
def test_a_misspelt_option_is_named_with_the_allowed_ones(tmp_path: Path, block: str) -> None:
    first, *_ = GIVEN[block]
    options = {f"{k}s" if k == first else k: v for k, v in GIVEN[block].items()}
    message = refusal(written(tmp_path, GIVEN | {block: options}))
    assert f"option '{block}.{first}s' is not known; allowed are " in message
    assert first in message.split("allowed are ")[1].split(", ")


@pytest.mark.parametrize(("block", "option"), OPTIONS)
def test_a_missing_option_is_named_with_those_needed(
    tmp_path: Path, block: str, option: str
) -> None:
    options = {k: v for k, v in GIVEN[block].items() if k != option}
    message = refusal(written(tmp_path, GIVEN | {block: options}))
    assert f"option '{block}.{option}' is missing; needed are " in message
    assert option in message.split("needed are ")[1].split(", ")


@pytest.mark.parametrize("block", GIVEN)
def test_a_missing_or_misspelt_block_is_named(tmp_path: Path, block: str) -> None:
    rest = {k: v for k, v in GIVEN.items() if k != block}
    assert f"option '{block}' is missing; needed are label, " in refusal(written(tmp_path, rest))
    message = refusal(written(tmp_path, rest | {f"{block}x": GIVEN[block]}))
    assert f"option '{block}x' is not known; allowed are label, taxonomy, " in message
    assert f"option '{block}'" in refusal(written(tmp_path, rest | {block: None}))


@pytest.mark.parametrize(("block", "option"), OPTIONS)
@pytest.mark.parametrize("value", [{"a": 1}, None, [[1]], "\u00e9", True])
def test_no_option_takes_anything(tmp_path: Path, block: str, option: str, value: object) -> None:
    message = refusal(written(tmp_path, with_option(block, option, value)))
    assert f"option '{block}.{option}" in message


BAD = [
    ("count", "groups", [], "at least 1 item"),
    ("count", "groups", ["ordinary", "advers"], "'ordinary', 'adversarial', 'over_refusal'"),
    ("count", "groups", ["ordinary", "ordinary"], "each entry is allowed once"),
    ("count", "levels", [4], "less than or equal to 3"),
    ("count", "levels", [-1], "greater than or equal to 0"),
    ("count", "context_kinds", ["tasks"], "'user_value' or 'response_type'"),
    ("count", "labeller", "reading-closed-3", "'reading-closed-1', "),
    ("count", "protocols", ["reading-clsed-1"], "'reading-closed-1', "),
    ("count", "confidence_level", 95, "less than 1"),
    ("count", "confidence_level", float("nan"), "less than 1"),
    ("count", "minimum_context_clusters", 0, "greater than or equal to 1"),
    ("associate", "prior_strength", -3, "greater than 0 or Input should be 'marginal_likelihood'"),
    ("associate", "prior_strength", float("nan"), "or Input should be 'marginal_likelihood'"),
    ("associate", "prior_strength", "marginal", "or Input should be 'marginal_likelihood'"),
    ("associate", "q_threshold", "5%", "a valid number"),
    ("associate", "q_threshold", 1.5, "less than 1"),
    ("associate", "q_threshold", 0, "greater than 0"),
    ("draw", "residual_limit", float("inf"), "finite"),
    ("write", "frame_characters", [0, 10], "greater than or equal to 1"),
    ("associate", "minimum_expected_effective", 0, "greater than 0"),
    ("associate", "minimum_expected_effective", float("inf"), "finite"),
    ("associate", "distinctive_risk_ratio", 1.0, "greater than 1"),
    ("associate", "top_k", 5.5, "a valid integer"),
    ("correct", "seed", -1, "greater than or equal to 0"),
    ("correct", "rare_prevalence", -0.1, "greater than or equal to 0"),
    ("label", "labeller", "somebody", "'embedded'"),
    ("write", "rows_in_tables", 0, "greater than or equal to 1"),
]


@pytest.mark.parametrize(("block", "option", "value", "allowed"), BAD)
def test_a_value_out_of_range_is_told_what_is_allowed(
    tmp_path: Path, block: str, option: str, value: object, allowed: str
) -> None:
    message = refusal(written(tmp_path, with_option(block, option, value)))
    assert f"option '{block}.{option}" in message
    assert allowed in message


def test_a_number_is_allowed_as_prior_strength(tmp_path: Path) -> None:
    path = written(tmp_path, with_option("associate", "prior_strength", 250))
    assert load_settings(path).associate.prior_strength == 250.0


@pytest.mark.parametrize(
    "text",
    ["", "top_k: [5", "- a\n- b", "just words", "label: {labeller: 2025-04-18}", "a: 1\n\tb: 2"],
)
def test_a_file_that_is_no_mapping_of_options_is_refused(tmp_path: Path, text: str) -> None:
    refusal(written(tmp_path, text))


def test_other_encodings_and_absent_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    assert "no such file" in refusal(path)
    path.write_bytes("label: {labeller: \xe9}".encode("latin-1"))
    assert "not readable as YAML" in refusal(path)


def test_a_date_where_a_number_belongs_is_refused_like_any_word(tmp_path: Path) -> None:
    text = (ROOT / "params.yaml").read_text("utf-8").replace("seed: 20250418", "seed: 2025-04-18")
    assert "option 'taxonomy.seed' is '2025-04-18'" in refusal(written(tmp_path, text))


@pytest.mark.parametrize("block", GIVEN)
def test_every_option_is_read(block: str) -> None:
    read = set().union(*_read_where(block))
    assert set(GIVEN[block]) <= read, sorted(set(GIVEN[block]) - read)


def _read_where(block: str) -> list[set[str]]:
    """Return the options read in every module that takes the settings of a block."""
    modules = [p.read_text("utf-8") for p in (ROOT / "analysis" / "valuescape").rglob("*.py")]
    return [
        _options_read(ast.parse(text), block)
        for text in modules
        if f".{block}" in text or "settings" in text
    ]


def _options_read(tree: ast.Module, block: str) -> set[str]:
    """Return every ``x`` read from the block itself or a name that stands for it."""
    names = _names_of(tree, block)
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and (
            (isinstance(node.value, ast.Name) and node.value.id in names)
            or (isinstance(node.value, ast.Attribute) and node.value.attr == block)
        )
    }


def _names_of(tree: ast.Module, block: str) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and isinstance(node.annotation, ast.Name):
            names |= {node.arg} if node.annotation.id == Settings.__annotations__[block] else set()
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute):
            targets = [t.id for t in node.targets if isinstance(t, ast.Name)]
            names |= set(targets) if node.value.attr == block else set()
    return names


def test_the_root_is_found_from_below_and_missed_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "params.yaml").touch()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    with pytest.raises(InputError, match=r"not inside a valuescape checkout"):
        find_root(tmp_path / "deep")
    (tmp_path / "dvc.yaml").touch()
    assert find_root(tmp_path / "deep" / "er") == tmp_path
    assert find_root(tmp_path) == tmp_path


def test_every_path_is_below_the_root_and_inputs_exist() -> None:
    home = Paths(ROOT)
    names = [n for n, v in vars(Paths).items() if isinstance(v, property)]
    for name in names:
        assert getattr(home, name).is_relative_to(ROOT), name
    for name in ("params", "labels", "published", "results", "paper"):
        assert getattr(home, name).exists(), name
