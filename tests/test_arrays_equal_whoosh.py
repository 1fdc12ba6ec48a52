"""Does an index of arrays find the same documents with the same scores as plain Whoosh?

Random schemas, documents, boosts, updates, deletions, merges and queries. Each query is answered four ways:
by numpy, by plain Python, by Whoosh's own matchers on the same files, and by an ordinary Whoosh index.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from whoosh import fields, index, matching, sorting
from whoosh import query as q
from whoosh.analysis import StandardAnalyzer
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from index import arrays
from index.arrays import plain
from index.arrays.wording import Wording

WORDS = [*(f"a{letter}" for letter in "bcdefgh"), "market", "marketing", "markets", "Straße", "naïve", "x", "zz", "b"]
USUAL = [1 / (rank + 1) for rank in range(len(WORDS))]
FIRST = datetime(2020, 1, 1)


class Right(q.compound.BinaryQuery):  # type: ignore[misc]
    """What AndNot, Require and AndMaybe ought to find.

    In Whoosh 2.7.4 the first excludes no document that it begins with, the second excludes where it should
    require, and all three lose documents inside an And.
    """

    def __init__(self, kind: type, a: Any, b: Any) -> None:
        super().__init__(a, b)
        self.kind = kind

    def estimate_size(self, ixreader: Any) -> int:
        return int(ixreader.doc_count())

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        a, b = (dict(walked(part.matcher(searcher, context))) for part in (self.a, self.b))
        if self.kind is q.AndMaybe:
            found = {document: score + b.get(document, 0.0) for document, score in a.items()}
        else:
            found = {document: score for document, score in a.items() if (document in b) == (self.kind is q.Require)}
        if not found:
            return matching.NullMatcher()
        return matching.ListMatcher(sorted(found), [found[document] for document in sorted(found)])


class Worded(fields.TEXT):  # type: ignore[misc]
    """Text that ours takes in as a ``Wording``, and plain Whoosh by its analyzer."""

    def wording(self, value: str) -> Wording:
        return Wording(re.split(r"(?<= market) ", value), analysed)


def analysed(pieces: Sequence[str]) -> list[str]:
    return [" ".join(token.text for token in StandardAnalyzer()(piece)) for piece in pieces]


def walked(matcher: Any) -> Iterator[tuple[int, float]]:
    while matcher.is_active():
        yield matcher.id(), matcher.score()
        matcher.next()


def right(query: Any) -> Any:
    if isinstance(query, q.AndNot | q.Require | q.AndMaybe):
        return Right(type(query), right(query.a), right(query.b))
    return query if query.is_leaf() else query.apply(right)


def a_schema(rng: random.Random) -> fields.Schema:
    chosen = {
        "id": fields.ID(stored=True, unique=True),
        "text": fields.TEXT(stored=rng.random() < 0.5),
        "num": fields.NUMERIC(sortable=True, stored=True),
        "tag": fields.KEYWORD(commas=True, scorable=rng.random() < 0.5, stored=True),
    }
    optional = {
        "said": Worded(stored=rng.random() < 0.5),
        "title": fields.TEXT(phrase=rng.random() < 0.7, field_boost=rng.choice([1.0, 1.0, 2.5])),
        "when": fields.DATETIME(sortable=True, stored=True),
        "chars": fields.TEXT(chars=True),
        "flag": fields.BOOLEAN(stored=True),
        "name": fields.ID(sortable=True),
    }
    return fields.Schema(**chosen, **{name: field for name, field in optional.items() if rng.random() < 0.5})


def some_text(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, USUAL, k=rng.randint(300, 700) if rng.random() < 0.02 else rng.randint(0, 25)))


def a_document(rng: random.Random, schema: fields.Schema, name: str) -> dict[str, Any]:
    values = {
        "text": lambda: some_text(rng),
        "title": lambda: some_text(rng),
        "said": lambda: re.sub("zz b", "zz-b", some_text(rng)),
        "chars": lambda: some_text(rng),
        "num": lambda: rng.choice([rng.randint(-5, 5), rng.randint(-(10**6), 10**6)]),
        "tag": lambda: ",".join(rng.choices("xyz", k=rng.randint(1, 3))),
        "when": lambda: FIRST + timedelta(days=rng.randint(0, 900)),
        "flag": lambda: rng.random() < 0.5,
        "name": lambda: rng.choice(WORDS),
    }
    found = {field: values[field]() for field in schema.names() if field != "id" and rng.random() < 0.85}
    boost = {f"_{rng.choice(['text', 'said'])}_boost": 2.0} if rng.random() < 0.03 else {}
    return {"id": name} | found | boost


def a_query(rng: random.Random, schema: fields.Schema, depth: int = 0) -> Any:
    texts = [name for name in ("text", "said", "title", "chars") if name in schema]
    placed = [name for name in texts if schema[name].format.supports("positions")]
    field, boost, constant = rng.choice(texts), rng.choice([1.0, 1.0, 2.0, 0.5]), rng.random() < 0.7
    low, high = sorted(rng.choices(WORDS, k=2))
    day = FIRST + timedelta(days=rng.randint(0, 500))

    def word() -> str:
        return rng.choice(WORDS).lower()

    def part() -> Any:
        return a_query(rng, schema, depth + 1)

    leaves = [
        lambda: q.Term(field, word(), boost=boost),
        lambda: q.Term(field, word()),
        lambda: q.Phrase(
            rng.choice(placed), [word() for _ in range(rng.randint(2, 3))], rng.choice([1, 1, 2, 4]), boost
        ),
        lambda: q.Prefix(field, word()[: rng.randint(1, 3)], boost, constant),
        lambda: q.Wildcard(field, rng.choice(["m*t", "a?", "*ar*", "n*"]), boost, constant),
        lambda: q.Regex(field, rng.choice(["m.*t", "a[bc]", "x|zz"]), boost),
        lambda: q.FuzzyTerm(
            field, rng.choice(["markat", "nave", "stra"]), boost, rng.choice([1, 2]), rng.choice([0, 1, 2])
        ),
        lambda: q.TermRange(field, low, rng.choice([None, high]), rng.random() < 0.3, rng.random() < 0.3, boost),
        lambda: q.NumericRange("num", rng.choice([None, -3, -(10**5)]), rng.choice([3, 10**5]), rng.random() < 0.3),
        lambda: q.DateRange("when", day, day + timedelta(days=200)) if "when" in schema else q.Term("num", 3),
        lambda: q.Every(rng.choice([None, field]), boost=boost),
        lambda: q.Term("tag", rng.choice("xyz"), boost=boost),
        lambda: q.Term("id", str(rng.randint(0, 60))),
        lambda: q.ConstantScoreQuery(q.Term(field, word()), rng.choice([1.0, 3.0])),
        lambda: q.NullQuery,
    ]
    inner = [
        lambda: q.Or([part() for _ in range(rng.randint(1, 4))], boost=boost),
        lambda: q.And([part() for _ in range(rng.randint(1, 3))], boost=boost),
        lambda: q.And([part(), q.Not(q.Term(field, word()))]),
        lambda: q.AndNot(part(), part()),
        lambda: q.Require(part(), part()),
        lambda: q.AndMaybe(part(), part()),
    ]
    return rng.choice(leaves if depth > 2 or rng.random() < 0.5 else inner)()


def write(rng: random.Random, schema: fields.Schema, ours: Any, theirs: Any) -> tuple[set[str], bool]:
    """The same to both indexes: ids that are there in the end, and whether ours was never merged."""
    there: dict[str, int] = {}
    added, unmerged = 0, True
    for step in range(rng.randint(1, 4)):
        writers = ours.writer(gathered_bytes=rng.choice([1, 3_000, 100_000_000])), theirs.writer()
        for name in [name for name in there if rng.random() < 0.15]:
            del there[name]
            for writer in writers:
                writer.delete_by_term("id", name)
        for _ in range(rng.randint(0, 50)):
            old = [name for name, at in there.items() if at < step]
            name = rng.choice(old) if old and rng.random() < 0.1 else str(added)
            added += name == str(added)
            document = a_document(rng, schema, name)
            there[name] = step
            for writer in writers:
                writer.update_document(**document)
        how = rng.choice([{"merge": False}, {"merge": False}, {}, {"optimize": True}])
        unmerged = unmerged and how == {"merge": False}
        writers[0].commit(**how)
        writers[1].commit(merge=False)
    return set(there), unmerged


def rounded(found: Any) -> list[tuple[Any, float]]:
    return sorted((document, float(f"{score:.9g}")) for score, document in found)


def groups_of(found: Any) -> dict[Any, Any]:
    """Groups, with scores in place of documents, since equal scores may come in any order."""
    scores = {document: round(score, 9) for score, document in found.top_n}

    def plain(group: Any) -> Any:
        return [scores[document] for document in group] if isinstance(group, list) else scores.get(group, group)

    return {name: plain(group) for name, group in found.groups().items()}


@pytest.mark.parametrize("seed", range(12))
def test_matches_are_grouped_and_collapsed_as_by_whoosh(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    schema = a_schema(rng)
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
    ours = arrays.create_in(tmp_path / "ours", schema)
    write(rng, schema, ours, index.create_in(str(tmp_path / "theirs"), schema))
    with ours.searcher() as fast:
        if not fast.doc_count():
            return
        for _ in range(10):
            query = a_query(rng, schema)
            kind, overlap = rng.choice([sorting.Count, sorting.Best]), rng.random() < 0.5
            facets = [*schema.names(), sorting.FieldFacet("tag", allow_overlap=overlap, maptype=kind)]
            facet = rng.choice([facet for facet in facets if facet not in ("text", "title", "chars", "when")])
            grouped = fast.search(query, groupedby=facet), Searcher.search(fast, right(query), groupedby=facet)
            assert groups_of(grouped[0]) == groups_of(grouped[1]), (repr(query), facet)
            assert rounded(grouped[0].top_n) == rounded(grouped[1].top_n)
            most = rng.randint(1, 3)
            found = fast.search(query, limit=None, collapse="num", collapse_limit=most)
            theirs = Searcher.search(
                fast, right(query), limit=fast.doc_count() or 1, collapse="num", collapse_limit=most
            )
            assert [round(score, 9) for score, _ in found.top_n] == [round(score, 9) for score, _ in theirs.top_n]
            assert len(found) + sum(found.collapsed_counts.values()) == len(fast.search(query, limit=None))


def test_grouping_asks_facets_about_what_arrays_have_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ix = arrays.create_in(tmp_path, fields.Schema(text=fields.TEXT, tag=fields.KEYWORD))
    with ix.writer() as writer:
        for tag in ("x", "y", "x", "", "y", "x", ""):
            writer.add_document(text="one", tag=tag)
    with ix.searcher() as searcher:
        facet = sorting.ScoreFacet()
        left_to_whoosh = searcher.search(q.Term("text", "one"), groupedby={"score": facet})
        monkeypatch.setattr(Searcher, "search", None)
        assert searcher.search(q.Term("text", "one"), groupedby="tag").groups() == {
            "x": [0, 2, 5],
            "y": [1, 4],
            None: [3, 6],
        }
        found = searcher.search(q.Term("text", "one"), limit=4, collapse="tag")
        assert ([document for _, document in found.top_n], len(found)) == ([0, 1, 3, 6], 4)
        assert found.collapsed_counts == {"x": 2, "y": 1}
        assert len(left_to_whoosh.groups("score")) == 1


@pytest.mark.parametrize("seed", range(25))
def test_random_queries_find_what_plain_whoosh_finds(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr("index.arrays.bases._SHORT", rng.choice([2, 5, 64]))
    monkeypatch.setattr("index.arrays.writer.AT_ONCE", rng.choice([10, 20_000]))
    schema = a_schema(rng)
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
    ours = arrays.create_in(tmp_path / "ours", schema)
    theirs = index.create_in(str(tmp_path / "theirs"), schema)
    there, unmerged = write(rng, schema, ours, theirs)
    ours.verify()
    weighting = BM25F(B=rng.choice([0.75, 0.3]), K1=rng.choice([1.2, 2.0]))
    with ours.searcher(weighting=weighting) as fast, theirs.searcher(weighting=weighting) as slow:
        assert fast.doc_count() == len(there)
        for _ in range(30):
            query, options = a_query(rng, schema), {}
            if rng.random() < 0.3:
                options = {rng.choice(["filter", "mask"]): a_query(rng, schema, 2)}
            compare(fast, slow, query, options, unmerged=unmerged and "chars" not in schema)


def compare(fast: Any, slow: Any, query: Any, options: dict[str, Any], *, unmerged: bool) -> None:
    fixed = {name: right(part) for name, part in options.items()}
    found = fast.search(query, limit=None, **options).top_n
    on_arrays = Searcher.search(fast, right(query), limit=None, **fixed).top_n
    assert rounded(found) == rounded(on_arrays), repr(query)

    plan = fast.plan(query)
    if not options:
        in_python = plain.best(plan, fast._answers.snapshot, None)
        assert rounded(zip(in_python.scores, in_python.documents, strict=True)) == rounded(found), repr(query)

    ordinary = slow.search(right(query), limit=None, **fixed).top_n
    ids = [(score, fast.stored_fields(document)["id"]) for score, document in found]
    other_ids = [(score, slow.stored_fields(document)["id"]) for score, document in ordinary]
    assert sorted(name for _, name in ids) == sorted(name for _, name in other_ids), repr(query)
    if unmerged:
        assert rounded(ids) == rounded(other_ids), repr(query)

    few = fast.search(query, limit=3, **options)
    assert [round(score, 9) for score, _ in few.top_n] == [round(score, 9) for score, _ in found[:3]]
    assert len(few) == len(found)
    for reverse in (False, True):
        order = {"sortedby": "num", "reverse": reverse} | options
        by_number = fast.search(query, limit=None, **order).top_n
        assert {document for _, document in by_number} == {document for _, document in found}
        assert by_number == sorted(by_number, reverse=reverse)
        assert fast.search(query, limit=3, **order).top_n == by_number[:3]


def test_many_expansions_are_scored_as_whoosh_scores_them_in_a_large_segment(tmp_path: Path) -> None:
    rng = random.Random(1)
    schema = fields.Schema(text=fields.KEYWORD(scorable=True))
    (tmp_path / "ours").mkdir()
    ix = arrays.create_in(tmp_path / "ours", schema)
    with ix.writer() as writer:
        for number in range(5_200):
            writer.add_document(text=f"w{number % 1_300} v{rng.randint(0, 9)}")
    with ix.searcher() as searcher:
        for query in (q.Prefix("text", "v"), q.Prefix("text", "w"), q.Prefix("text", "w12", boost=2.0)):
            plainly = Searcher.search(searcher, query, limit=None).top_n
            assert rounded(searcher.search(query, limit=None).top_n) == rounded(plainly)


@pytest.mark.parametrize("most", [1, 3])
def test_facets_are_counted_over_all_matches(most: int, tmp_path: Path) -> None:
    rng = random.Random(2)
    ix = arrays.create_in(tmp_path, fields.Schema(text=fields.TEXT, tag=fields.KEYWORD))
    expected: Counter[str] = Counter()
    for _ in range(2):
        with ix.writer() as writer:
            for _ in range(40):
                text, tags = rng.choice(["one two", "two", "three"]), set(rng.choices("xyz", k=rng.randint(1, most)))
                writer.add_document(text=text, tag=" ".join(tags))
                expected.update(tags if text != "two" else ())
    with ix.searcher() as searcher:
        assert searcher.counts(q.Or([q.Term("text", "one"), q.Term("text", "three")]), "tag") == expected
        assert searcher.counts(q.Term("text", "four"), "tag") == {}


def test_words_said_together_are_scored_as_one_rare_word(tmp_path: Path) -> None:
    ix = arrays.create_in(tmp_path, fields.Schema(text=fields.TEXT))
    with ix.writer() as writer:
        for text in ("ask raise now", "raise ask ask raise ask raise", "ask now raise", "nothing"):
            writer.add_document(text=text)
    with ix.searcher() as searcher:
        together = arrays.Together("text", ["ask", "raise"])
        found = searcher.search(together).top_n
        assert [document for _, document in found] == [1, 0]
        assert found[0][0] == pytest.approx(1.2876820724517808 * 2.2 * 2 / (2 + 1.2 * (0.25 + 0.75 * 6 / 3.25)))
        in_python = plain.best(searcher.plan(together), searcher._answers.snapshot, 10)
        assert in_python.scores == pytest.approx([score for score, _ in found])
        inside = q.Or([together, q.Term("text", "now")])
        assert rounded(Searcher.search(searcher, inside, limit=None).top_n) == rounded(searcher.search(inside).top_n)
