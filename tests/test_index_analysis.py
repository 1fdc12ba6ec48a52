"""Text becomes words, stems and highlights."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.analysis import folded, folded_each, stem, without_sounds, words
from index.marking import highlight, stemmed
from index.query import And, Fuzzy, Near, Not, Or, Phrase, Prefix, Word, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Café SOCIÉTÉ straße", "cafe societe strasse"),
        ("e\u0301te\u0301", "ete"),
        ("ＡＢＣ １２ ﬁnd", "abc 12 find"),
        ("don't don’t donʼt DON'T", "don't don't don't don't"),
        ("John's school’s", "john school"),
        ("the students' own", "the students own"),
        ("l'entreprise O'Brien rock'n'roll", "l entreprise o brien rock n roll"),
        ("well-known work/life snake_case", "well known work life snake case"),
        ("@handle #tag", "handle tag"),
        ("$100,000 9.75 401k", "100000 9 75 401k"),
        ("C++ and C# or abc#", "c++ and c# or abc"),
        ("новый Ёлка", "новый елка"),
        ("हिन्दी भाषा।", "हिन्दी भाषा"),
        ("機械学習 本", "機械 械学 学習 本"),
        ("한국어 AI", "한국 국어 ai"),
        ("ÇALIŞMA çalışma", "calisma calisma"),
        ("שָׁלוֹם שלום", "שלום שלום"),
        ("مُدَرِّس مــدرس", "مدرس مدرس"),
        ("to be, or not to be", "to be or not to be"),
    ],
)
def test_text_becomes_folded_words(text: str, expected: str) -> None:
    assert folded(text) == expected.split()


@pytest.mark.parametrize(
    "note",
    [
        "[Music]",
        "[APPLAUSE]",
        "(upbeat music)",
        "[ __ ]",
        "(audience laughing)",
        ">>",
        "♪",
        "[Musique]",
        "[音楽]",
        "[Foreign]",
    ],
)
def test_notes_on_sounds_hold_no_words(note: str) -> None:
    assert folded(f"so {note} yes") == ["so", "yes"]


@pytest.mark.parametrize(
    "said", ["(the sound reason)", "[Part 2]", "(I love the music of this band)", "(foreign policy)"]
)
def test_other_words_in_brackets_are_kept(said: str) -> None:
    assert folded(said) == said.strip("[]()").lower().split()


def test_words_know_their_place() -> None:
    text = "Well-known, don’t: 機械学"
    assert [(text[a:b], form) for a, b, form in words(text)] == [
        ("Well", "well"),
        ("known", "known"),
        ("don’t", "don't"),
        ("機械", "機械"),
        ("械学", "械学"),
    ]


@given(st.text())
@example("0 \u0300 \u0301\u0300")
def test_folding_agrees_with_words_for_any_text(text: str) -> None:
    tokens = list(words(text))
    assert [token.folded for token in tokens] == folded(text)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert all(a.start < b.start for a, b in pairwise(tokens))


@given(st.text() | st.text("a’ [](Music)._1,'-+#\u3000\n", max_size=40))
def test_texts_may_be_folded_piece_by_piece(text: str) -> None:
    pieces = re.split("[\x00-\x20]+", without_sounds(text))
    assert " ".join(filter(None, folded_each(pieces))) == " ".join(token.folded for token in words(text))


@given(st.text() | st.text("a’ [](Music)._1,'-+#\u3000\n学習", max_size=60))
def test_words_are_found_again_in_the_pieces_of_a_text(text: str) -> None:
    found = stemmed(text, "xx")
    tokens = list(words(text))
    assert found.folded() == found.stems == [token.folded for token in tokens]
    assert list(found.spans((at, at) for at in range(len(tokens)))) == [token[:2] for token in tokens]
    assert [found.stem_at(token.start) for token in tokens] == found.stems


@given(st.text())
def test_case_makes_no_difference(text: str) -> None:
    if text.lower().upper() == text.upper() and text.upper().lower() == text.lower():
        assert folded(text.upper()) == folded(text.lower())


@pytest.mark.parametrize(
    ("language", "forms", "expected"),
    [
        ("en", "negotiate negotiation negotiating", "negoti negoti negoti"),
        ("en-GB", "raises", "rais"),
        ("en_US", "raises", "rais"),
        ("fr", "entreprise entreprises", "entrepris entrepris"),
        ("xx", "raises", "raises"),
        ("", "raises", "raises"),
        ("en", "401ks", "401ks"),
    ],
)
def test_forms_share_a_stem_in_languages_that_have_one(language: str, forms: str, expected: str) -> None:
    assert [stem(word, language) for word in forms.split()] == expected.split()


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("fr", "arriver arrivée arrivees arrivés arrivait"),
        ("fr", "société SOCIÉTÉS"),
        ("fr", "négociation négocier négociées negociees"),
        ("es", "hablar hablábamos hablaría hablaria"),
        ("pt", "negociação negociações negociacoes"),
        ("it", "parlare parlò parlerà parlera"),
        ("de", "Straße Strassen STRASSE"),
        ("de", "Häuser Hauser"),
        ("ro", "comunicație comunicații comunicatiile"),
        ("hu", "tárgyalás tárgyalást targyalasok"),
        ("tr", "çalışma çalışmalar ÇALIŞMALARI calismalari"),
        ("pl", "rozmowa rozmową rozmowa"),
        ("cs", "dobrý dobrého dobreho"),
        ("ru", "ёлка елки"),
    ],
)
def test_forms_meet_with_and_without_their_accents(language: str, forms: str) -> None:
    assert len({stem(word, language) for word in folded(forms)}) == 1


def marked(text: str, query: str, language: str = "en") -> list[str]:
    return [text[a:b] for a, b in highlight(text, parse(query), language)]


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("We negotiate; negotiations went on.", "negotiating", ["negotiate", "negotiations"]),
        ("ask for it, then ask her", '"ask for"', ["ask for"]),
        ("asked her for it", '"ask for"', []),
        ("a well-known fact, well I have known", "well-known", ["well-known"]),
        ("universal university", "universi*", ["university"]),
        ("a raise or a bonus", "raise -bonus", ["raise"]),
        ("raise and bonus", "raise AND bonus", ["raise", "bonus"]),
        ("ask for a raise", '"ask for" "for a raise"', ["ask for a raise"]),
        ("no no no", '"no no"', ["no no no"]),
        ("[Music] music", "music", ["music"]),
        ("機械学習の本", "械学習", ["械学習"]),
        ("本が好き。絵本、本", "本", ["本", "本", "本"]),
        ("PC版を買う", "PC版", ["PC", "版"]),
        ("an email, an e-mail", "e-mail", ["email", "e-mail"]),
        ("GPT4 and GPT-4 and GPT", "GPT-4", ["GPT4", "GPT-4"]),
        ("his email client", '"an e-mail client" "e-mail client"', ["email client"]),
        ("they don't, dont they", "dont", ["don't", "dont"]),
        ("the 80 20 rule, 80/20, 80 or 20", "80/20", ["80 20", "80/20"]),
        ("", "raise", []),
        ("say it: no. Then we say yes, yes, yes: no", '"no say" within 2', ["say", "no"]),
        ("no no one says no", '"say no" within 1', ["says", "no"]),
        ("no no", '"say no" within 5', []),
        ("a negotation on negotiations", "negotiation~", ["negotation", "negotiations"]),
        ("the bos and the boss and the bass", "boss~", ["bos", "boss", "bass"]),
        ("raise", "mentor:ines", []),
    ],
)
def test_what_a_query_looks_for_is_highlighted(text: str, query: str, expected: list[str]) -> None:
    assert marked(text, query) == expected


def test_words_are_compared_in_the_language_of_the_text() -> None:
    assert marked("les entreprises", "entreprise", "fr") == ["entreprises"]
    assert marked("les entreprises", "entreprise", "") == []


_SAID = st.lists(st.sampled_from(["ask", "asked", "for", "raise", "raises", "a"])).map(" ".join)
_LEAF = st.one_of(
    st.builds(Word, st.sampled_from(["ask", "raise", "for"])),
    st.just(Prefix("rai")),
    st.just(Phrase(("ask", "for"))),
    st.just(Phrase(("for", "raise", "raise"))),
    st.just(Near(("for", "ask"), 2)),
    st.just(Fuzzy("raised")),
)
_QUERY = st.recursive(
    _LEAF,
    lambda inner: st.one_of(
        st.builds(And, st.tuples(inner, inner)), st.builds(Or, st.tuples(inner, inner)), st.builds(Not, inner, inner)
    ),
    max_leaves=5,
)


@given(_SAID, _QUERY)
def test_highlights_rise_and_never_overlap(text: str, query: And | Or | Not | Word) -> None:
    spans = highlight(text, query, "en")
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
