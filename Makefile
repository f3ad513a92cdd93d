# make demo: see it run.  make test: prove it.  Both start from Python >= 3.11, git and make alone.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.PHONY: demo install serve test soak screenshots check fix messages clean

demo: .venv/for-use
	@$(BIN)/python -m backend demo

install: .venv/for-use

serve: .venv/for-use
	@$(BIN)/python -m backend serve

test: .venv/for-tests
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

soak: .venv/for-tests
	@SOAK=1 $(BIN)/python -m pytest --timeout 3600

screenshots: .venv/for-tests
	@$(BIN)/python -m pytest tests/e2e/draw_screens.py

check: .venv/for-tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache > /dev/null || $(BIN)/lint-imports --no-cache
	@$(BIN)/node tests/node_modules/.bin/tsc -p tests/tsconfig.json
	@$(BIN)/python -m backend grid check

fix: .venv/for-tests
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

messages: .venv/for-tests
	@$(BIN)/pybabel --quiet extract -F backend/locale/babel.cfg -k N_ -o backend/locale/messages.pot --no-location --omit-header .

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Il faut Python 3.11 ou plus récent.")'
	@$(PYTHON) -m venv .venv

.venv/for-use: .venv/bin/python pyproject.toml .constraints.txt
	@$(PIP) install --constraint .constraints.txt --editable '.[js]'
	@touch $@

.venv/for-tests: .venv/for-use tests/package.json tests/install.py
	@$(PIP) install --constraint .constraints.txt --editable '.[js,test]'
	@$(BIN)/npm install --prefix tests --no-package-lock --no-audit --no-fund --silent
	@$(BIN)/python -m tests.install
	@touch $@

clean:
	@rm -rf .venv tests/node_modules
