"""What is typed becomes a query, or an error that says where and what to do."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import index.query
from index.engine.translating import Translator, Vocabulary, Weights
from index.marking import highlight
from index.query import (
    And,
    Asked,
    Everything,
    FieldFilter,
    Fuzzy,
    Near,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    TopicQuery,
    Word,
    parse,
    positives,
    read,
    show,
    terms,
    title_query,
)
from index.query.fields import length_ms
from library.errors import QuerySyntaxError, UsageError
from library.text import one_line

A, B, C, D = map(Word, "abcd")
NEGOTIATION = Not(Or((Word("negotiate"), Phrase(("ask", "for", "a", "raise")), Prefix("negotia"))), Word("content"))


def topics(name: str) -> TopicQuery:
    if name not in ("negotiation", "theirs"):
        raise UsageError(f"there is no topic {name!r}", hint="did you mean negotiation?")
    return TopicQuery(NEGOTIATION, ("ines", "tom") if name == "theirs" else ())


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("a", A),
        ("a b", Or((A, B))),
        ("a AND b", And((A, B))),
        ("a AND b AND c", And((A, B, C))),
        ("a OR b", Or((A, B))),
        ("a b AND c", Or((A, And((B, C))))),
        ("a OR b AND c", Or((A, And((B, C))))),
        ("(a OR b) AND c", And((Or((A, B)), C))),
        ("a -b", Not(A, B)),
        ("a NOT b", Not(A, B)),
        ("a AND NOT b", Not(A, B)),
        ("a AND -b AND c", Not(And((A, C)), B)),
        ("NOT b a", Not(A, B)),
        ("a b -c -d", Not(Or((A, B)), Or((C, D)))),
        ("a -(b c)", Not(A, Or((B, C)))),
        ("a AND (b -c)", And((A, Not(B, C)))),
        ("+a", A),
        ("+a b", And((A, Or((A, B))))),
        ("+a +b", And((A, B))),
        ("+a -b", Not(A, B)),
        ('"a b"', Phrase(("a", "b"))),
        ("“a b” c", Or((Phrase(("a", "b")), C))),
        ("«a b»", Phrase(("a", "b"))),
        ('a -"b c"', Not(A, Phrase(("b", "c")))),
        ('"a"', A),
        ('a ""', A),
        ("a ()", A),
        ("negotia*", Prefix("negotia")),
        ("well-kn*", And((Word("well"), Prefix("kn")))),
        ("C#*", Prefix("C")),
        ("a+-b*", And((A, Prefix("b")))),
        ("negotation~", Fuzzy("negotation")),
        ("well-knwn~ a", Or((And((Word("well"), Fuzzy("knwn"))), A))),
        ('"say no" within 5', Near(("say", "no"), 5)),
        ('a -("say no"  WITHIN 12)', Not(A, Near(("say", "no"), 12))),
        ('"a b" within 5 c', Or((Near(("a", "b"), 5), C))),
        ('"a b" within reach', Or((Phrase(("a", "b")), Word("within"), Word("reach")))),
        ('"a b" within 5-7', Or((Phrase(("a", "b")), Word("within"), Word("5-7")))),
        ('"a" within 5', Or((A, Word("within"), Word("5")))),
        ("給料の交渉 a", Or((Word("給料"), Word("交渉"), A))),
        ('"給料の交渉" 人工智能', Or((Word("給料の交渉"), Word("人工智能")))),
        ("a -給料の交渉", Not(A, Word("給料の交渉"))),
        ('"a b" "within" 5', Or((Phrase(("a", "b")), Word("within"), Word("5")))),
    ],
)
def test_the_grammar_means_what_it_says(text: str, query: Query) -> None:
    assert parse(text) == query


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("how do I ask for a raise?", "how do I ask for a raise"),
        ("work and life, or not", "work and life or not"),
        ("salary,raise work/life…now", "salary raise work life now"),
        ("a - b & c", "a b c"),
        ("@handle #tag C++ C#", "handle tag C++ C#"),
        ("don't don’t well-known 100,000 9.75", "don't don’t well-known 100,000 9.75"),
        ("'quoted' (bracketed)", "quoted bracketed"),
        ("work -- life -> now -$", "work life now"),
        ("at 9:30 e.g. NEAR 10~20 ~100", "at 9:30 e.g NEAR 10~20 100"),
        ("https://x.org/a?b=c Re:title:x", "https x.org a b=c Re:title:x"),
        ("mentors:ines the title : x", "mentors:ines the title x"),
        ("A/B 80/20, R&D & AT&T either/or I/O. 5/month", "A/B 80/20 R&D AT&T either or I/O 5 month"),
        ("e-mail #metoo 5% $100 24/7?", "e-mail metoo 5 100 24/7"),
        ("हिन्दी e\u0301te\u0301 機械学習", "हिन्दी e\u0301te\u0301 機械学習"),
    ],
)
def test_natural_questions_are_words(text: str, typed: str) -> None:
    assert parse(text) == Or(tuple(map(Word, typed.split())))


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ('ask "for a raise', 4, "quotes"),
        ("ask (for", 4, "bracket"),
        ("ask) for", 3, "bracket"),
        ("AND ask", 0, "left"),
        ("ask AND", 4, "right"),
        ("ask OR", 4, "right"),
        ("ask OR -for", 4, "right"),
        ("ask AND OR for", 4, "right"),
        ("ask NOT", 4, "right"),
        ("ask AND ()", 4, "right"),
        ("-ask", 0, "leave out"),
        ("ask (-for)", 5, "leave out"),
        ("NOT ask", 0, "leave out"),
        ("", 0, "no word"),
        ("?! … ()", 0, "no word"),
        ("nego*ation", 0, "*"),
        ("(" * 5000, 40, "brackets"),
        ("negotation~2", 0, "~"),
        ('say "say no"~5', 12, "~5"),
        ("say NEAR/5 no", 4, "NEAR/5"),
        ('"say no" within 0', 16, "1 to 100"),
        ('"say no" within 2026', 16, "1 to 100"),
        ('"a b c d e" within 5', 0, "at most 4"),
        ('ask mentor:"ines', 11, "quotes"),
        ("ask mentor: ines", 4, "nothing stands behind mentor:"),
        ('ask title:"?"', 4, "title: cannot be '?'"),
        ("ask after:yesterday", 4, "after: cannot be 'yesterday'"),
        ("ask before:2026-02-30", 4, "before:"),
        ("ask longer:ages", 4, "longer:"),
        ("ask captions:good", 4, "captions:"),
        ("ask as:boss", 4, "as:"),
        ("ask lang:english", 4, "lang:"),
        ("lang:en ask lang:de", 12, "second time"),
        ("ask -after:2026", 5, "left out"),
        ("(mentor:ines ask)", 1, "in brackets"),
        ("ask OR mentor:ines", 7, "beside OR"),
        ("mentor:ines OR ask", 0, "beside OR"),
        ("ask OR boss AND NOT mentor:ines", 20, "beside OR"),
        ("mentor:ines -salary", 12, "leave out"),
        ("ask topic:cooking", 4, "no topic"),
        ("ask OR topic:theirs", 7, "beside OR"),
        ("topic:theirs OR ask", 0, "beside OR"),
        ("ask (boss topic:theirs)", 10, "in brackets"),
        ("ask -topic:theirs", 5, "left out"),
        ("ask AND NOT topic:theirs", 12, "left out"),
    ],
)
def test_an_error_says_where_and_what_to_do(text: str, position: int, said: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        read(text, topics)
    assert caught.value.position == position
    assert caught.value.hint
    assert said in caught.value.message


def test_errors_give_hints() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse("ask AND")
    assert "write and in small letters" in caught.value.hint


TYPED = (
    st.lists(
        st.sampled_from(
            [
                *'ab -+*~()"“”?,:éह機',
                " AND ",
                " OR ",
                " NOT ",
                "within 5",
                "title:",
                "-mentor:a",
                "before:2026 ",
                "e.g.",
                "--",
                *"/&%$#@'’«»|;\\\t\n\u00ad\u200b\u202e",
                "topic:negotiation ",
                "topic:theirs ",
                "R&D",
                "80/20",
                "C++",
                "lang:en ",
                '"say no" within 5',
                "(" * 45,
            ]
        )
    ).map("".join)
    | st.text()
    | st.text(st.characters(categories=["Cs", "Mn", "Po", "Lo", "Nd", "Sk"]))
)


@given(TYPED)
@example("a\x1b[1mb*c")
@example("a\u202eb~2")
def test_any_text_is_a_query_or_an_error_within_it(text: str) -> None:
    error: QuerySyntaxError | None = None
    asked = Asked(Everything())
    try:
        asked = read(text, topics)
    except QuerySyntaxError as caught:
        error = caught
    assert error or asked.fields or terms(asked.query)
    assert error is None or (0 <= error.position <= len(text) and error.hint and error.query == text)
    assert error is None or (error.message and one_line(error.message) == error.message)
    assert all(term in text for term in set(terms(asked.query)).difference(terms(NEGOTIATION)))


@given(TYPED, st.text())
def test_whatever_is_understood_can_be_looked_for_and_marked(text: str, said: str) -> None:
    try:
        query = read(text, topics).query
    except QuerySyntaxError:
        return
    vocabulary = Vocabulary(
        ["en", "fr"],
        lambda *_: True,
        lambda _, stems: [1.0] * len(stems),
        lambda word: [f"{word}x"],
        lambda word: [word],
        lambda word: {word: 0},
    )
    translator = Translator(vocabulary, Weights())
    hash((translator.query(query), translator.titles(query)))
    for start, end in highlight(f"{said} {text}", query, "en"):
        assert 0 <= start < end <= len(said) + 1 + len(text)


@given(TYPED)
@example('"title:x" "AND" "within" (a -b) OR "nego* x" e.g.title:nego* title:"a (b"')
@example('"a b" within 5 AND "a b" OR within OR "NEAR/5" "a~2" "ne*go"')
def test_a_query_shown_and_read_again_is_the_same(text: str) -> None:
    try:
        asked = read(text)
    except QuerySyntaxError:
        return
    assert read(show(asked)) == asked
    assert asked.query == Everything() or parse(show(asked.query)) == asked.query


# Fields


@pytest.mark.parametrize(
    ("text", "query", "fields"),
    [
        ("mentor:ines a", A, "mentor:ines"),
        ('a mentor:"Ines Calder" b', Or((A, B)), "mentor:Ines Calder"),
        ("a AND Mentor:ines AND b", And((A, B)), "mentor:ines"),
        ("(a OR b) lang:pt-BR captions:auto", Or((A, B)), "lang:pt-BR captions:auto"),
        ("a -mentor:ines NOT lang:de", A, "-mentor:ines -lang:de"),
        ("a AND NOT title:podcast", A, "-title:podcast"),
        ("+a +as:career", A, "as:career"),
        ("a after:2026, before:2026-03?", A, "after:2026 before:2026-03"),
        ("mentor:ines after:30d", Everything(), "mentor:ines after:30d"),
        ("-mentor:ines", Everything(), "-mentor:ines"),
        ("longer:10m shorter:1h30m a -b", Not(A, B), "longer:10m shorter:1h30m"),
        ("mentor:ines mentor:tom title:a title:b*", Everything(), "mentor:ines mentor:tom title:a title:b*"),
    ],
)
def test_fields_stand_aside_from_what_is_looked_for(text: str, query: Query, fields: str) -> None:
    asked = read(text)
    assert asked.query == query
    shown = " ".join("-" * f.excluded + f"{f.name}:{f.value}" for f in asked.fields)
    assert shown == fields


def test_a_field_knows_where_it_was_typed() -> None:
    assert [field.at for field in read("a lang:en -mentor:ines").fields] == [2, 11]
    assert read("lang:en a").fields == (FieldFilter("lang", "en"),)


def test_a_topic_narrows_the_words_beside_it_and_is_a_query_elsewhere() -> None:
    assert read("topic:negotiation", topics).query == NEGOTIATION
    assert read("a topic:negotiation b", topics).query == And((NEGOTIATION, Or((A, B))))
    assert read("+topic:negotiation a -b", topics).query == Not(And((NEGOTIATION, A)), B)
    assert read("a -topic:negotiation", topics).query == Not(A, NEGOTIATION)
    assert read("topic:negotiation OR a", topics).query == Or((NEGOTIATION, A))
    assert read('(topic:"negotiation" a) OR b', topics).query == Or((And((NEGOTIATION, A)), B))
    assert read("a topic:any", lambda _: TopicQuery(Or((B, C)))).query == And((Or((B, C)), A))
    with pytest.raises(QuerySyntaxError, match="topic: cannot be used here"):
        parse("topic:negotiation")


def test_a_topic_kept_to_some_mentors_keeps_the_query_to_them() -> None:
    kept = ("ines", "tom")
    assert read("topic:theirs", topics) == Asked(NEGOTIATION, kept=(kept,))
    assert read("a +topic:theirs -b topic:theirs", topics).kept == (kept, kept)
    assert read("a AND topic:theirs", topics) == Asked(And((A, NEGOTIATION)), kept=(kept,))
    assert read("a topic:negotiation", topics).kept == ()


def test_a_title_is_asked_for_in_words_rows_and_beginnings() -> None:
    assert title_query("raise") == Word("raise")
    assert title_query("ask for a raise?") == Phrase(("ask", "for", "a", "raise"))
    assert title_query("negotia*") == Prefix("negotia")
    assert title_query("negotation~") == Fuzzy("negotation")


def test_lengths_are_minutes_unless_they_say_otherwise() -> None:
    for text, minutes in {"90": 90, "10m": 10, "1h": 60, "1h30m": 90, "30s": 0.5, "1h1s": 60 + 1 / 60}.items():
        assert timedelta(milliseconds=length_ms(text)) == timedelta(minutes=minutes), text
    for text in ("", "m", "1h30", "-5", "1.5h", "10 m", "٣"):
        with pytest.raises(ValueError, match="not a length"):
            length_ms(text)


def test_the_page_on_the_query_language_has_the_grammar_of_the_parser() -> None:
    grammar = re.search(r"::\n\n(.*?)\n\n\*", index.query.__doc__ or "", re.DOTALL)
    page = (Path(__file__).parent.parent / "docs" / "query.md").read_text(encoding="utf-8")
    assert grammar
    assert re.sub(r"^    ", "", grammar[1], flags=re.MULTILINE) in page


def test_terms_are_the_positive_words_as_typed_each_once() -> None:
    query = parse('Raise raise* "ask for" Raise AND boss -salary "say no" within 5 bos~ lang:en')
    assert terms(query) == ("Raise", "raise", "ask", "for", "boss", "say", "no", "bos")
    assert Word("salary") not in list(positives(query))
