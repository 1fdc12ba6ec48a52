"""Where in the library is a topic spoken of?"""

from __future__ import annotations

from collections.abc import Collection

from index.engine import Engine, Filters, Hits, Sort
from index.finder import named
from index.topics import Topic, query_of
from library.store import Store

#: More moments of one topic are not looked at.
MOST = 10_000


def heard(store: Store, engine: Engine, topic: Topic, limit: int = MOST, sort: Sort = "rank") -> Hits:
    """The moments of a topic, best or newest first. Raises UsageError for an unknown mentor, SearchError."""
    filters = filters_of(store, topic.mentors)
    return engine.search(query_of(topic), filters, limit, sort) if filters.channels != frozenset() else Hits()


def filters_of(store: Store, mentors: Collection[str] = ()) -> Filters:
    """What keeps a search to these people, or to everyone still followed. Raises UsageError for an unknown one."""
    if mentors:
        return Filters(store.followed_channels({named(store, name).slug for name in mentors}))
    return Filters(None if store.all_followed() else store.followed_channels())
