"""Are settings what the user chose, checked, and all told of at once when they are wrong?"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from library import config
from library.config import SECTIONS, Config, FollowedMentor, Rules, converted, load, settings, shown, variable
from library.errors import ConfigError, ExitCode
from library.models import Kind, Mentor

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


def loaded(folder: Path, text: str, environment: Mapping[str, str] | None = None) -> Config:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environment or {})


def refused(folder: Path, text: str, environment: Mapping[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as told:
        loaded(folder, text, environment)
    assert told.value.exit_code is ExitCode.BAD_CONFIG
    assert (str(folder / "config.toml") in told.value.message) is bool(text)
    return told.value.message


# --- the example ---------------------------------------------------------------------------------


def test_the_example_shows_every_setting_with_its_default() -> None:
    document = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    document.pop("mentors")
    shown_there = {f"{name}.{field}": value for name, table in document.items() for field, value in table.items()}
    defaults = {key: getattr(section(), field) for key, section, field in settings()}
    assert shown_there == {key: list(value) if isinstance(value, tuple) else value for key, value in defaults.items()}
    assert list(shown_there) == list(defaults), "in the same order"


def test_every_setting_of_the_example_says_what_it_is_for() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for above, line in pairwise(lines):
        if " = " in line and not line.startswith("#"):
            assert above.startswith(("#", "[mentors.")) or " = " in above, line


def test_the_example_loads_and_its_mentor_is_one() -> None:
    found = load(EXAMPLE, {})
    assert (found.youtube, found.harvest, found.rules, found.passages, found.search, found.notify) == tuple(
        section() for section in SECTIONS.values()
    )
    assert found.mentors["ines-calder"].mentor("ines-calder") == Mentor(
        "ines-calder", "Ines Calder", Kind.CAREER, ("negotiation", "salary")
    )
    assert found.mentors["ines-calder"].rules(found.rules).min_length_s == 300


# --- where a value comes from --------------------------------------------------------------------


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    found = load(tmp_path / "none.toml", {})
    assert set(found.origins.values()) == {"default"}
    assert set(found.origins) == {key for key, _, _ in settings()}
    assert found.mentors == {}
    assert not (tmp_path / "none.toml").exists()


def test_a_variable_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    text = "[harvest]\npause_s = 5\ndaily_units = 7\n"
    found = loaded(tmp_path, text, {"MENTOR_HARVEST_PAUSE_S": "6.5", "MENTOR_RULES_SHORTS": "true"})
    assert (found.harvest.pause_s, found.harvest.daily_units, found.rules.shorts) == (6.5, 7, True)
    origins = [found.origins[key] for key in ("harvest.pause_s", "harvest.daily_units", "search.limit")]
    assert origins == ["MENTOR_HARVEST_PAUSE_S", "file", "default"]


def test_a_variable_repairs_what_is_wrong_in_the_file(tmp_path: Path) -> None:
    found = loaded(tmp_path, "[harvest]\npause_s = -5\n", {"MENTOR_HARVEST_PAUSE_S": "5"})
    assert found.harvest.pause_s == 5


def test_every_setting_has_a_variable_of_its_own() -> None:
    names = [variable(key) for key, _, _ in settings()]
    assert len(set(names)) == len(names)
    assert variable("harvest.pause_s") == "MENTOR_HARVEST_PAUSE_S"


@pytest.mark.parametrize(
    ("typed", "expected"), [("a", ("a",)), (" a , b,,", ("a", "b")), ("", ()), ("two words", ("two words",))]
)
def test_lists_are_typed_with_commas(tmp_path: Path, typed: str, expected: tuple[str, ...]) -> None:
    found = loaded(tmp_path, "", {"MENTOR_RULES_TITLE_EXCLUDE": typed})
    assert found.rules.title_exclude == expected


def test_a_comma_in_what_is_no_list_stays(tmp_path: Path) -> None:
    found = loaded(tmp_path, "", {"MENTOR_NOTIFY_URLS_FILE": "a,b"})
    assert found.notify.urls_file == "a,b"


def test_a_list_of_one_mentor_is_typed_with_commas_too(tmp_path: Path) -> None:
    text = '[mentors.ines]\nfollow = ["@ines"]\n'
    found = loaded(tmp_path, text, {"MENTOR_MENTORS_INES_TITLE_EXCLUDE": "trailer, teaser"})
    assert found.mentors["ines"].title_exclude == ("trailer", "teaser")
    assert converted("mentors.ines.follow", "@a, @b") == ("@a", "@b")


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert loaded(tmp_path, "\ufeff[search]\nlimit = 3\n").search.limit == 3


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[harvest]\npaus_s = 1", "unknown setting harvest.paus_s (did you mean harvest.pause_s?)"),
        ("[harvets]\npause_s = 1", "unknown setting harvets (did you mean harvest?)"),
        ("qqq = 1", "unknown setting qqq"),
        ("harvest = 1", "harvest must be a table, written [harvest]"),
        ("mentors = 1", "mentors must be a table, written [mentors]"),
        ("[[rules]]", "rules must be a table"),
        ("[harvest]\npause_s = -1", "harvest.pause_s is -1: expected a number >= 0"),
        ("[harvest]\npause_s = nan", "harvest.pause_s is"),
        ("[harvest]\npause_s = inf", "expected a number <= 86400"),
        ('[harvest]\npause_s = "5"', 'harvest.pause_s is "5": expected a number, got text'),
        ('[harvest]\nlanguages = "en"', "expected a list, got text"),
        ("[harvest]\nlanguages = []", "expected a list of length >= 1"),
        ('[harvest]\nlanguages = ["english"]', 'expected language codes such as "en" or "pt-BR"'),
        ('[harvest]\nlanguages = ["en\\n"]', "expected language codes"),
        ('[rules]\nshorts = "yes"', "expected true or false, got text"),
        ('[rules]\ntitle_exclude = [""]', "expected text of length >= 1"),
        ("[search]\nlimit = 0", "expected a whole number >= 1"),
        ("[search]\nlimit = 1979-05-27", "search.limit is"),
        ('[mentors.a]\nfolow = ["x"]', "unknown setting mentors.a.folow (did you mean follow?)"),
        ('[mentors.a]\nname = "A"', "mentors.a.follow is missing"),
        ('[mentors.a]\nfollow = ["x"]\nkind = "job"', 'mentors.a.kind is "job": expected career or interest'),
        ("[mentors]\na = 1", "mentors.a must be a table, written [mentors.a]"),
        ("[passages]\nlength_s = 60", "passages.overlap_s (60) must be less than passages.length_s (60)"),
    ],
)
def test_what_is_wrong_is_told_with_what_was_found_and_what_is_allowed(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path, text)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    text = '[harvest]\npause_s = -1\nnothing = 1\n[serach]\n[mentors.a]\nshorts = 3\nkind = "job"\n[mentors.b]\nx = 1\n'
    said = refused(tmp_path, text, {"MENTOR_SEARCH_LIMIT": "many"})
    wrong = "harvest.pause_s harvest.nothing serach mentors.a.shorts mentors.a.kind mentors.a.follow mentors.b.x"
    for key in (*wrong.split(), "MENTOR_SEARCH_LIMIT"):
        assert key in said


def test_a_wrong_variable_is_told_by_its_name_and_not_as_if_the_file_were_wrong(tmp_path: Path) -> None:
    said = refused(tmp_path, "", {"MENTOR_HARVEST_MAX_TRANSCRIPTS_PER_RUN": "1.5"})
    assert 'MENTOR_HARVEST_MAX_TRANSCRIPTS_PER_RUN is "1.5"' in said


def test_a_misspelt_variable_is_told_with_the_nearest_and_others_are_left_alone(tmp_path: Path) -> None:
    assert "MENTOR_HARVEST_PAUSE_S?" in refused(tmp_path, "", {"MENTOR_HARVEST_PAUSE": "0"})
    load(tmp_path / "config.toml", {"MENTOR_OF_THE_YEAR": "Ines", "MENTOR_HOME": "/x", "MENTOR_DEBUG": "1"})


def test_toml_that_cannot_be_read_names_the_line(tmp_path: Path) -> None:
    assert "line 3" in refused(tmp_path, "[harvest]\npause_s = 5\npause_s = \n")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "config.toml", {})
    (tmp_path / "latin.toml").write_bytes(b'[rules]\ntitle_exclude = ["gr\xf6sse"]\n')
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "latin.toml", {})


# --- mentors -------------------------------------------------------------------------------------


def test_a_mentors_own_rules_lie_over_the_common_ones() -> None:
    common = Rules(shorts=True, live=True, min_length_s=60, title_exclude=("trailer",))
    own = FollowedMentor(("@a",), live=False, min_length_s=0, title_exclude=())
    assert own.rules(common) == Rules(shorts=True, live=False, min_length_s=0, title_exclude=())
    assert FollowedMentor(("@a",)).rules(common) == common


def test_every_rule_can_be_a_mentors_own() -> None:
    assert set(Rules.__struct_fields__) < set(FollowedMentor.__struct_fields__)


def test_a_mentor_without_a_name_is_called_by_the_slug() -> None:
    assert FollowedMentor(("@a",)).mentor("marta") == Mentor("marta", "marta", Kind.CAREER, ())


# --- values typed for one setting ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "typed", "value"),
    [
        ("harvest.pause_s", "45", 45.0),
        ("rules.shorts", "true", True),
        ("harvest.languages", "de, en", ("de", "en")),
        ("youtube.api_key_file", "~/key", "~/key"),
        ("mentors.marta.shorts", "false", False),
        ("mentors.marta.kind", "interest", Kind.INTEREST),
        ("mentors.marta.topics", "a, b c", ("a", "b c")),
        ("mentors.dotted.name.min_length_s", "60", 60),
    ],
)
def test_a_typed_value_becomes_what_the_setting_holds(key: str, typed: str, value: object) -> None:
    assert converted(key, typed) == value


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("harvest.pause", "1", "there is no setting harvest.pause (did you mean harvest.pause_s?)"),
        ("mentors.marta.shrots", "1", "did you mean mentors.marta.shorts?"),
        ("mentors.marta", "1", "there is no setting mentors.marta"),
        ("harvest", "1", "there is no setting harvest"),
        ("", "1", "there is no setting"),
        ("harvest.pause_s", "soon", "harvest.pause_s: expected a number, got text"),
        ("harvest.pause_s", "-1", "harvest.pause_s: expected a number >= 0"),
        ("mentors.marta.kind", "hobby", "expected career or interest"),
        ("mentors.marta.shorts", "null", "null is no value"),
        ("mentors.marta.follow", "", "expected a list of length >= 1"),
    ],
)
def test_a_typed_value_that_cannot_be_is_refused(key: str, typed: str, said: str) -> None:
    with pytest.raises(ConfigError) as told:
        converted(key, typed)
    assert said in told.value.message


@pytest.mark.parametrize(
    ("key", "value"), [("passages.length_s", 60), ("mentors.mrata.shorts", True), ("search.limit", 0)]
)
def test_a_value_that_would_spoil_the_file_is_told_before_it_is_written(
    tmp_path: Path, key: str, value: object
) -> None:
    with pytest.raises(ConfigError, match=key.rpartition(".")[0]):
        config.fits(tmp_path / "config.toml", key, value)


def test_a_value_that_puts_the_file_right_may_be_written(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[passages]\nlength_s = 60\n", encoding="utf-8")
    config.fits(tmp_path / "config.toml", "passages.overlap_s", 30)
    config.fits(tmp_path / "none.toml", "rules.title_exclude", ("a",))


def test_values_are_shown_as_toml_writes_them() -> None:
    for _, section, field in settings():
        value = getattr(section(), field)
        read = tomllib.loads(f"x = {shown(value)}")["x"]
        assert read == (list(value) if isinstance(value, tuple) else value)


def test_settings_can_be_read_by_whoever_asks_for_help() -> None:
    assert all(config.__doc__ and section.__doc__ for section in SECTIONS.values())


def test_rules_of_one_mentor_can_be_given_by_variables(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[mentors.ines-calder]\nfollow = ["@x"]\nshorts = false\n', encoding="utf-8")
    given = {"MENTOR_MENTORS_INES_CALDER_SHORTS": "true", "MENTOR_MENTORS_INES_CALDER_TITLE_EXCLUDE": "trailer, ad"}
    found = load(tmp_path / "config.toml", given)
    rules = found.mentors["ines-calder"].rules(found.rules)
    assert (rules.shorts, rules.title_exclude) == (True, ("trailer", "ad"))
    with pytest.raises(ConfigError, match="MENTOR_MENTORS_INES_CALDER_MIN_LENGTH_S"):
        load(tmp_path / "config.toml", {"MENTOR_MENTORS_INES_CALDER_MIN_LENGTH_S": "long"})


def test_what_a_file_says_is_kept_until_it_says_something_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, kept = tmp_path / "config.toml", tmp_path / "kept.json"
    path.write_text("search.limit = 7", encoding="utf-8")
    found = load(path, {}, kept)
    assert (found.search.limit, kept.stat().st_mode & 0o077) == (7, 0)
    with monkeypatch.context() as patch:
        patch.setattr("tomllib.loads", lambda _: pytest.fail("parsed again"))
        assert load(path, {}, kept) == found
        assert load(path, {"MENTOR_SEARCH_LIMIT": "9"}, kept).search.limit == 9
    path.write_text("search.limit = 8", encoding="utf-8")
    assert load(path, {}, kept).search.limit == 8
    for damaged in (b"no JSON", b'["\xff", {}]', b"[1, 2]"):
        kept.write_bytes(damaged)
        assert load(path, {}, kept).search.limit == 8


@pytest.mark.parametrize("text", ["api_key = 'secret'", "harvest.languages = [2020-01-01]"])
def test_of_a_file_with_mistakes_nothing_is_kept(tmp_path: Path, text: str) -> None:
    path, kept = tmp_path / "config.toml", tmp_path / "kept.json"
    path.write_text(text, encoding="utf-8")
    for _ in range(2):
        with pytest.raises(ConfigError):
            load(path, {}, kept)
    assert not kept.exists()
    path.write_text("", encoding="utf-8")
    load(path, {}, tmp_path / "missing" / "kept.json")
