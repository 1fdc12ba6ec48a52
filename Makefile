# pytest checks everything, lint, types and docs too; what it needs comes with: pip install -e '.[dev]'

PYTHON ?= python

.PHONY: format docs test quality record

format:
	ruff format .
	ruff check --fix .

docs:
	$(PYTHON) docs/render.py

test:
	pytest

# Cassettes anew, from YouTube itself: MENTOR_YOUTUBE_API_KEY=… make record SUBJECTS=my_subjects.json
# (tests/cassettes/README.md describes the subjects, and recording from a loopback server instead).
record:
	$(PYTHON) tests/record_cassettes.py $(if $(SUBJECTS),--subjects $(SUBJECTS)) $(if $(CONTROL),--control $(CONTROL))

# Search quality on a corpus of real talks with judged questions:
#   make quality CORPUS=talks.jsonl.gz QUERIES=queries.json RUN=run.json
quality:
	$(PYTHON) benchmarks/quality.py $(CORPUS) $(QUERIES) $(RUN)
