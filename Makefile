# make run    the dashboard on http://127.0.0.1:8501, its first data set ready
# make test   every quick test; make test-slow, the rest
# make chaos  half an hour of kills, full disks, moves, damage and crowds, whose seed is printed
# make fuzz   a thousand odd configs and a thousand damaged files, whose seed is printed
# make simulate  every promise of the judge, counted in studies with a known truth; minutes
# make studies  the studies of docs/studies on CIFAR-10, from nothing to their reports; hours. ARGUMENTS=--quick: minutes
# make demo   the dashboard with those runs, to look at
# make lint   ruff and mypy; make bench, speed against named peers
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501
export OMP_WAIT_POLICY := PASSIVE

# What measures memory, kills or waits for processes has the machine to itself.
ALONE := tests/chaos tests/fuzz tests/engine/costs tests/engine/launch

.PHONY: run demo test test-slow chaos fuzz simulate studies lint types bench constraints clean chromium

run: .venv/run
	@$(BIN)/python -m engine data Digits
	@$(BIN)/python -m engine models tinyvgg >/dev/null
	$(BIN)/streamlit run app --server.port $(PORT) $(ARGUMENTS)

demo: .venv/run
	DARKROOM_HOME=docs/studies/home DARKROOM_READ_ONLY=1 $(BIN)/streamlit run app --server.port $(PORT) $(ARGUMENTS)

test: .venv/test chromium
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow and not browser"
	$(BIN)/python -m pytest -n 2 tests/browser

test-slow: .venv/test chromium
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "slow and not browser" $(ALONE:%=--ignore %)
	$(BIN)/python -m pytest -m "slow and not browser" $(ALONE)

chaos: .venv/test
	$(BIN)/python -m tests.chaos $(ARGUMENTS)

fuzz: .venv/test
	$(BIN)/python -m tests.fuzz $(ARGUMENTS)

simulate: .venv/test
	$(BIN)/python -m tests.simulate $(ARGUMENTS)

studies: .venv/test
	$(BIN)/python -m tests.studies $(ARGUMENTS)

lint: .venv/test types
	$(BIN)/ruff check .

types: .venv/test
	$(BIN)/mypy

bench: .venv/test .venv-peers/made chromium
	$(BIN)/python -m tests.bench

# The newest versions within the bounds, kept only if every test passes with them.
constraints: chromium
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt
	(head -1 constraints.txt; $(BIN)/python -m pip freeze | grep -E '^[A-Za-z0-9_.-]+==') > constraints.new
	touch .venv/run .venv/test
	$(MAKE) lint test test-slow
	mv constraints.new constraints.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache

# A stamp a requirements file: nothing is installed, or asked for, when it is newer than the file.
.venv/run: requirements.txt constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --requirement requirements.txt --constraint constraints.txt
	@touch $@

.venv/test: requirements-dev.txt .venv/run
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.txt --constraint constraints.txt
	@touch $@

# MLflow and Trackio, which want other versions of what Darkroom uses.
.venv-peers/made: tests/bench/requirements-peers.txt
	$(PYTHON) -m venv --clear .venv-peers
	.venv-peers/bin/python -m pip install --quiet --requirement $<
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Darkroom needs Python 3.11 or newer; name one: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv

# The browser tests' Chromium: an installed one, else Debian's package when root, else Playwright's own.
chromium: .venv/test
	@command -v chromium chromium-browser google-chrome >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
			&& apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } \
		|| $(BIN)/playwright install chromium
