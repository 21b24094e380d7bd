# Everything runs from .venv, which holds exactly what constraints.txt says; it is made
# when missing and renewed when pyproject.toml or constraints.txt has changed.

PYTHON ?= python3
JOBS ?= 2
ARGS ?=

# A file runs in one process: its fixtures and its networks' programs are made once.
DIST := --dist loadfile --no-loadscope-reorder

# Other kernels than this processor's, as on an older one. NumPy refuses features that
# it or the processor does not have, so it is asked for those that it would use.
KERNELS = ONEDNN_MAX_CPU_ISA=AVX2 OPENBLAS_CORETYPE=Sandybridge SKDL_XLA=1 \
	NPY_DISABLE_CPU_FEATURES="$$($(BIN)/python -c '$(NUMPY_FEATURES)')"
NUMPY_FEATURES = from numpy._core import _multiarray_umath as m; \
	print(*(f for f in m.__cpu_dispatch__ if m.__cpu_features__[f]))

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq

# A foreign environment must not leak into ours.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-kernels check format bench docs clean

help: ## Say what there is
	@echo "make TARGET [ARGS='...']"
	@sed -n 's/^\([a-z-]*\):[^#]*## /  \1\t/p' Makefile

demo: $(READY) ## Tune, explain and report on real data: examples/tune_and_explain.py
	@$(BIN)/python examples/tune_and_explain.py $(ARGS)

test: $(READY) ## Run the tests but the slow ones (ARGS="-k word", JOBS=1 for one process)
	@$(BIN)/python -m pytest -q -n $(JOBS) $(DIST) -m "not slow" $(ARGS)

test-slow: $(READY) ## Run the slow tests
	@$(BIN)/python -m pytest -q -n $(JOBS) $(DIST) -m slow $(ARGS)

test-kernels: $(READY) ## Run the tests of numbers with the kernels of another processor
	@$(KERNELS) $(BIN)/python -m pytest -q -n $(JOBS) $(DIST) -m "numeric and not slow" $(ARGS)

check: $(READY) ## Formatting, lint, types and the floors' contracts
	@status=0; \
	$(BIN)/ruff format --quiet --check . || status=1; \
	$(BIN)/ruff check --quiet . || status=1; \
	$(BIN)/mypy --no-error-summary || status=1; \
	report=$$($(BIN)/lint-imports 2>&1) || { status=1; echo "$$report"; }; \
	exit $$status

format: $(READY) ## Put the sources into shape
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

bench: $(READY) ## Run the benchmarks
	@for file in benchmarks/*.py; do \
		echo "== $$file"; $(BIN)/python "$$file" $(ARGS) || exit 1; \
	done

docs: $(READY) ## Run the work of the course notes in full into docs/notes.md
	@$(BIN)/python docs/build_notes.py $(ARGS)

clean: ## Remove .venv and the caches
	@rm -rf $(VENV) .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('skdl needs Python 3.11 or newer, got ' + sys.version.split()[0] + '. Name another one: make PYTHON=python3.12')"
	@echo "Making $(VENV) from constraints.txt: about two minutes, once."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install -c constraints.txt hatchling editables
	@$(PIP) install -c constraints.txt --no-build-isolation -e ".[bench,demo,test]"
	@touch $(READY)
