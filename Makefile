PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8000
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Tests start hundreds of processes of ours: each would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: environments image-check help dev run worker demo test test-browser test-clients test-redis test-postgres check format lint types contracts openapi openapi-check release-check release reference reference-check fmt bench bench-start bench-auth bench-sync bench-peers bench-webhooks soak clean

help:  ## Say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt requirements-server.txt constraints.txt | $(BIN)/python
	@echo "Installing what requirements.txt names into $(VENV) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing what requirements-dev.txt names into $(VENV) ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

environments: $(VENV)/.installed-browser $(VENV)-clients/.installed $(VENV)-server/.installed

dev: $(VENV)/.installed-dev  ## Install what developing needs: tests, checks, and the commands for authors of connectors

run: $(VENV)/.installed  ## Start the API on http://localhost:8000 (PORT=8010 for another port)
	$(BIN)/python -m src.cli serve --port $(PORT)

worker: $(VENV)/.installed  ## Do jobs in a process of their own, as hints come from JOBS_BROKER_URL; PROCESSES=4 for more
	$(BIN)/python -m src.cli worker --processes $(or $(PROCESSES),1)

demo: $(VENV)/.installed  ## Browse an imitation GitHub over HTTP; ONCE=1 stops the server at the end
	$(BIN)/python -m src.cli demo --port $(PORT) $(if $(ONCE),--once)

test: $(VENV)/.installed-dev  ## Run all tests
	$(BIN)/python -m pytest --numprocesses logical --dist worksteal --cov --cov-report=term:skip-covered

$(VENV)/.installed-browser: requirements-browser.txt $(VENV)/.installed-dev
	@echo "Installing what requirements-browser.txt names into $(VENV) ..."
	@$(PIP) -r requirements-browser.txt
	@touch $@

test-browser: $(VENV)/.installed-browser  ## Try the connect page in a Chromium that is installed, or that CHROMIUM names
	$(BIN)/python -m pytest tests/browser

test-redis: $(VENV)/.installed-dev  ## Try workers on a Redis of their own: redis-server is on the PATH, or REDIS_SERVER names one
	$(BIN)/python -m pytest tests/redis

test-postgres: $(VENV)/.installed-dev  ## Try the example connector on a PostgreSQL of its own: of Debian's, or POSTGRES_BIN names its programs
	$(BIN)/python -m pytest tests/postgres

$(VENV)-clients/.installed: requirements-clients.txt
	$(PYTHON) -m venv $(VENV)-clients
	@$(VENV)-clients/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-clients.txt
	@touch $@

test-clients: $(VENV)-clients/.installed $(VENV)/.installed-dev  ## Generate clients in Python and TypeScript and walk with them; needs Node.js
	CLIENTS_VENV=$(VENV)-clients $(BIN)/python -m pytest tests/clients

image-check: $(VENV)-server/.installed  ## Does the service start with what the image installs?
	ENCRYPTION_KEY=$$($(VENV)-server/bin/python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
	  MONGODB_URL=mongodb://127.0.0.1:9/ $(VENV)-server/bin/python -c 'from src.api.main import app'

$(VENV)-server/.installed: requirements-server.txt constraints.txt
	$(PYTHON) -m venv $(VENV)-server
	$(VENV)-server/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-server.txt
	@touch $@

check: format lint types contracts openapi-check release-check reference-check image-check test  ## All that must hold before a commit lands

format: $(VENV)/.installed-dev  ## Is everything formatted?
	$(BIN)/ruff format --check .

lint: $(VENV)/.installed-dev  ## Code, Dockerfile and compose file
	$(BIN)/ruff check .
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec compose.yaml

types: $(VENV)/.installed-dev
	$(BIN)/mypy

contracts: $(VENV)/.installed-dev  ## Who may import whom
	PYTHONPATH=. $(BIN)/lint-imports

fmt: $(VENV)/.installed-dev  ## Format and repair what can be repaired
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

openapi: $(VENV)/.installed  ## Write interfaces/openapi.json
	$(BIN)/python -m src.api.generate_openapi

openapi-check: $(VENV)/.installed
	$(BIN)/python -m src.api.generate_openapi --check

release-check: $(VENV)/.installed  ## Is each change that breaks callers of the last release named in CHANGELOG.md?
	$(BIN)/python -m src.api.releases.check

reference: $(VENV)/.installed-dev  ## Write docs/connector-reference.md
	$(BIN)/python -m src.cli.connector.reference

reference-check: $(VENV)/.installed-dev
	$(BIN)/python -m src.cli.connector.reference --check

release: openapi-check  ## Take interfaces/openapi.json along as that of a new release
	$(BIN)/python -m src.api.releases.check --release

bench: $(VENV)/.installed-dev  ## Measure browsing against plain proxies, and the mapping of each connector
	$(BIN)/python -m benchmarks.browse
	$(BIN)/python -m benchmarks.mapping

bench-start: $(VENV)/.installed-dev  ## Measure the time to the first answer, and memory
	$(BIN)/python -m benchmarks.start

bench-auth: $(VENV)/.installed-dev  ## Measure who is calling and with what; CONNECTIONS=1000,1000000 for more
	$(BIN)/python -m benchmarks.auth $(if $(CONNECTIONS),--connections $(CONNECTIONS))

bench-sync: $(VENV)/.installed-dev  ## Measure synchronizing; ISSUES=2000 for a shorter run
	$(BIN)/python -m benchmarks.sync $(if $(ISSUES),--issues $(ISSUES))

bench-peers: $(VENV)/.installed-dev  ## Measure synchronizing beside other tools, each in an environment of its own
	$(BIN)/python -m benchmarks.sync --peers $(if $(ISSUES),--issues $(ISSUES))

bench-webhooks: $(VENV)/.installed-dev  ## Measure webhooks that come in; SECONDS=10 for a shorter run
	$(BIN)/python -m benchmarks.webhooks $(if $(SECONDS),--seconds $(SECONDS))

soak: $(VENV)/.installed-dev  ## Look for memory that is not let go; REQUESTS=10000 for a shorter run
	$(BIN)/python -m benchmarks.soak --requests $(or $(REQUESTS),100000)

clean:  ## Remove what was installed and cached, not the data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
