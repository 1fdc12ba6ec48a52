"""Are documents that are added together, or that share values, what they are one by one?"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from whoosh import columns, fields

from index import arrays
from index.arrays.wording import Wording


class Worded(fields.TEXT):  # type: ignore[misc]
    """Text that is taken in as a ``Wording``."""

    def wording(self, value: str) -> Wording:
        return Wording(value.split("|"), list)


SCHEMA = fields.Schema(
    said=Worded(stored=True),
    text=fields.TEXT(chars=True),
    name=fields.ID(stored=True, sortable=True),
    tag=fields.KEYWORD(scorable=True),
    date=fields.NUMERIC(sortable=True, stored=True),
    number=fields.COLUMN(columns.NumericColumn("I")),
)


def a_value(rng: random.Random, name: str) -> Any:
    return rng.randrange(1000) if name in ("date", "number") else rng.choice(["a b|c", "a", "b a b", "", "é"])


def anew(value: Any) -> Any:
    """An equal value that is another object, where there can be one."""
    return "".join(list(value)) if isinstance(value, str) else value


def written(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.glob("*.arr"), key=lambda path: path.stat().st_mtime_ns)]


def a_writer(folder: Path) -> arrays.ArrayWriter:
    folder.mkdir()
    return arrays.create_in(folder, SCHEMA).writer()


@pytest.mark.parametrize("seed", range(10))
def test_documents_added_together_are_those_added_one_by_one(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    with a_writer(tmp_path / "alone") as alone, a_writer(tmp_path / "together") as together:
        for _ in range(8):
            names = rng.sample(SCHEMA.names(), rng.randint(1, 6))
            count, shared = rng.randrange(4), rng.randrange(len(names))
            common = {name: rng.choice([None, a_value(rng, name)]) for name in names[:shared]}
            each = {name: [rng.choice([None, a_value(rng, name)]) for _ in range(count)] for name in names[shared:]}
            together.add_documents(common, each)
            for at in range(count):
                own = {name: values[at] for name, values in each.items()}
                alone.add_document(**{name: anew(value) for name, value in (common | own).items()})
    assert written(tmp_path / "together") == written(tmp_path / "alone")


@pytest.mark.parametrize("seed", range(10))
def test_a_value_that_comes_again_is_taken_again(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    some = {name: [None, a_value(rng, name), a_value(rng, name)] for name in SCHEMA.names()}
    with a_writer(tmp_path / "same") as same, a_writer(tmp_path / "anew") as other:
        for _ in range(40):
            values = {name: rng.choice(some[name]) for name in SCHEMA.names() if rng.random() < 0.8}
            boost = {"_text_boost": 2.0} if rng.random() < 0.1 else {}
            same.add_document(**values, **boost)
            other.add_document(**{name: anew(value) for name, value in values.items()}, **boost)
    assert written(tmp_path / "same") == written(tmp_path / "anew")


def test_of_documents_added_together_none_is_added_where_one_fails(tmp_path: Path) -> None:
    with a_writer(tmp_path / "x") as writer:
        writer.add_document(name="before", number=1)
        with pytest.raises(ValueError, match="many"):
            writer.add_documents({"name": "failed"}, {"number": [2, 3, 4], "date": [5, "many", 6]})
        writer.add_documents({"name": "after"}, {"number": [7, 8], "date": [9, None]})
    searcher = arrays.open_dir(tmp_path / "x").searcher()
    found = [(row["name"], row.get("date"), searcher.column("number")[at]) for at, row in searcher.iter_docs()]
    assert found == [("before", None, 1), ("after", 9, 7), ("after", None, 8)]


@pytest.mark.parametrize(
    "each", [{}, {"number": [1, 2], "date": [1]}, {"number": [1], "_number_boost": [2.0]}, {"name": ["b", "c"]}]
)
def test_fields_that_do_not_agree_are_refused(each: dict[str, Any], tmp_path: Path) -> None:
    with a_writer(tmp_path / "x") as writer:
        with pytest.raises(ValueError, match="one value each"):
            writer.add_documents({"name": "a"}, each)
        assert writer.docnum == 0
