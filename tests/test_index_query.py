"""What is typed becomes a query, or an error that says where and what to do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.query import And, Not, Or, Phrase, Prefix, Query, Word, parse, positives, terms
from library.errors import QuerySyntaxError

A, B, C, D = map(Word, "abcd")


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
    ],
)
def test_an_error_says_where_and_what_to_do(text: str, position: int, said: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text)
    assert caught.value.position == position
    assert said in caught.value.message


def test_errors_give_hints() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse("ask AND")
    assert "write and in small letters" in caught.value.hint


@given(st.text(alphabet=st.sampled_from('ab -+*()"“”ANDORT?,éह機')) | st.text())
def test_any_text_is_a_query_or_an_error_within_it(text: str) -> None:
    error: QuerySyntaxError | None = None
    found: tuple[str, ...] = ()
    try:
        found = terms(parse(text))
    except QuerySyntaxError as caught:
        error = caught
    assert error or found
    assert error is None or 0 <= error.position <= len(text)
    assert all(term in text for term in found)


def test_terms_are_the_positive_words_as_typed_each_once() -> None:
    query = parse('Raise raise* "ask for" Raise AND boss -salary')
    assert terms(query) == ("Raise", "raise", "ask", "for", "boss")
    assert Word("salary") not in list(positives(query))
