# The daily commands. All that they need is git, make, a Python of 3.11 or later with venv, and a package index.
# Another Python: make PYTHON=/path/to/python3.12 test
# Arguments for the tool that runs: make units ARGS="-k compare"

PYTHON ?= python3
ARGS ?=

version := $(shell "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
ready := .venv/ready-$(version)
nox := .venv/bin/python -m nox

.DEFAULT_GOAL := help
.PHONY: help test units integration test-next sanity lint build demo bench clean

help: ## shows this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

test: $(ready) ## runs all tests and checks
	$(nox)

units: $(ready) ## runs the unit tests
	$(nox) -s units -- $(ARGS)

integration: $(ready) ## runs the integration tests, with the oldest and the newest ansible-core, both ways
	$(nox) -s integration integration_module many -- $(ARGS)

test-next: $(ready) ## runs the integration tests with the ansible-core to come (Python 3.13)
	$(nox) -s integration_next -- $(ARGS)

sanity: $(ready) ## runs ansible-test sanity
	$(nox) -s sanity -- $(ARGS)

lint: $(ready) ## runs ansible-lint, the linters, and the checks of docs, changelog and metadata
	$(nox) -s ansible_lint changelog lint docs-check extra-checks build-import-check

build: $(ready) ## builds the collection's archive
	$(nox) -s build

demo: $(ready) ## shows the collection at work on an emulator of the API
	$(nox) -s demo

bench: $(ready) ## measures what an item of a loop costs (takes an hour and a half)
	$(nox) -s bench -- $(ARGS)

clean: ## removes all that the other commands have made
	rm -rf .ansible .cache .venv .hypothesis tests/output *.tar.gz

$(ready): requirements-dev.txt
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Python 3.11 or later is needed, and "$(PYTHON)" is $(or $(version),none that runs). Name another: make PYTHON=/path/to/python3.12' >&2; exit 1; }
	"$(PYTHON)" -m venv --clear .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch "$@"
