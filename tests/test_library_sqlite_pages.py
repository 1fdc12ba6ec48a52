"""Is what is read out of a file page by page what SQLite itself would read?"""

from __future__ import annotations

import os
import signal
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from library.sqlite_pages import Image, Unreadable, Value, roots, rows, stray_pages, tree

VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([0, 1, 2, -1, 127, 128, 2**15, 2**23, 2**31, 2**47, -(2**23) - 1]),
    st.floats(allow_nan=False).filter(lambda number: not number.is_integer()),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(max_size=40),
    st.integers(0, 6000).map(lambda size: b"x" * size),
)


def made(path: Path, values: list[tuple[Value, ...]], page_bytes: int) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA page_size = {page_bytes}")
        connection.execute("CREATE TABLE kept (a, b)")
        connection.execute("CREATE TABLE keyed (number PRIMARY KEY, a, b) WITHOUT ROWID")
        for number, pair in enumerate(values):
            connection.execute("INSERT INTO kept VALUES (?, ?)", pair)
            connection.execute("INSERT INTO keyed VALUES (?, ?, ?)", (number, *pair))
        connection.commit()


def read(path: Path, name: str, *, table: bool) -> list[tuple[Value, ...]]:
    """All rows of a table as the pages hold them."""
    log = path.with_name(f"{path.name}-wal")
    with path.open("rb") as file, (log if log.exists() else path).open("rb") as logged:
        image = Image(file, logged if log.exists() else None)
        found = tree(image, roots(image)[name], table=table)
        assert found.unread == 0
        result = [row for page in found.pages for row in rows(image, page)]
        assert None not in result
        return [row.values for row in result if row]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES), max_size=40), st.sampled_from([512, 1024, 4096, 65536]))
def test_every_row_of_a_sound_file_is_read_as_sqlite_reads_it(values: list[tuple[Value, ...]], size: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file.db"
        made(path, values, size)
        assert read(path, "kept", table=True) == values
        keyed = sorted(read(path, "keyed", table=False), key=lambda row: row[0])  # type: ignore[return-value, arg-type]
        assert keyed == [(number, *pair) for number, pair in enumerate(values)]


def test_negative_rowids_are_read(tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY)")
        connection.executemany("INSERT INTO kept VALUES (?)", [(-5,), (7,), (2**62,), (-(2**63),)])
        connection.commit()
    with path.open("rb") as file:
        image = Image(file, None)
        found = [row.rowid for row in rows(image, roots(image)["kept"]) if row]
    assert found == [-(2**63), -5, 7, 2**62]


def logged(path: Path) -> Path:
    """A file with three rows, the second and third of which are in its log only, by a process that was killed."""
    made(path, [(1, "one")], 4096)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads that libraries have; the child uses none
        child = os.fork()
    if not child:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("INSERT INTO kept VALUES (2, 'two')")
        connection.execute("INSERT INTO kept VALUES (3, 'three')")
        connection.execute("BEGIN")
        connection.execute("UPDATE kept SET b = 'never committed'")
        rows = [(number, "x" * 9000) for number in range(5, 30)]
        connection.executemany("INSERT INTO keyed (number, a) VALUES (?, ?)", rows)  # more than is kept in memory
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    return path.with_name(f"{path.name}-wal")


def test_what_is_in_the_log_only_is_read_up_to_the_last_commit(tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    log = logged(path)
    assert log.stat().st_size > 100_000
    assert read(path, "kept", table=True) == [(1, "one"), (2, "two"), (3, "three")]


def test_a_row_that_does_not_fill_its_record_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    made(path, [("abcdef", "gh"), ("ijklmn", "op")], 4096)
    content = path.read_bytes()
    text = content.index(b"abcdefgh")
    assert content[text - 2] == 13 + 2 * 6
    for kind in (13 + 2 * 5, 13 + 2 * 7, 10, 11, 200):
        path.write_bytes(content[: text - 2] + bytes([kind]) + content[text - 1 :])
        with path.open("rb") as file:
            image = Image(file, None)
            first, second = rows(image, roots(image)["kept"])
        assert first is None
        assert second is not None
        assert second.values == ("ijklmn", "op")


def test_a_log_counts_up_to_the_first_frame_that_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    log = logged(path)
    content = log.read_bytes()
    seen = []
    for at in (20, 32 + 30, 32 + 4120 + 30, 32 + 2 * 4120 + 30):
        log.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        seen.append([row[0] for row in read(path, "kept", table=True)])
    assert seen[0] == seen[1] == [1]
    assert seen == sorted(seen, key=len)
    assert seen[-1] in ([1, 2], [1, 2, 3])


@pytest.mark.parametrize("content", [b"", b"x", b"SQLite format 3\0", bytes(5000), os.urandom(9000)])
def test_a_file_that_is_none_has_no_pages_that_can_be_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.db"
    path.write_bytes(content)
    with path.open("rb") as file:
        image = Image(file, None)
        assert image.version == 0
        assert roots(image) == {}
        assert image.free_pages() is None
        assert tree(image, 1, table=True).unread == 1
        with pytest.raises(Unreadable):
            image.page(7)


def test_pages_out_of_use_are_no_strays(tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    made(path, [(number, "x" * 500) for number in range(100)], 4096)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM kept")
        connection.commit()
    with path.open("rb") as file:
        image = Image(file, None)
        free = image.free_pages()
        assert free
        trees = [tree(image, root, table=name == "kept") for name, root in roots(image).items()]
        assert list(stray_pages(image, [*trees, tree(image, 1, table=True)])) == []
        assert {page for page, _ in stray_pages(image, [])}.isdisjoint(free)
