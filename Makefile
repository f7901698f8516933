# Every target does its own set-up in .venv: nothing but Python 3.11 or newer and make is needed beforehand.

PYTHON ?= python3
PORT ?=
VENV := .venv
BIN := $(VENV)/bin
MAKEFLAGS += --no-print-directory

.PHONY: help demo test lint bench bench-diagnosis docs clean

help:
	@echo "make demo    a simulated AWS with a whole network, collected and shown in the browser (PORT=8321)"
	@echo "make test    everything that CI checks: style, types, imports and all tests"
	@echo "make lint    only style, types and imports"
	@echo "make bench   the benchmarks that a machine can run by itself"
	@echo "make bench-diagnosis   how right the diagnosis is, over the whole corpus of failed accesses"
	@echo "make docs    write the generated pages of docs/ anew"
	@echo "make clean   remove .venv and what the tools left behind"
	@echo
	@echo "PYTHON=... names another Python than python3."

demo: $(VENV)/.demo
	@$(BIN)/openvna demo $(if $(PORT),--port $(PORT))

test: $(VENV)/.dev
	@$(BIN)/python -m pytest -n auto --dist loadgroup -q

lint: $(VENV)/.dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev
	@for each in benchmarks/*.py; do echo "$$each"; $(BIN)/python "$$each" || exit 1; done

bench-diagnosis: $(VENV)/.dev
	@$(BIN)/python benchmarks/diagnosis.py

docs: $(VENV)/.dev
	@$(BIN)/python -m openvna.plugins.aws.type_pages docs
	@$(BIN)/python -m openvna.cli.reference docs
	@$(BIN)/python -m openvna.plugins.aws.cause_pages docs

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The installations: `.dev` holds everything that `.demo` does.

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	@if [ ! -e $(VENV)/.dev ] || [ pyproject.toml -nt $(VENV)/.dev ]; then \
		echo "Installing OpenVNA with its demo into $(VENV) (once, about a minute)"; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[demo]'; \
	fi
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	@echo "Installing OpenVNA with its development tools into $(VENV) (once, one to two minutes)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.demo

$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || { \
		echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "OpenVNA needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
		echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: its venv module is missing." >&2; \
		echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }
