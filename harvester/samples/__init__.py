"""Which lectures come with the program, to try it without a key or a network?

Lecturers and lectures are invented, and written for this program.
"""

from __future__ import annotations

from pathlib import Path

from library.models import Kind, Mentor

LECTURERS = (
    Mentor("ines-calder", "Ines Calder", Kind.CAREER, ("negotiation", "salary")),
    Mentor("tomas-brandt", "Tomas Brandt", Kind.CAREER, ("difficult clients", "feedback")),
    Mentor("orla-finch", "Orla Finch", Kind.INTEREST, ("singing", "stage nerves")),
)


def folder(slug: str) -> Path:
    """The folder of a lecturer's caption files."""
    return Path(__file__).parent / slug
