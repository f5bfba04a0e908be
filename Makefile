# One front door. “make run” and “make test” are all a newcomer needs: on a machine with
# Python 3.11 or newer they fetch the rest themselves, by the lock files.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
TEST_WORKERS ?= 2

# uv: the one on PATH, else one of our own in .tools.
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .tools/bin/uv)
BIN := .venv/bin
INSTALLED := .venv/.installed

export UV_NO_PROGRESS ?= 1
export PYTHONUNBUFFERED := 1
# Where the environment forbids bytecode, each process would compile the whole product anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run test check bench demo format install lint types imports migrations

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  PORT (8000), HOST (127.0.0.1) and ASSURE_DATA_DIR (./data) are obeyed."

run: $(INSTALLED) ## Install, build, migrate, load the demo firm and serve
	@exec $(BIN)/assure serve

demo: $(INSTALLED) ## Load the demo firm into an empty database
	@$(BIN)/assure demo

test: $(INSTALLED) ## Run every test, in browsers and on both databases
	@$(BIN)/python -m tests.support.browser
	@$(BIN)/python -m tests.support.stripe_cli
	@$(BIN)/assure build
	@$(BIN)/pytest --numprocesses $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

check: lint types imports migrations ## Check format, lint, types, import rules and migrations

lint: $(INSTALLED)
	@echo "Format and lint"
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .

types: $(INSTALLED)
	@echo "Types"
	@$(BIN)/mypy --no-error-summary

imports: $(INSTALLED)
	@echo "Import rules"
	@$(BIN)/lint-imports --no-cache > .build/imports.log || { cat .build/imports.log; exit 1; }

migrations: $(INSTALLED)
	@echo "Migrations"
	@$(BIN)/assure migrate --check

bench: $(INSTALLED) ## Measure the product's speed
	@$(BIN)/python -m bench

format: $(INSTALLED) ## Format the code and mend what lint can mend
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format .

install: $(INSTALLED) ## Install what the lock file names

$(INSTALLED): uv.lock pyproject.toml | $(UV) .build
	@echo "Installing Python packages by the lock file …"
	@$(UV) sync --locked --compile-bytecode --quiet
	@touch $@

.build:
	@mkdir -p $@

.tools/bin/uv:
	@echo "Installing uv …"
	@$(PYTHON) -m venv .tools 2>/dev/null \
	  && .tools/bin/python -m pip install --quiet --disable-pip-version-check uv \
	  || { rm -rf .tools; \
	       { $(PYTHON) -m pip install --quiet --user uv \
	         || $(PYTHON) -m pip install --quiet --user --break-system-packages uv; } \
	       && mkdir -p .tools/bin \
	       && ln -sf "$$($(PYTHON) -c 'import uv; print(uv.find_uv_bin())')" $@; }
