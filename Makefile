# `make` lists what there is to make. All of it happens in a virtual environment here, made when first needed.

PYTHON ?= python3
VENV ?= .venv
# What `make run` passes on: make run ARGS="--help"
ARGS ?=
# What `make test` and `make fuzz` pass on: make test TESTS="tests/engine -k listpack"
TESTS ?=

BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test check format fuzz servers pictures wheel clean
.DELETE_ON_ERROR:

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.installed ## install rinspect into .venv and start it
	@$(BIN)/rinspect $(ARGS)

test: $(VENV)/.installed-dev ## run the tests (comparisons with a missing real server are skipped)
	$(BIN)/python -m pytest -n auto $(TESTS)

check: $(VENV)/.installed-dev ## check format, style, types and who imports whom
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev ## put the code into the form that `make check` asks for
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

fuzz: $(VENV)/.installed-dev ## run the long random tests, with new examples each time
	$(BIN)/python -m pytest -n auto -m fuzz --hypothesis-profile=fuzz $(TESTS)

servers: ## fetch the real servers and PyPy for the tests (Debian and its kin; no root needed)
	@$(PYTHON) -m tests.real.fetch_servers

pictures: $(VENV)/.installed-dev ## make the README's pictures anew, with the program itself
	$(BIN)/python docs/make_pictures.py

wheel: $(VENV)/.python ## build dist/rinspect-VERSION-py3-none-any.whl
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	@ls dist/*.whl

clean: ## remove .venv, dist and caches
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# A stamp is written last, so what was interrupted is done again; a newer pyproject.toml has it done again too.
$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'rinspect needs Python 3.11 or newer; choose one with: make PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo 'This Python cannot make virtual environments. On Debian and Ubuntu: sudo apt install python3-venv (PyPy: pypy3-venv)' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.installed
