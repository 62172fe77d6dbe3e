# Two commands matter to a newcomer: `make demo` and `make test`. `make help` lists the rest.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
READY := .venv/ready
WORKERS ?= 2
PYTHON ?= $(or $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo $$python && break; done))
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
PYTEST := $(BIN)/pytest -n $(WORKERS) -q
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header
WEB := taf_service/web
NODE_READY := $(WEB)/node_modules/ready
# The machine's own Node comes first; where there is none, one from a Python package does.
PEERS_READY := bench/peers/node_modules/ready
WITH_NODE := PATH="$$PATH:$(CURDIR)/$(BIN)"
CLIENT := tests/web_client
CLIENT_READY := $(CLIENT)/node_modules/ready

.PHONY: help
help: ## List these targets
	@awk -F ':.*## ' '/^[.a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(READY) ## Play the story of one TAF meeting and keep serving (ONCE=1: end after the story)
	$(BIN)/taf demo $(if $(ONCE),--once)

.PHONY: test
test: $(READY) ## Run every test
	$(PYTEST) $(ARGS)

.PHONY: check
check: ## Run exactly what CI runs: tests, lint, demo, audit
	@bash .ci/run

.PHONY: lint
lint: style types imports ## Check style, types and who imports whom

.PHONY: style
style: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: types
types: $(READY)
	$(BIN)/mypy

.PHONY: imports
imports: $(READY)
	$(BIN)/lint-imports

.PHONY: coverage
coverage: $(READY) ## Run every test and require the coverage that pyproject.toml asks for
	$(PYTEST) --cov --cov-report=term-missing:skip-covered $(ARGS)

.PHONY: soak
soak: $(READY) ## Run the reliability and read-path tests in their full, long form
	TAF_SOAK=1 $(BIN)/pytest -q -p no:randomly tests/reliability tests/schema/compiler $(ARGS)

.PHONY: audit
audit: $(READY) $(NODE_READY) ## Hold /graphql against the GraphQL over HTTP specification
	$(WITH_NODE) $(BIN)/python -m tests.web_audit

.PHONY: client
client: $(READY) $(CLIENT_READY) ## Generate a TypeScript client from the SDL without a warning, compile it
	cd $(CLIENT) && $(WITH_NODE) npm run --silent client

.PHONY: vulnerabilities
vulnerabilities: $(READY) ## Ask whether a locked package has a known vulnerability
	$(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements.lock

.PHONY: node
node: $(NODE_READY) ## Install what comes from npm: GraphiQL for the demo, the audit

.PHONY: bench
bench: $(READY) $(PEERS_READY) ## Measure this service beside others (ARGS=--quick: a minute or two)
	$(BIN)/python -m bench.run $(ARGS)

.PHONY: format
format: $(READY) ## Put the code into its one format
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

.PHONY: schema
schema: $(READY) ## Write the SDL to schema/schema.graphql
	$(BIN)/taf export-schema > schema/schema.graphql.new
	mv schema/schema.graphql.new schema/schema.graphql

.PHONY: publish-schema
publish-schema: schema ## Promise today's SDL to clients; the README must name what breaks
	$(BIN)/python -m tests.schema.promises
	cp schema/schema.graphql schema/published.graphql

.PHONY: lock
lock: $(READY) ## Bring both locks in line with pyproject.toml (UPGRADE=1: newest versions)
	$(COMPILE) pyproject.toml $(if $(UPGRADE),--upgrade) -o requirements.lock
	$(COMPILE) pyproject.toml $(if $(UPGRADE),--upgrade) --group dev -c requirements.lock \
		-o requirements-dev.lock
	$(COMPILE) --group pyproject.toml:node $(if $(UPGRADE),--upgrade) -o requirements-node.lock

.PHONY: clean
clean: ## Remove what can be made again; var/ with its databases stays
	rm -rf .venv .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -rf build *.egg-info $(WEB)/node_modules bench/peers/node_modules
	rm -rf $(CLIENT)/node_modules $(CLIENT)/build

.PHONY: .venv
.venv: $(READY) ## Make or renew the virtual environment from the lock (PYTHON=... names the Python)

# The lock is whole, so pip resolves nothing (--no-deps): left to itself it looks past the pins of
# packages that another asks for with an extra. The second install needs nothing from outside.
$(READY): requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with its venv module is needed: install it \
	(Debian: apt install python3 python3-venv), or name it with make PYTHON=/path/to/python3." >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@echo "Installing what the lock names into .venv (a minute or two the first time)"
	$(PIP) --require-hashes --no-deps -r requirements-dev.lock
	$(PIP) --no-index --no-deps --no-build-isolation -e .
	@touch $@

$(NODE_READY): $(WEB)/package-lock.json requirements-node.lock $(READY)
	@command -v npm >/dev/null || $(PIP) --require-hashes --no-deps -r requirements-node.lock
	cd $(WEB) && $(WITH_NODE) npm ci --ignore-scripts
	@touch $@

$(CLIENT_READY): $(CLIENT)/package-lock.json requirements-node.lock $(READY)
	@command -v npm >/dev/null || $(PIP) --require-hashes --no-deps -r requirements-node.lock
	cd $(CLIENT) && $(WITH_NODE) npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Some of the peers need a younger Node than a machine may have.
$(PEERS_READY): bench/peers/package-lock.json requirements-node.lock $(READY)
	$(PIP) --require-hashes --no-deps -r requirements-node.lock
	cd bench/peers && $(WITH_NODE) npm ci --ignore-scripts --no-audit --no-fund
	@touch $@
