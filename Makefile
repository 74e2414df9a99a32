# Every verb needs nothing but a fresh Debian or Ubuntu machine with Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin
SAMPLES := reference/xor-mlp/samples

.PHONY: setup demo test test-slow verify lint bench bench-web box

setup: .venv/ready box  ## the virtual environment with everything in it, and bubblewrap

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv || { sh .ci/apt python3-venv && $(PYTHON) -m venv .venv; }
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

box:  ## bubblewrap, through apt where that may be; else the doctor says what to do
	@command -v bwrap >/dev/null || sh .ci/apt bubblewrap || $(BIN)/grader doctor

demo: setup  ## grades three bundled notebooks: right, with a classic mistake, hostile; then fills a course
	@for sample in right mistake hostile; do \
	    printf '\n=== %s ===\n' "$(SAMPLES)/$$sample.ipynb"; \
	    $(BIN)/grader run xor-mlp $(SAMPLES)/$$sample.ipynb; [ $$? -le 1 ] || exit 1; \
	done
	$(BIN)/grader demo

test: setup  ## the tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-slow: setup  ## proofs that take minutes: every mutant, a real browser
	$(BIN)/python -m pytest -m slow -n 2 --dist worksteal

verify: setup  ## the kill matrix of every assignment
	$(BIN)/grader verify

bench: setup  ## against nbgrader, otter-grader and bare Python; QUICK=1 leaves the two graders out
	$(BIN)/python -m bench $(if $(QUICK),--quick)

bench-web: setup  ## the pages of a large course through the real server; QUICK=1: a small one
	$(BIN)/python -m bench.web $(if $(QUICK),--quick)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check grader tests webapp
	$(BIN)/mypy
