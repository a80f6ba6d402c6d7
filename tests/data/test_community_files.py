"""The files around the code: licences, citation, changelog, forms, workflow, ignore rules."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.paths import ROOT

FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
QUESTIONS = [path for path in FORMS if path.name != "config.yml"]
DOCUMENTS = [
    *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE-DATA")),
    ROOT / "CODE_OF_CONDUCT.md",
    ROOT / "data" / "README.md",
]
# SHA-256 of https://www.apache.org/licenses/LICENSE-2.0.txt without its leading empty line.
APACHE_SHA256 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads(_text("pyproject.toml"))["project"]
    return table


def test_citation_agrees_with_the_package(project: dict[str, Any]) -> None:
    citation = yaml.safe_load(_text("CITATION.cff"))
    assert citation["cff-version"] == "1.2.0"
    assert str(citation["version"]) == project["version"]
    assert citation["title"].startswith("valuescape")
    assert citation["license"] == project["license"] == "Apache-2.0"
    assert citation["authors"] == project["authors"] == [{"name": "The valuescape contributors"}]
    assert {"message", "title", "authors"} <= set(citation)


@pytest.mark.parametrize("name", ["data/README.md", "LICENSE-DATA"])
def test_documents_name_the_version(name: str, project: dict[str, Any]) -> None:
    stated = re.findall(r"version\s+(\d+\.\d+\.\d+)", _text(name), flags=re.IGNORECASE)
    assert set(stated) == {project["version"]}


def test_citation_refers_to_the_study_replicated() -> None:
    references = yaml.safe_load(_text("CITATION.cff"))["references"]
    assert any("2504.15236" in reference.get("doi", "") for reference in references)
    for reference in references:
        assert {"type", "title", "authors"} <= set(reference)


def test_zenodo_record_agrees_with_the_citation() -> None:
    record, citation = json.loads(_text(".zenodo.json")), yaml.safe_load(_text("CITATION.cff"))
    for field in ("title", "license", "keywords"):
        assert record[field] == citation[field]
    assert record["version"] == str(citation["version"])
    assert record["creators"] == citation["authors"]
    assert {"upload_type", "description", "access_right"} <= set(record)


def test_no_address_of_a_repository_that_does_not_exist(project: dict[str, Any]) -> None:
    assert "repository-code" not in yaml.safe_load(_text("CITATION.cff"))
    assert "urls" not in project


def test_licence_is_the_standard_text() -> None:
    ours = _text("LICENSE")
    line = "   Copyright 2026 The valuescape contributors\n"
    assert ours.count(line) == 1
    standard = ours.replace(line, "   Copyright [yyyy] [name of copyright owner]\n")
    assert hashlib.sha256(standard.encode()).hexdigest() == APACHE_SHA256


def test_data_licence_names_every_source_and_the_released_list() -> None:
    notice, card = _text("LICENSE-DATA"), _text("data/README.md")
    assert "https://creativecommons.org/licenses/by/4.0/legalcode" in notice
    assert "Huang" in notice
    assert "Anthropic/values-in-the-wild" in notice
    for repository in set(re.findall(r"\| (github\.com/\S+) \|", card)):
        assert repository in notice, repository


def test_changelog_has_the_heading_for_results(project: dict[str, Any]) -> None:
    versions = _text("CHANGELOG.md").split("\n## ")[1:]
    assert versions
    assert all("\n### Results changed\n" in version for version in versions)
    assert project["version"] in versions[0] or versions[0].startswith("[Unreleased]")


def test_workflow_runs_what_the_project_runs() -> None:
    workflow = _yaml(ROOT / ".github" / "workflows" / "ci.yml")
    jobs = workflow["jobs"]
    assert all(job["runs-on"].startswith("ubuntu") for job in jobs.values())
    assert "bash .ci/run" in [step.get("run") for step in jobs["run"]["steps"]]
    pythons = [step.get("with", {}).get("python-version") for step in jobs["run"]["steps"]]
    assert "3.11" in pythons
    assert "make test-latest" in [step.get("run") for step in jobs["latest"]["steps"]]
    assert "schedule" in jobs["latest"]["if"]
    assert workflow["permissions"] == {"contents": "read"}


def test_every_issue_form_is_there() -> None:
    names = {path.stem for path in FORMS}
    assert names == {"add_an_assistant", "a_number_looks_wrong", "remove_my_text", "config"}
    assert "blank_issues_enabled" in _yaml(ROOT / ".github" / "ISSUE_TEMPLATE" / "config.yml")


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_issue_form_has_what_the_host_requires(path: Path) -> None:
    form = _yaml(path)
    assert {"name", "description", "body"} <= set(form)
    questions = [element for element in form["body"] if element["type"] != "markdown"]
    assert questions
    ids = [element["id"] for element in questions]
    assert len(ids) == len(set(ids))
    for element in form["body"]:
        kind, attributes = element["type"], element["attributes"]
        assert kind in {"markdown", "input", "textarea", "dropdown", "checkboxes"}
        assert attributes["value" if kind == "markdown" else "label"].strip()
        if kind == "dropdown":
            assert all(isinstance(option, str) for option in attributes["options"])
        if kind == "checkboxes":
            assert all(option["label"] for option in attributes["options"])


def test_card_names_the_issue_forms_as_they_are_called() -> None:
    card = _text("data/README.md")
    for path in QUESTIONS:
        assert f"*{_yaml(path)['name']}*" in card


def test_hooks_run_without_a_network() -> None:
    config = _yaml(ROOT / ".pre-commit-config.yaml")
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    hooks = {hook["id"]: hook for hook in config["repos"][0]["hooks"]}
    assert {"ruff-check", "ruff-format", "codespell"} <= set(hooks)
    assert {hook["language"] for hook in hooks.values()} <= {"system", "fail"}


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("data/acquire/corpora/any.jsonl", True),
        ("anywhere/text.jsonl.gz", True),
        ("paper/paper.html", True),
        ("paper/paper.pdf", True),
        ("paper/receipt.json", True),
        (".venv/bin/python", True),
        (".dvc/tmp/lock", True),
        (".dvc/cache/files", True),
        (".dvc/config", False),
        ("paper/paper.qmd", False),
        ("data/labels/labels.csv", False),
        ("data/results/associate/associations.csv", False),
        ("figures/any.svg", False),
        ("dvc.lock", False),
    ],
)
def test_what_git_ignores(path: str, ignored: bool) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a Git checkout")
    answer = subprocess.run(
        ["git", "check-ignore", "--no-index", "--quiet", path], cwd=ROOT, check=False
    )
    assert (answer.returncode == 0) == ignored


def test_no_conversation_text_in_the_checkout() -> None:
    tracked = [path for path in (ROOT / "data" / "labels").iterdir() if path.is_file()]
    assert {path.suffix for path in tracked} == {".csv", ".md", ".txt"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documents_speak_of_the_project_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\.\./shared|/work/|/tmp/|\bsession\b|\bTODO\b", text)
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (path.parent / target).exists(), target


def test_container_takes_the_locked_environment() -> None:
    recipe = _text("Containerfile")
    assert "Not built in our CI" in recipe
    assert "--require-hashes --requirement requirements.lock" in recipe
    version = re.search(r"QUARTO_VERSION=(\d+)\.(\d+)", recipe)
    assert version is not None
    assert (int(version[1]), int(version[2])) >= (1, 9)
