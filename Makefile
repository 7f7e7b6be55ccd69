# What a person does with Xeno; `make help` lists it. Needs Python 3.11 or newer and nothing else.

VENV := .venv
PYTHON := $(VENV)/bin/python
PIP := $(PYTHON) -m pip --disable-pip-version-check --quiet --quiet
BASE_PYTHON ?= python3.11 python3.12 python3.13 python3

# Given on the command line, an address may have a $ in its password, which make would take for a variable.
ifeq ($(origin DATABASE_URL),command line)
override export DATABASE_URL := $(value DATABASE_URL)
endif

.PHONY: help run setup setup-dev browser test truth storm shots lint types lock migrate clean-data
.DEFAULT_GOAL := help

help:
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "  make %-12s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## the whole product with two demo stores, on http://127.0.0.1:8501
	@exec $(PYTHON) -m core.demo.run

setup: $(VENV)/.installed ## install what the product needs
	@true

# Each worker has a database server and processes of its own; the tests of a file stay together, in order.
WORKERS ?= 2
test: setup-dev browser ## every test, the browser's among them; ARGS=... goes to pytest, WORKERS=0 is one by one
	@$(PYTHON) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: setup-dev ## style, and whether every file is formatted
	@$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .

types: setup-dev ## type hints
	@$(PYTHON) -m mypy

# Keeps the locked versions unless a requirement changed; UPGRADE=--upgrade takes the newest versions.
LOCK = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(UPGRADE) \
    pyproject.toml --output-file
lock: setup-dev ## after a change of the dependencies in pyproject.toml: pin and hash every package
	@$(LOCK) requirements-dev.txt --extra demo --extra dev
	@$(LOCK) requirements.txt --extra demo
	@$(LOCK) requirements-server.txt

migrate: setup ## bring the schema of DATABASE_URL (or of the running demo) to head
	@$(PYTHON) -m core.database migrate

clean-data: setup ## delete the demo's data and its embedded database; asks first
	@printf 'This deletes everything in the embedded database and the simulator. Type "delete" to go on: '; \
	read answer; if [ "$$answer" = delete ]; then $(PYTHON) -m core.demo.run forget; else echo 'Nothing was deleted.'; fi

# A benchmark for each file of tests/bench, under its name with a dash for each underscore.
bench-%: setup-dev ## one of the benchmarks: sync, dashboard, webhooks, live, pages, lanes, neighbours, imports, kept-sums; ARGS=...
	@if [ -f tests/bench/$(subst -,_,$*).py ]; then $(PYTHON) -m tests.bench.$(subst -,_,$*) $(ARGS); \
	else echo 'There is no benchmark of that name in tests/bench.' >&2; exit 1; fi

storm: setup-dev ## everything goes wrong at once for MINUTES=5, drawn from SEED=; in the end nothing may be lost
	@$(PYTHON) -m tests.storm --minutes $(or $(MINUTES),5) $(if $(SEED),--seed $(SEED))

truth: setup-dev ## every metric beside the simulator's own figures, for four large shops of almost three years; takes long
	@TRUTH=years $(PYTHON) -m pytest -q tests/core/metrics -k truth $(ARGS)

shots: setup-dev browser ## pictures of every page, wide and on a phone, light and dark, in tests/end_to_end/screenshots
	@$(PYTHON) -m tests.shots

setup-dev: $(VENV)/.installed-dev
	@true

browser:
	@.ci/browser

# --require-hashes refuses every package that is not in the lock; --no-deps keeps the project's own step from fetching any.
$(VENV)/.installed: requirements.txt pyproject.toml $(PYTHON)
	@$(PYTHON) -c 'import sys; sys.exit("The Python in $(VENV) is too old: remove $(VENV) and try again." if sys.version_info < (3, 11) else 0)'
	@echo 'Installing the pinned packages into $(VENV) (about a minute, once) …'
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo 'Installing what the tests need …'
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

$(PYTHON):
	@for python in $(BASE_PYTHON); do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo 'Xeno needs Python 3.11 or newer: install it, or name one with BASE_PYTHON=/path/to/python.' >&2; exit 1; \
	fi; \
	if ! $$found -m venv $(VENV) >/dev/null; then \
	    rm -rf $(VENV); \
	    echo "$$found cannot make virtual environments: install its venv package, on Debian python3-venv." >&2; exit 1; \
	fi
