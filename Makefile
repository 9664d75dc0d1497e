# `make sweep` and `make test` install what they need; PYTHON names another interpreter, VENV another place.
PYTHON ?= python3
VENV ?= .venv
EXPERIMENT ?= gap_sweep
BIN := $(VENV)/bin
REPORT := reports/$(EXPERIMENT)
REFERENCE := reports/reference/$(EXPERIMENT)
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt

.PHONY: sweep next test faults lint docs dashboard server reference clean

sweep: $(VENV)/user
	$(BIN)/python -m seqbench +experiment=$(EXPERIMENT)
	@$(MAKE) -s next

# What can be typed after a sweep; the run is the best one that the report looks into.
next:
	@run=$$(sed -n '/"trace_best"/{n;s/[^0-9a-f]*\([0-9a-f]\{8\}\).*/\1/p;}' $(REPORT)/manifest.json 2>/dev/null); \
	echo "Next:"; \
	printf '  %-61s # %s\n' \
	  "$(BIN)/python -m seqbench.dashboard" "every run, in the browser" \
	  "$(BIN)/python -m seqbench +experiment=gap_sweep model=gru" "GRU over growing gaps; --help lists the rest" \
	  "$(BIN)/python -m seqbench.trace run=$${run:-ID}" "one sequence through a trained model"

test: $(VENV)/developer
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --max-worker-restart 0

# The long ones: about 10 minutes on 2 cores (docs/reliability.md).
faults: $(VENV)/developer
	$(BIN)/python -m pytest tests/faults -m long -v

lint: $(VENV)/developer
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

# The site, strict: a link that leads nowhere ends it (docs/site.md).
docs: $(VENV)/writer
	cd docs && $(abspath $(BIN))/python -m pages ../build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

dashboard: $(VENV)/user
	$(BIN)/python -m seqbench.dashboard

# A tracking server on this machine, with PostgreSQL (docs/server.md); SERVER has further words for it.
server: $(VENV)/user
	$(PIP) -e ".[server]"
	$(BIN)/python -m seqbench.server $(SERVER)

# What is committed of a report: it is written in brief, with those figures as files that a document shows.
reference: $(VENV)/user
	figures=$$(git grep -ho '$(REFERENCE)/figures/[a-z_]*\.svg' -- '*.md' | sort -u | sed 's|.*/||; s|\.svg$$||'); \
	$(BIN)/python -m seqbench.report $(EXPERIMENT) --brief --svg "$$(echo $$figures)"

clean:
	rm -rf $(VENV) build dist site

# The stamps are newer than what they were made from, or the environment is brought up to date.
$(VENV)/user: pyproject.toml constraints.txt | $(VENV)/pip
	$(PIP) -e .
	@touch $@

$(VENV)/developer: pyproject.toml constraints.txt | $(VENV)/pip
	$(PIP) -e ".[dev]"
	@touch $@ $(VENV)/user

$(VENV)/writer: pyproject.toml constraints.txt | $(VENV)/pip
	$(PIP) -e ".[docs]"
	@touch $@ $(VENV)/user

$(VENV)/pip:
	@$(PYTHON) -c 'import sys; sys.exit("seqbench needs Python 3.11 to 3.13, this is " + sys.version.split()[0] + "; try make PYTHON=python3.12") if not (3, 11) <= sys.version_info < (3, 14) else None'
	$(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) (about 1 GB, a few minutes, once)"
	@touch $@
