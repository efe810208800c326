# What each does: docs/reference/commands.md
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
MANAGE := $(BIN)/python manage.py
TESTS ?= tests
# One more than there are cores: the one that drives whole products mostly waits for them.
TEST_PROCESSES ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

# Every process of the product and each that tests start would compile the same modules again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := run
.PHONY: run venv test check lint types lock demo-reset docs pictures chromium hledger bench bench-gpu bench-mark chaos chaos-pay leak-drill

run: $(INSTALLED)
	@exec $(MANAGE) up --end-with-parent

venv: $(INSTALLED)

$(INSTALLED): requirements.lock
	@PYTHON="$(PYTHON)" sh .ci/venv $(VENV)
	@touch $@

demo-reset: $(INSTALLED)
	@$(MANAGE) demo_reset
	@exec $(MANAGE) up --end-with-parent

chromium:
	@sh .ci/chromium

hledger:
	@sh .ci/hledger

test: $(INSTALLED) chromium hledger
	$(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --maxprocesses 5 --dist loadscope $(TESTS)

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --lint --quiet templates portal generation review payments
	$(BIN)/lint-imports
	PYTHONWARNINGS=ignore::RuntimeWarning $(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check_translations

types: $(INSTALLED)
	GREENROOM_TOOL=1 $(BIN)/mypy portal generation review payments client/src tests

# Cheap ones first: a wrong import is told in seconds, not after the browser tests.
check: lint types test

# The exact versions everyone installs. torch loses its "+cpu": pip finds the right build itself.
lock: $(INSTALLED)
	$(BIN)/pip-compile --quiet --upgrade --extra dev --strip-extras --allow-unsafe --no-annotate \
		--no-header --no-emit-find-links --no-emit-index-url --output-file requirements.lock pyproject.toml
	sed -i -e 's/+cpu$$//' -e '/^pip==/d' -e '/^#/d' -e '/^$$/d' requirements.lock

docs: $(INSTALLED)
	$(BIN)/sphinx-build -W -b html docs build/docs

pictures: $(INSTALLED) chromium
	$(BIN)/python -m tests.browser.pictures

# Kills everything but the artists, in a folder of its own; 1 when a clip or a GPU second got lost.
chaos: $(INSTALLED)
	$(BIN)/python -m bench.chaos

# 10,000 random operations on the books while processes die; 1 when a minor unit is wrong.
chaos-pay: $(INSTALLED)
	$(BIN)/python -m bench.chaos_pay

# Publishes one key of a Greenroom of its own; 1 when it is closed too late or anybody else notices.
leak-drill: $(INSTALLED)
	$(BIN)/python -m bench.leak_drill

# Ratios, each measured side by side in this one run; leave the machine alone meanwhile.
bench: $(INSTALLED)
	$(BIN)/python -m bench

# The same for the GPU part; without a GPU it says so and ends with 2.
bench-gpu: $(INSTALLED)
	$(BIN)/python -m bench.gpu

# Which leaked copies of marked clips name their download; long, and heavy on every core.
bench-mark: $(INSTALLED)
	$(BIN)/python -m bench.marks
