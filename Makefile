# make check is what CI runs; everything it needs comes with: pip install -e '.[dev]'

PYTHON ?= python

.PHONY: check format lint types layers test docs quality record bench

check: lint types layers test

format:
	ruff format .
	ruff check --fix .

lint:
	ruff format --check .
	ruff check .

types:
	mypy

layers:
	lint-imports

docs:
	$(PYTHON) docs/render.py

test:
	pytest

# Search quality on a corpus of real talks with judged questions:
#   make quality CORPUS=talks.jsonl.gz QUERIES=queries.json RUN=run.json
quality:
	$(PYTHON) benchmarks/quality.py $(CORPUS) $(QUERIES) $(RUN)
