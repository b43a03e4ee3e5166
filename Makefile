# Two commands for a new machine: `make report` and `make test`. Needs Python 3.11 or newer, make and git; uses uv when it is there.

CASE ?= us-autos-steel-japan
REPORT ?= runs/$(CASE)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

# Importing jax without bytecode files is slow, and a stray path or virtual environment must not leak in.
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME VIRTUAL_ENV

.PHONY: help setup report test lint format types docs wheel bench lock clean

help:
	@echo "make report   set up, run the case $(CASE) and say where its report is (CASE=… for another)"
	@echo "make test     set up and run the tests"
	@echo "make setup    make $(VENV) from the locked versions, all extras"
	@echo "make lint types docs wheel bench   the other checks of .ci/run;  make lock: resolve the versions again (needs uv)"

setup: $(STAMP)

$(STAMP): pyproject.toml uv.lock requirements/all.txt scripts/setup.sh
	@bash scripts/setup.sh $(VENV)
	@touch $@

report: $(STAMP)
	@$(BIN)/gaiatsu run $(CASE) --out $(REPORT) --force
	@echo "The report is in $(REPORT)/report.html: open it in a browser."

test: $(STAMP)
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadscope $(PYTEST)

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(STAMP)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: $(STAMP)
	@$(BIN)/mypy

docs: $(STAMP)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --site-dir site
	@echo "The pages are in site/index.html."

wheel: $(STAMP)
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist

bench: $(STAMP)
	@if [ -f benchmarks/solve.py ]; then $(BIN)/python benchmarks/solve.py --short; else echo "no benchmarks/solve.py"; fi

lock:
	uv lock --upgrade
	uv export --quiet --frozen --all-extras --no-emit-project --no-annotate --output-file requirements/all.txt
	uv export --quiet --frozen --no-emit-project --no-annotate --output-file requirements/core.txt

clean:
	rm -rf $(VENV) dist site build .pytest_cache .mypy_cache .ruff_cache
