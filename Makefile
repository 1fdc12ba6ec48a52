# pytest checks everything, lint, types and docs too; what it needs comes with: pip install -e '.[dev]'

PYTHON ?= python

.PHONY: format docs test quality record bench crash loopback whoosh3

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

# The search index beside other engines (docs/performance.md); RECORDS names a file of talks, else they are invented.
SIZE ?= S
WORK ?= build/bench
bench:
	$(PYTHON) -m benchmarks.corpus $(WORK) --sizes S $(filter-out S,$(SIZE)) $(if $(RECORDS),--records $(RECORDS))
	$(PYTHON) -m benchmarks.run $(WORK) --size $(SIZE)
	$(PYTHON) -m benchmarks.tables $(WORK) --into docs/performance.md

# Kills a harvest, and a writer of the index, at 200 points each and looks whether the next one mends everything.
crash:
	MENTOR_CRASH_POINTS=200 pytest tests/test_crash.py tests/test_arrays_killed.py

# Every fault, ten nights, proxies: against a program that plays YouTube on loopback (MENTOR_LOOPBACK_YOUTUBE names it).
loopback:
	pytest tests/test_loopback_*.py

# The index on whoosh3, which has Whoosh's import name: in an environment of its own.
whoosh3:
	$(PYTHON) -m venv build/whoosh3
	build/whoosh3/bin/pip install --quiet -e '.[dev]'
	build/whoosh3/bin/pip uninstall --quiet --yes Whoosh
	build/whoosh3/bin/pip install --quiet whoosh3==3.54.0
	build/whoosh3/bin/python -m pytest tests/test_arrays_*.py tests/test_index_*.py
