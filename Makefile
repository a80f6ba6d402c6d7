# Everything runs in .venv, which the first target that needs it makes from requirements.lock.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PYTHONDONTWRITEBYTECODE :=
UV := $(shell command -v uv 2>/dev/null)

.PHONY: help install paper test test-all test-latest check bench clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(VENV)/.installed: requirements.lock pyproject.toml
	@if [ -n "$(UV)" ]; then
	  uv venv --quiet --allow-existing --python '>=3.11' $(VENV)
	  uv pip install --quiet --python $(VENV)/bin/python --require-hashes -r requirements.lock
	  uv pip install --quiet --python $(VENV)/bin/python --no-deps --no-build-isolation -e .
	else
	  [ -x $(VENV)/bin/python ] || python3 -m venv $(VENV)
	  $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	  $(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	fi
	touch $@

install: $(VENV)/.installed ## make the environment

paper: install ## rebuild every stage and end with the paper (HTML and PDF)
	@dvc repro --force --quiet
	valuescape rebuilt
	ls -l paper/paper.html paper/paper.pdf

test: install ## the tests that every change must pass
	@python -m pytest -q -n auto --dist loadfile -m "not slow"

test-all: install ## the same and the slow ones
	@python -m pytest -q -n auto --dist loadfile

test-latest: ## tests and pipeline with the newest packages, in a copy of the last commit
	@bash .ci/latest

check: install ## style, types, import order, spelling
	@ruff check .
	ruff format --check .
	mypy
	lint-imports --cache-dir $(VENV)/import_linter
	codespell

bench: install ## timings, as ratios to the usual way
	@python -m benchmarks

clean: ## remove the environment and caches
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
