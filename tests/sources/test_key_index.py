"""The index of keys by their last write: the same as a list that is sorted anew each time."""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine import Engine
from rinspect.sources.engine import listing
from rinspect.sources.engine.key_index import BLOCK, Recency

operations = st.lists(st.tuples(st.sampled_from(["touch", "touch", "discard"]), st.integers(0, 40)), max_size=200)


@given(operations, st.integers(0, 50))
def test_it_is_a_list_by_last_write(done: list[tuple[str, int]], first: int) -> None:
    index, model = Recency(), list[bytes]()
    for what, number in done:
        key = b"%d" % number
        if key in model:
            model.remove(key)
        if what == "touch":
            model.append(key)
            index.touch(key)
        else:
            index.discard(key)
    assert len(index) == len(model)
    assert list(index.newest(first)) == model[::-1][first:]
    assert all((b"%d" % number in index) == (b"%d" % number in model) for number in range(41))


def test_it_stays_right_over_blocks_and_holes() -> None:
    """Thousands of writes to few keys: holes are closed, and the n-th key is found over whole blocks."""
    rng, index = Random(4), Recency()
    model: dict[bytes, None] = {}
    for _ in range(12 * BLOCK):
        key = b"%d" % rng.randrange(3 * BLOCK)
        model.pop(key, None)
        if rng.random() < 0.8:
            model[key] = None
            index.touch(key)
        else:
            index.discard(key)
    newest = list(model)[::-1]
    assert len(index) == len(newest)
    for first in (0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, len(newest) - 1, len(newest), len(newest) + 5):
        assert list(islice(index.newest(first), 20)) == newest[first : first + 20]
    assert len(index._slots) <= 2 * len(index) + BLOCK + 1


def test_it_can_be_emptied() -> None:
    index = Recency()
    for number in range(3 * BLOCK):
        index.touch(b"%d" % number)
    for number in range(3 * BLOCK):
        index.discard(b"%d" % number)
    assert list(index.newest()) == []
    index.touch(b"again")
    index.clear()
    assert (len(index), list(index.newest())) == (0, [])


def test_notes_are_cleared_out_before_they_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_NOTED", 10)
    engine = Engine()
    listings = listing.Listings(engine)
    session, db = engine.session(), engine.keyspace[0]
    _ = [*listings.catch_up(db)]
    shelf = listings._shelves[0]
    shelf.room = 10
    rng = Random(3)
    written: list[bytes] = []
    for _ in range(500):
        key = b"k%d" % rng.randrange(12)
        session.execute([b"SET", key, b"v"])
        written = [other for other in written if other != key] + [key]
        assert len(shelf.noted) <= max(10, 2 * len(written))
    _ = [*listings.catch_up(db)]
    assert list(listings.recent(db).newest(0)) == written[::-1]


def test_names_that_came_and_went_are_no_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_NOTED", 100)
    engine = Engine()
    listings = listing.Listings(engine)
    session, shelf = engine.session(), listings._shelves[0]
    shelf.room = 100
    for number in range(5000):
        session.execute([b"SET", b"k%d" % number, b"v"])
        session.execute([b"DEL", b"k%d" % number])
        assert len(shelf.noted) <= 101


def test_catching_up_ends_however_much_is_written_meanwhile() -> None:
    engine = Engine()
    listings = listing.Listings(engine)
    session, db = engine.session(), engine.keyspace[0]
    for number in range(3 * listing.BATCH):
        session.execute([b"SET", b"k%d" % number, b"v"])
    for at, _ in enumerate(listings.catch_up(db)):
        assert at < 3
        for number in range(listing.BATCH):
            session.execute([b"SET", b"later%d" % number, b"v"])
    assert len(listings.recent(db)) == 3 * listing.BATCH
    assert listings.reached(db) < listings.version(db)
    # Two at once reach the end together: what one has begun, the other goes on with.
    one, other = listings.catch_up(db), listings.catch_up(db)
    next(one)
    _ = [*other, *one]
    assert len(listings.recent(db)) == 4 * listing.BATCH
    assert listings.reached(db) == listings.version(db)
    session.execute([b"FLUSHALL"])
    _ = [*listings.catch_up(db)]
    assert (len(listings.recent(db)), listings.used(db)) == (0, 0)
    assert listings.reached(db) == listings.version(db)
