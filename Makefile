# Every target makes what it needs: virtual environment, build, install. `make help` lists them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
# No target calls make again, and cargo warns of make's jobs, which it cannot join.
unexport MAKEFLAGS MFLAGS

PYTHON ?= python3
ARGS ?=
VENV := .venv
export PYTHON
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PATH := $(VIRTUAL_ENV)/bin:$(PATH)
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet

# Recorded radar data for the tests that need it; they skip where it is absent.
ifndef QIKI_TEST_DATA
ifneq ($(wildcard ../shared/data),)
export QIKI_TEST_DATA := $(abspath ../shared/data)
endif
endif

# What the compiled modules are made of; Python files take effect without a rebuild.
SOURCES := $(shell find core_native bindings -type f \( -name '*.rs' -o -name '*.toml' -o -name '*.py' \)) \
    $(shell find qiki -type f \( -name '*.pyx' -o -name '*.pxd' -o -name '*.h' \)) \
    Cargo.toml Cargo.lock pyproject.toml setup.py

RUN_READY := $(VENV)/.run-dependencies
DEV_READY := $(VENV)/.dev-dependencies
PEERS_READY := $(VENV)/.peers
MUTANTS := target/tools/bin/cargo-mutants
INSTALLED := $(VENV)/.installed
ifeq ($(wildcard qiki/_core.abi3.so),)
.PHONY: $(INSTALLED)
endif

$(RUN_READY): requirements/run.txt
	@scripts/check_prerequisites
	@echo "qiki: preparing $(VENV)"
	@test -x $(VENV)/bin/python || "$(PYTHON)" -m venv $(VENV)
	@$(PIP) install --require-hashes -r $<
	@touch $@

$(DEV_READY): requirements/dev.txt | $(RUN_READY)
	@echo "qiki: adding the development tools to $(VENV)"
	@$(PIP) install --require-hashes -r $<
	@touch $@

$(PEERS_READY): requirements/peers.txt | $(DEV_READY)
	@echo "qiki: adding the peers of the gates to $(VENV)"
	@$(PIP) install --require-hashes --no-deps -r $<
	@touch $@

$(MUTANTS):
	@echo "qiki: building cargo-mutants into target/tools"
	@cargo install --quiet --root target/tools cargo-mutants --version 27.1.0 --locked

$(INSTALLED): $(SOURCES) $(RUN_READY)
	@scripts/check_prerequisites
	@echo "qiki: building the core (some minutes the first time)"
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: help  ## Show this list
help:
	@sed -n 's/^\.PHONY: \([a-z-]*\)  ## \(.*\)/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | \
	    while IFS='	' read -r name text; do printf '  make %-8s %s\n' "$$name" "$$text"; done

.PHONY: install  ## Make .venv and build and install qiki there, editable, optimised
install: $(INSTALLED)

.PHONY: run  ## Run the whole system, from radar to tracks: make run ARGS="--duration 20"
run: $(INSTALLED)
	@$(VENV)/bin/qiki up $(ARGS)

.PHONY: test  ## Run every test: Python, then the core in debug and release; ARGS go to pytest
test: test-python test-core

.PHONY: test-python
test-python: $(INSTALLED) $(DEV_READY)
	$(VENV)/bin/python -m pytest $(ARGS)

.PHONY: test-core
test-core: $(INSTALLED)
	cargo test --quiet --locked --package qiki-core
	cargo test --quiet --locked --package qiki-core --profile optimised-tests

.PHONY: lint  ## Check format, lints and types of Rust and Python
lint: $(INSTALLED) $(DEV_READY)
	cargo fmt --all --check
	cargo clippy --quiet --locked --workspace --all-targets -- --deny warnings
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/python -m mypy.stubtest qiki._core qiki.hardware --allowlist scripts/stubtest_allowlist.txt

.PHONY: gates  ## Run the latency gates and the comparisons with peers; ARGS go to pytest
gates: $(INSTALLED) $(DEV_READY) $(PEERS_READY)
	@mkdir -p .benchmarks
	$(VENV)/bin/python -m pytest bench --benchmark-enable --benchmark-json=.benchmarks/gates.json $(ARGS)

.PHONY: accuracy  ## Run what docs/accuracy.md says, half an hour, and write it; ARGS="--ours" leaves peers
accuracy: $(INSTALLED) $(DEV_READY)
	OPENBLAS_NUM_THREADS=1 $(VENV)/bin/python -m bench.accuracy $(ARGS)

.PHONY: faults  ## Run the long forms under faults, half an hour, and write one table of the bars
faults: $(INSTALLED) $(DEV_READY)
	$(VENV)/bin/python -m pytest tests/faults tests/protocol -o timeout=0 --fault-frames 30000 \
	    --bridge-kills 200 --broker-kills 50 --rivals 20 --stopped-s 60 --schedules 100000 $(ARGS)

.PHONY: docking  ## Fly fifty seeds of the default scenario into the station's latches
docking: $(INSTALLED) $(DEV_READY)
	$(VENV)/bin/python -m tests.agent.fifty_seeds $(ARGS)

.PHONY: endurance  ## Run the whole system for an hour of simulated time, some minutes
endurance: $(INSTALLED) $(DEV_READY)
	$(VENV)/bin/python -m pytest tests/endurance --simulated-s 3600 $(ARGS)

.PHONY: mutants  ## Change the tracker on trial, many hours, and list what no test notices; ARGS="--shard 1/40"
mutants: $(MUTANTS)
	CARGO_TARGET_DIR=$(CURDIR)/target/mutants nice $(MUTANTS) mutants --output target $(ARGS)

.PHONY: protos  ## Write qiki/wire/generated anew from protos/*.proto
protos:
	@$(PYTHON) protos/generate.py

.PHONY: docs  ## Write what docs/ says of scenario files anew from the schema, and the pictures
docs: $(INSTALLED)
	@$(VENV)/bin/python -m docs.generate

.PHONY: wheel  ## Build the source archive and the wheel into dist/
wheel: $(INSTALLED) $(DEV_READY)
	$(VENV)/bin/python -m build --outdir dist

.PHONY: lock  ## Resolve requirements/*.txt anew from pyproject.toml
lock: $(DEV_READY)
	@scripts/lock_dependencies

.PHONY: clean  ## Remove everything that was built, .venv included
clean:
	rm -rf $(VENV) target build dist qiki/_core.*.so qiki/hardware/*.so qiki/hardware/*.c
