# The daily commands. All that they need is git, make, a Python of 3.11 or later with venv, and a package index.
# Another Python: make PYTHON=/path/to/python3.12 test
# Arguments for the tool that runs: make units ARGS="-k compare"

PYTHON ?= python3
ARGS ?=
ONLY ?= matrix

version := $(shell "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
ready := .venv/ready-$(version)
nox := .venv/bin/python -m nox
# For uv, which then installs the rest in half the time, and for everything where uv must not be used or cannot reach the package index.
pip := .venv/bin/python -m pip install --quiet --disable-pip-version-check
lanes := PYTHONPATH=tests .venv/bin/python -m tools.lanes

.DEFAULT_GOAL := help
.PHONY: help check test units flow integration coverage mutation mutants test-matrix print-matrix sanity lint format docs build changelog release-check demo emulator bench clean

help: ## shows this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

check: $(ready) ## what to run while you work, in a minute: unit tests (less those of the emulator), tests of the flow, types and format
	$(lanes) --set check -- $(ARGS)

test: $(ready) ## runs all tests and checks
	$(lanes) --set test -- $(ARGS)

units: $(ready) ## runs the unit tests
	$(nox) -s units units_emulator -- $(ARGS)

flow: $(ready) ## runs the tests of the flow, over real HTTP and without ansible-playbook
	$(nox) -s flow -- $(ARGS)

integration: $(ready) ## runs the integration tests, by ansible-playbook and its like
	$(lanes) --set integration -- $(ARGS)

test-matrix: $(ready) ## runs sanity, units and integration on all versions of ansible-core and Python (takes an hour and a half), or ONLY=matrix-2.19
	$(lanes) --tag $(ONLY) -- $(ARGS)

print-matrix: ## prints these versions for the workflow of GitHub
	@"$(PYTHON)" tests/tools/matrix.py

coverage: $(ready) ## measures which lines and branches of plugins/ the tests reach (takes ten minutes)
	$(nox) -s coverage -- $(ARGS)

mutation: $(ready) ## measures which changes to the pure files the unit tests notice (takes ten minutes)
	$(nox) -s mutation

mutants: $(ready) ## tries deliberate faults in all files of plugins/, and tells which of them no test notices (takes hours)
	$(nox) -s mutants -- $(ARGS)

sanity: $(ready) ## runs ansible-test sanity
	$(nox) -s sanity -- $(ARGS)

lint: $(ready) ## runs ansible-lint, the linters, and the checks of format, types, licences, docs, changelog and metadata
	$(nox) -s ansible_lint changelog formatting typing lint license-check docs-check extra-checks build-import-check

format: $(ready) ## formats the Python files
	$(nox) -s format

docs: $(ready) ## builds the documentation site
	$(nox) -s docs -- $(ARGS)

build: $(ready) ## builds the collection's archive, the same from the same commit
	$(nox) -s build

changelog: $(ready) ## moves the fragments of the changelog into an entry for the version of galaxy.yml
	$(nox) -s release_changelog -- $(ARGS)

release-check: $(ready) ## says what is missing for a release
	$(nox) -s release_check

demo: $(ready) ## shows the collection at work on an emulator of the API
	$(nox) -s demo

emulator: $(ready) ## serves the emulator of the API, with the jobs of the guides, on port 8484
	$(nox) -s emulator -- $(ARGS)

bench: $(ready) ## measures what an item of a loop costs (takes an hour and a half)
	$(nox) -s bench -- $(ARGS)

clean: ## removes all that the other commands have made
	rm -rf .ansible .cache .venv .hypothesis tests/output *.tar.gz

$(ready): requirements-dev.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Python 3.11 or later is needed, and "$(PYTHON)" is $(or $(version),none that runs). Name another: make PYTHON=/path/to/python3.12' >&2; exit 1; }
	"$(PYTHON)" -m venv --clear .venv
	$(pip) $$(grep '^uv==' requirements-dev.txt)
	$(if $(NOX_DEFAULT_VENV_BACKEND),,.venv/bin/python -m uv pip install --quiet --python .venv/bin/python -r requirements-dev.txt ||) $(pip) -r requirements-dev.txt
	@touch "$@"
