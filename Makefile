# Everything a person or CI runs. `make help` lists the targets.

VENV  := .venv
BIN   := $(VENV)/bin
UV    := uv==0.13.9
SUDO  := $(if $(filter 0,$(shell id -u)),,sudo)
export PYTHONPATH := $(CURDIR)

DEMO_PERSONS ?= 500
DEMO_SEED    ?= 1
FONT_PACKAGES := fonts-noto-cjk fonts-hanazono
TEST_PACKAGES := $(FONT_PACKAGES) postgresql libreoffice-calc-nogui chromium openssh-server

TWO_AT_ONCE   := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help setup fonts demo test quick-tests test-full bench bench-ingest bench-build lint up build lock clean

help:            ## list the targets
	@grep -E '^[a-z-]+: .*##|^[a-z-]+:  *##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

setup: $(VENV)/.ready  ## create .venv with everything in requirements.txt

$(VENV)/.ready: requirements.txt
	@test -x $(BIN)/pip || python3 -m venv $(VENV) >/dev/null 2>&1 || \
	  { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq python3-venv >/dev/null && python3 -m venv --clear $(VENV); }
	@$(BIN)/pip install -q --disable-pip-version-check $(UV)
	@$(BIN)/uv pip install -q --python $(BIN)/python --compile-bytecode -r requirements.txt
	@touch $@

# Debian packages that are missing, installed once.
define need_packages
	@missing=$$(for package in $(1); do dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || echo $$package; done); \
	if [ -n "$$missing" ]; then echo "installing" $$missing; \
	  $(SUDO) apt-get update -qq && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi
endef

fonts:           ## install the Debian fonts that statements are printed with
	$(call need_packages,$(FONT_PACKAGES))

demo: setup fonts ## a sample province through every DAG, to workbook, bulletin, print lots and quality page
	@$(BIN)/python dags/run_demo.py --persons $(DEMO_PERSONS) --seed $(DEMO_SEED)

test: setup      ## linters and all tests but the slow ones
	$(call need_packages,$(TEST_PACKAGES))
	@$(MAKE) --no-print-directory -j2 lint quick-tests

quick-tests: setup
	@$(BIN)/pytest -m "not slow" $(TWO_AT_ONCE)

test-full: setup ## all tests
	$(call need_packages,$(TEST_PACKAGES))
	@$(MAKE) --no-print-directory lint
	@$(BIN)/pytest $(TWO_AT_ONCE)

bench: setup fonts ## pages of statements a second, end to end and for the page maker alone
	@$(BIN)/python tests/bench.py

bench-ingest: setup ## receiving against DuckDB alone, rejected rows against none, and memory
	@$(BIN)/python tests/bench_ingest.py

bench-build: setup ## dbt builds against the same statements by hand on both engines, a further month, memory (hours)
	$(call need_packages,postgresql)
	@$(BIN)/python tests/bench_build.py

lint: setup      ## ruff, sqlfluff and yamllint
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/yamllint -s . && $(BIN)/sqlfluff lint -q --processes 2 dbt/models dbt/tests

build: setup     ## build the warehouse from what has landed, through the quality gate, and publish it
	@$(BIN)/python dbt/build.py

up: setup        ## Airflow with our DAGs, to look at, on http://localhost:8080
	@$(BIN)/python dags/run_airflow.py

lock:            ## make requirements.txt anew from requirements.in
	@$(BIN)/uv pip compile -q requirements.in -o requirements.txt --no-emit-index-url --custom-compile-command "make lock"

clean:           ## remove what runs made (not .venv)
	rm -rf .warehouse dbt/target dbt/logs
