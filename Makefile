# Two commands do all the set-up: `make demo` shows the main job, `make test` runs the tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test lint unit bench lock demo-plan picture clean
help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: $(VENV)/.installed ## make a town, draw its plan, prove it, route its reports, map it
	$(BIN)/wangge demo demo

test: lint unit ## everything that must hold before a change is taken

lint: $(VENV)/.developing ## style, types, and which room may import which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.developing ## the tests, in two processes
	$(BIN)/pytest -n 2 --dist worksteal

bench: $(VENV)/.benching ## compare with rivals, in one run
	$(BIN)/pytest tests/benchmarks --benchmark-enable --benchmark-only

lock: ## write the three requirements files anew from pyproject.toml
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet --upgrade pip
	build/lock/bin/pip install --quiet .
	build/lock/bin/pip freeze --exclude wangge > requirements.txt
	build/lock/bin/pip install --quiet --group dev
	build/lock/bin/pip freeze --exclude wangge > requirements-dev.txt
	build/lock/bin/pip install --quiet --group bench
	build/lock/bin/pip freeze --exclude wangge > requirements-bench.txt

demo-plan: $(VENV)/.installed ## draw the plan that `wangge serve --demo` serves
	$(BIN)/python -c "from api.demo import keep_demo_plan; keep_demo_plan()"

picture: $(VENV)/.developing ## draw the picture of the README anew (wants chromium)
	$(BIN)/python tests/picture.py docs/demo.png

clean: ## remove what the targets above made
	rm -rf $(VENV) build demo node_modules maps/assets/vendor

$(VENV)/.installed: requirements.txt pyproject.toml hatch_build.py maps/vendor.py package-lock.json
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(VENV)/.developing: requirements-dev.txt $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

$(VENV)/.benching: requirements-bench.txt $(VENV)/.developing
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	touch $@
