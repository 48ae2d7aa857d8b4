# Linux and macOS, GNU make 3.81 or newer. PYTHON=... names the interpreter; without it one is looked for.
PYTHON ?=
BIN := .venv/bin
PIP := $(BIN)/python -m pip -q --disable-pip-version-check install
LOCK := $(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
  --generate-hashes --no-header --no-emit-index-url --no-emit-find-links -q
NPM_LOCK := npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund --loglevel=error
PYTEST := $(BIN)/python -m pytest
# Suites that need more than Python, or more than a few minutes.
REST := callers or browser or slow

.PHONY: help run test test-all test-callers test-rest lint format style types imports docs lock proto proto-all check-proto check-proto-all released bench clean
.DEFAULT_GOAL := help

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

.venv/.made:
	@sh tools/make-venv.sh $(PYTHON)
	@touch $@
.venv/.run: .venv/.made requirements.txt pyproject.toml
	@$(PIP) --require-hashes -r requirements.txt
	@$(PIP) --no-deps --no-build-isolation -e . && touch $@
.venv/.dev: .venv/.run requirements-dev.txt
	@$(PIP) --require-hashes -r requirements-dev.txt && touch $@

run: .venv/.run ## server and emulator on this machine: no SMS leaves it
	@$(BIN)/textback serve --emulator

test: .venv/.dev ## everything that needs Python only
	@$(PYTEST) -q -n 2 --dist loadfile -m "not ($(REST))"
test-all: test test-rest ## also callers in other languages, browser, long runs
test-callers: .venv/.dev ## callers in other languages, with a table; absent toolchains are listed
	@$(PYTEST) -q -m callers
test-rest: .venv/.dev
	@$(PYTEST) -q -m "$(REST)"

lint: style types imports check-proto ## style, types, import rules, contract
style: .venv/.dev
	@$(BIN)/ruff check -q
	@$(BIN)/ruff format --check -q
types: .venv/.dev
	@$(BIN)/mypy
imports: .venv/.dev
	@$(BIN)/lint-imports
format: .venv/.dev ## rewrites Python and proto files in the project's style
	@$(BIN)/ruff check --fix-only -q
	@$(BIN)/ruff format
	@$(BIN)/buf format -w proto

proto: .venv/.dev ## regenerates the Python stubs and the descriptor set
	@sh tools/generate.sh write
proto-all: .venv/.dev ## regenerates every language; needs go, node, java and mvn
	@sh tools/generate.sh write all
check-proto: .venv/.dev
	@$(BIN)/buf lint proto
	@$(BIN)/buf format -d --exit-code proto
	@sh tools/breaking.sh
	@sh tools/generate.sh check
check-proto-all: check-proto
	@sh tools/generate.sh check all
released: .venv/.dev ## keeps today's contract as that of this version; see docs/compatibility.md
	@$(BIN)/buf build proto --exclude-source-info --as-file-descriptor-set \
	  -o proto/released/$$($(BIN)/python -c 'from textback_server import __version__ as v; print(v)').binpb

docs: .venv/.dev ## reprints docs/settings.md, states.md, errors.md and api.md
	@$(BIN)/python -m textback_server.config > docs/settings.md
	@$(BIN)/python -c 'from textback_server.domain.handbook import states_page as p; print(p(), end="")' > docs/states.md
	@$(BIN)/python -c 'from textback_server.domain.errors_page import errors_page as p; \
	  from textback_server.gateway.errors import BY_REASON as codes; print(p(codes), end="")' > docs/errors.md
	@$(BIN)/python -m tools.api_page > docs/api.md

lock: .venv/.dev ## raises all pins to the newest allowed; hashes, no addresses
	@$(LOCK) --upgrade --all-extras --group dev -o requirements-dev.txt
	@$(LOCK) --upgrade -c requirements-dev.txt -o requirements.txt

bench: .venv/.dev ## benchmarks, each beside its floor
	@$(BIN)/python -m bench --into docs

clean: ## removes everything that is not committed
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist var textback-emulator.db*
	@find examples tests generated -type d \( -name node_modules -o -name target \) -prune -exec rm -rf {} +
	@find service tests generated -name __pycache__ -type d -prune -exec rm -rf {} +
