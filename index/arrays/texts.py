"""How are many texts cut into numbered pieces?"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .streams import Numbers


class Numbered(dict[Any, int]):
    """Gives each key its number when it is first seen."""

    def __missing__(self, key: Any) -> int:
        self[key] = number = len(self)
        return number


class Texts(dict[str, int]):
    """Numbers the different texts of some documents, to be cut when all are there."""

    def __init__(self) -> None:
        super().__init__()
        self.characters = 0
        self._cut: Cut | None = None

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self)
        self.characters += len(text)
        return number

    def size(self) -> int:
        """How much memory they take, and take when they are cut, in units of some 40 bytes."""
        return self.characters // 6

    def cut(self) -> Cut:
        """All of them; worked out once."""
        if self._cut is None:
            self._cut = cut(self)
        return self._cut


@dataclass(frozen=True, slots=True)
class Cut:
    """The different pieces of texts. Text i consists of the pieces ``numbers[ends[i]:ends[i + 1]]``."""

    pieces: list[str]
    numbers: Numbers
    ends: Numbers


def cut(texts: Iterable[str]) -> Cut:
    """Cut texts at white space."""
    pieces = Numbered()
    numbers, ends = array("I"), array("Q", [0])
    for text in texts:
        numbers.extend(map(pieces.__getitem__, text.split()))
        ends.append(len(numbers))
    return Cut(list(pieces), np.frombuffer(numbers, "u4"), np.frombuffer(ends, "u8").astype("i8"))
