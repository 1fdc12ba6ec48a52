from __future__ import annotations

import re

import pytest
from record_cassettes import CASES, CASSETTES

FILES = sorted(path for path in CASSETTES.rglob("*") if path.is_file())
SECRETS = {
    "an API key": r"AIza[0-9A-Za-z_-]{10}",
    "the key of a page": r'"INNERTUBE_API_KEY\W+(?!filtered)[\w-]+',
    "a signature": r"(?i)signature=|sparams=|[?&]key=",
    "a cookie": r"(?i)set-cookie|cookie:",
    "an address of one machine": r"127\.0\.0\.1|localhost|\[::1\]|https?://[^/\s\"]*:\d",
    "where it was recorded": r"(?i)stand.?in\b",
}


@pytest.mark.parametrize("secret", SECRETS)
def test_no_cassette_holds(secret: str) -> None:
    assert FILES
    for file in FILES:
        assert not re.search(SECRETS[secret], file.read_text("utf-8")), f"{secret} in {file.name}"


def test_every_case_has_its_cassette_and_every_cassette_its_case() -> None:
    tapes = {str(file.relative_to(CASSETTES).with_suffix("")) for file in FILES if file.suffix == ".yaml"}
    assert tapes == set(CASES)
    assert sum(file.stat().st_size for file in FILES) < 200_000
