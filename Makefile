# Everything needs only Python 3.11+ and make. `make run` and `make test` set themselves up.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8501
BIN := .venv/bin

.PHONY: setup run test test-all interop installed cluster check fix golden bench kills lock upgrade
.DEFAULT_GOAL := run

setup: .venv/dev

.venv/run: requirements.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "Dailies needs Python 3.11 or newer, this is %d.%d: set PYTHON=python3.12, for example." % v[:2])'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/dev: .venv/run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

run: .venv/run
	$(BIN)/streamlit run app.py --server.address $(HOST) --server.port $(PORT) --server.headless true

# An installed Chromium first; where there is none, the one Playwright brings.
test: .venv/dev
	@$(BIN)/python -m tests.browser.chromium || $(BIN)/playwright install chromium
	$(BIN)/python -m pytest --durations=10 $(TESTS)

# The same with every example: a film and a copied script of every cell, every way to press.
test-all: TESTS = --all
test-all: test

# Third parties against the sandbox: a LiteLLM proxy, and OpenAI's npm package (needs node). Installed once, below build/.
interop: .venv/dev build/litellm/ready build/openai/ready
	$(BIN)/python -m pytest tests/interop --interop -n 0

build/litellm/ready: Makefile
	$(PYTHON) -m venv build/litellm
	build/litellm/bin/python -m pip install --quiet --disable-pip-version-check 'litellm[proxy]==1.108.7'
	@touch $@

build/openai/ready: tests/interop/package.json
	mkdir -p build/openai
	cp tests/interop/package.json build/openai/
	npm install --prefix build/openai --no-package-lock --no-audit --no-fund --silent
	@touch $@

# What `pip install` gives: the package in an environment of its own, its commands, and a clip in a browser.
installed: .venv/dev build/installed/ready
	rm -rf build/wheel && $(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir build/wheel .
	build/installed/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall build/wheel/*.whl
	$(BIN)/python -m pytest tests/browser/installed --installed -n 0

build/installed/ready: requirements.lock
	$(PYTHON) -m venv build/installed
	build/installed/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

# Two apps and two workers on one PostgreSQL and one S3 server: kills and a rolling restart.
cluster: .venv/dev build/moto/ready
	$(BIN)/python -m bench.cluster

build/moto/ready: Makefile
	$(PYTHON) -m venv build/moto
	build/moto/bin/python -m pip install --quiet --disable-pip-version-check 'moto[server]==5.2.5'
	@touch $@

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.readme --check
	$(BIN)/python -c 'from dailies.catalog.load import load; print(sum(1 for _ in load().cells()), "cells")'

fix: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m tools.readme

golden: .venv/dev
	$(BIN)/python -m tests.unit.golden --write

# Writes docs/performance.md, beside what others would write in an environment of their own; `make bench ROW=name`: one row.
bench: .venv/dev build/peers/ready
	$(BIN)/python -m bench $(ROW)

build/peers/ready: requirements-peers.lock
	$(PYTHON) -m venv build/peers
	build/peers/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-peers.lock
	@touch $@

# A process killed 200 times at chosen points and at random, on each database: nothing lost, double, half or left over.
kills: .venv/dev
	$(BIN)/python -m bench.kills 200
	$(BIN)/python -m bench.kills --power-cut
	$(BIN)/python -m bench.kills 200 --postgresql

# Pins with hashes for every platform and Python, without an index address. Needs uv. `upgrade` takes the newest versions.
COMPILE = uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q $(UPGRADE)

lock:
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra cluster -c requirements.lock -o requirements-cluster.lock
	$(COMPILE) pyproject.toml --extra cluster --group dev -c requirements-cluster.lock -o requirements-dev.lock
	$(COMPILE) bench/peers/requirements.in -c requirements.lock -o requirements-peers.lock

upgrade: UPGRADE = --upgrade
upgrade: lock
