# `make sweep` and `make test` install what they need; PYTHON names another interpreter, VENV another place.
PYTHON ?= python3
VENV ?= .venv
EXPERIMENT ?= gap_sweep
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt

.PHONY: sweep test lint dashboard clean

sweep: $(VENV)/user
	$(BIN)/python -m seqbench +experiment=$(EXPERIMENT)

test: $(VENV)/developer
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/developer
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

dashboard: $(VENV)/user
	$(BIN)/python -m seqbench.dashboard

clean:
	rm -rf $(VENV) build dist

# The stamps are newer than what they were made from, or the environment is brought up to date.
$(VENV)/user: pyproject.toml constraints.txt | $(VENV)/pip
	$(PIP) -e .
	@touch $@

$(VENV)/developer: pyproject.toml constraints.txt | $(VENV)/pip
	$(PIP) -e ".[dev]"
	@touch $@ $(VENV)/user

$(VENV)/pip:
	@$(PYTHON) -c 'import sys; sys.exit("seqbench needs Python 3.11 to 3.13, this is " + sys.version.split()[0] + "; try make PYTHON=python3.12") if not (3, 11) <= sys.version_info < (3, 14) else None'
	$(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (about 1 GB, a few minutes, once)"
	@touch $@
