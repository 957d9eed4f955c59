"""Hashtables: chains, growing, shrinking and incremental rehashing, as each version does it."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rinspect.engine.encodings.hashtable import Hashtable, chain, keyed_hash, table_size
from rinspect.engine.encodings.membertable import MemberTable
from rinspect.engine.layout import Step
from rinspect.engine.profile import PROFILES, Profile

SEED = 12345
KINDS = (Hashtable, MemberTable)
BEFORE_74 = ("6.2", "7.0", "7.2")

every_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
every_kind = pytest.mark.parametrize("kind", KINDS)


def filled(profile: Profile, count: int, kind: type[Hashtable] = Hashtable) -> Hashtable:
    """A table that has grown to `count` entries and finished all rehashing."""
    table = kind(profile, SEED)
    for number in range(count):
        table.add(b"m%d" % number)
    settle(table)
    return table


def settle(table: Hashtable) -> None:
    while table.rehash_step(100):
        pass


def check(table: Hashtable, model: set[bytes]) -> None:
    """Chains, index, counters and places agree with each other and with a plain set."""
    assert set(table.index) == model
    assert len(table) == len(model)
    entries = list(table)
    assert sorted(entry.key for entry in entries) == sorted(model)
    assert all(table.index[entry.key] is entry for entry in entries)
    for which, buckets in enumerate(table.tables):
        found = [(at, entry) for at, head in enumerate(buckets) for entry in chain(head)]
        assert len(found) == table.used[which]
        assert all(at == keyed_hash(entry.key, SEED) & len(buckets) - 1 for at, entry in found)
        assert all(table.bucket_of(entry.key) == (which, at) for at, entry in found)
    assert (len(table.tables[1]) > 0) == table.rehashing
    if isinstance(table, MemberTable):
        assert table.allocated == sum(bool(entry.value) for entry in entries)


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["add", "add", "remove", "find", "fair", "step"]), st.integers(0, 40)), max_size=150
)

some = settings(max_examples=30)
"""Where there is a test for each profile, and for each of these as many runs."""


@every_kind
@every_profile
@some
@given(operations=OPERATIONS, presize=st.sampled_from([0, 0, 5, 40]))
def test_chains_equal_the_index_after_any_operations(
    profile: Profile, kind: type[Hashtable], operations: list[tuple[str, int]], presize: int
) -> None:
    table, model, rng = kind(profile, SEED, presize), set[bytes](), Random(1)
    for operation, number in operations:
        key = b"k%d" % number
        if operation == "add":
            assert (table.add(key) is None) == (key in model)
            model.add(key)
        elif operation == "remove":
            assert (table.remove(key) is None) == (key not in model)
            model.discard(key)
        elif operation == "find":
            entry = table.find(key)
            assert (entry.key if entry else None) == (key if key in model else None)
        elif operation == "fair" and model:
            assert table.fair_entry(rng).key in model
        elif operation == "step":
            table.rehash_step(2)
        if number % 8 == 0:
            check(table, model)
    check(table, model)


@every_profile
def test_it_grows_when_full_and_counts_both_tables_meanwhile(profile: Profile) -> None:
    table = Hashtable(profile, SEED)
    seen: dict[int, int] = {}
    for number in range(1, 70):
        table.add(b"m%d" % number)
        if table.rehashing:
            seen.setdefault(len(table.tables[1]), number)
            assert table.buckets == len(table.tables[0]) + len(table.tables[1])
    assert seen == {8: 5, 16: 9, 32: 17, 64: 33, 128: 65}


@every_kind
@every_profile
def test_adding_what_is_there_grows_a_full_table(profile: Profile, kind: type[Hashtable]) -> None:
    table = filled(profile, 4, kind)
    assert table.find(b"m0") is not None
    assert [len(buckets) for buckets in table.tables] == [4, 0]
    assert table.add(b"m0") is None
    assert [len(buckets) for buckets in table.tables] == [4, 8]


@every_profile
@pytest.mark.parametrize("size", [512, 64, 8])
def test_it_shrinks_when_nearly_empty(profile: Profile, size: int) -> None:
    at = {512: 51, 64: 6, 8: 0} if profile.name in BEFORE_74 else {512: 64, 64: 8, 8: 1}
    table = filled(profile, size)
    assert len(table.tables[0]) == size
    began = None
    for number in range(size):
        table.remove(b"m%d" % number)
        if table.rehashing or len(table.tables[0]) < size:
            began = len(table)
            break
    assert began == at[size]


@every_profile
def test_the_smallest_table_does_not_shrink(profile: Profile) -> None:
    table = filled(profile, 4)
    for number in range(4):
        table.remove(b"m%d" % number)
    assert (len(table.tables[0]), table.rehashing) == (4, False)


@every_profile
def test_plain_deletes_shrink_only_from_74_on(profile: Profile) -> None:
    table = filled(profile, 64)
    for number in range(63):
        table.delete(b"m%d" % number)
    assert (table.buckets == 64) == (profile.name in BEFORE_74)
    settle(table)
    table.shrink_if_needed()
    settle(table)
    assert table.buckets <= 8


@every_profile
def test_pausing_puts_shrinking_off(profile: Profile) -> None:
    table = filled(profile, 64)
    table.pause_shrink = True
    for number in range(63):
        table.remove(b"m%d" % number)
    assert table.buckets == 64
    table.pause_shrink = False
    table.shrink_if_needed()
    assert table.rehashing
    assert len(table.tables[1]) == 4


@pytest.mark.parametrize(("wanted", "size"), [(0, 4), (1, 4), (4, 4), (5, 8), (128, 128), (129, 256)])
@every_profile
def test_presizing_makes_room_at_once(profile: Profile, wanted: int, size: int) -> None:
    assert table_size(wanted) == size
    table = Hashtable(profile, SEED, wanted)
    for number in range(size):
        table.add(b"m%d" % number)
        assert table.buckets == size


@every_profile
def test_a_step_moves_one_bucket_and_gives_up_after_ten_empty_ones(profile: Profile) -> None:
    table = filled(profile, 64)
    table.expand(65)
    before = table.used[0]
    assert table.rehash_step()
    assert before - table.used[0] == len(set(before_chains(table)))
    sparse = Hashtable(profile, SEED, 64)
    lone = next(key for key in (b"k%d" % n for n in range(1000)) if keyed_hash(key, SEED) & 63 == 25)
    sparse.add(lone)
    sparse.expand(65)
    assert [sparse.rehash_step() and sparse.rehashidx for _ in range(3)] == [10, 20, False]
    assert (sparse.used, len(sparse.tables[0])) == ([1, 0], 128)


def before_chains(table: Hashtable) -> list[bytes]:
    """The keys that the first step of a rehash has moved."""
    return [entry.key for head in table.tables[1] for entry in chain(head)]


@every_profile
def test_from_74_on_a_keys_own_bucket_moves_first(profile: Profile) -> None:
    table = filled(profile, 64)
    table.expand(65)
    last = max((entry.key for entry in table), key=lambda key: keyed_hash(key, SEED) & 63)
    at = keyed_hash(last, SEED) & 63
    table.find(last)
    own_first = profile.name not in BEFORE_74
    assert (table.tables[0][at] is None) == own_first
    assert table.rehashidx == (0 if own_first else 1 + min(n for n in range(64) if n + 1 >= table.rehashidx))


# -- walking ----------------------------------------------------------------------------------------------------------


@every_profile
def test_a_cursor_counts_from_the_highest_bit_down(profile: Profile) -> None:
    table = filled(profile, 8)
    cursors, cursor = [], 0
    while True:
        cursor, _ = table.scan(cursor)
        cursors.append(cursor)
        if not cursor:
            break
    assert cursors == [4, 2, 6, 1, 5, 3, 7, 0]


@every_profile
@some
@given(seed=st.integers(0, 1000), start=st.sampled_from([10, 60, 130]))
def test_a_scan_sees_all_that_is_there_throughout_while_the_table_changes(
    profile: Profile, seed: int, start: int
) -> None:
    rng = Random(seed)
    table = filled(profile, start)
    stays = {b"m%d" % number for number in range(0, start, 3)}
    seen: set[bytes] = set()
    cursor, calls = 0, 0
    while True:
        cursor, entries = table.scan(cursor)
        seen |= {entry.key for entry in entries}
        calls += 1
        if not cursor:
            break
        growing = rng.random() < 0.5
        for _ in range(rng.randrange(20)):
            key = b"x%d" % rng.randrange(300) if growing else b"m%d" % rng.randrange(start)
            if growing:
                table.add(key)
            elif key not in stays:
                table.remove(key)
    assert stays <= seen


@every_kind
def test_the_same_seed_gives_the_same_order(kind: type[Hashtable]) -> None:
    profile = PROFILES["8.0"]
    first, second = filled(profile, 100, kind), filled(profile, 100, kind)
    assert [entry.key for entry in first] == [entry.key for entry in second]
    other = kind(profile, SEED + 1)
    for entry in first:
        other.add(entry.key)
    assert [entry.key for entry in other] != [entry.key for entry in first]


@pytest.mark.parametrize("rehashing", [False, True])
def test_every_entry_has_its_chance(rehashing: bool) -> None:
    table = filled(PROFILES["8.0"], 128)
    rng = Random(7)
    if rehashing:
        table.expand(129)
        table.rehash_step(20)
    drawn: Counter[bytes] = Counter()
    for _ in range(6400):
        drawn[table.fair_entry(rng).key] += 1
    assert len(drawn) == 128
    assert max(drawn.values()) < 4 * 50
    assert min(drawn.values()) > 50 / 4


@every_profile
def test_some_entries_are_all_if_there_are_no_more(profile: Profile) -> None:
    table = filled(profile, 10)
    some = table.some_entries(100, Random(3))
    assert {entry.key for entry in some} == set(table.index)


# -- the tables of sets -----------------------------------------------------------------------------------------------


@every_profile
def test_a_lone_member_of_a_bucket_needs_no_entry_from_72_on(profile: Profile) -> None:
    table = MemberTable(profile, SEED, 4)
    same = [key for key in (b"k%d" % n for n in range(100)) if keyed_hash(key, SEED) & 3 == 2][:3]
    for key in same:
        table.add(key)
    bare = profile.name in ("7.2", "7.4", "8.0")
    assert [entry.key for entry in chain(table.tables[0][2])] == same[::-1]
    assert [entry.value for entry in chain(table.tables[0][2])] == [True, True, not bare]
    assert table.allocated == (2 if bare else 3)
    # Whoever is left keeps the entry that it had.
    table.remove(same[0])
    table.remove(same[1])
    assert table.allocated == 1


def test_moving_to_an_empty_bucket_gives_the_entry_back() -> None:
    table = MemberTable(PROFILES["8.0"], SEED, 4)
    apart: dict[int, bytes] = {}
    for key in (b"k%d" % n for n in range(100)):
        hashed = keyed_hash(key, SEED)
        if hashed & 3 == 1:
            apart.setdefault(hashed & 7, key)
    for key in apart.values():
        table.add(key)
    assert table.allocated == 1
    table.expand(8)
    settle(table)
    assert table.allocated == 0


# -- traces -----------------------------------------------------------------------------------------------------------


@every_profile
def test_a_traced_lookup_tries_both_tables_while_rehashing(profile: Profile) -> None:
    table = filled(profile, 64)
    table.expand(65)
    table.rehash_step(5)
    moved = before_chains(table)[0]
    at = keyed_hash(moved, SEED) & 63
    found, missing = table.trace(moved), table.trace(b"nobody")
    assert (found.result, missing.result) == ("found", "not there")
    assert found.steps[0] == Step(f"table 0 bucket {at}", "empty", f"hash & 63 = {at}")
    last = found.steps[-1]
    assert (last.at, last.saw, last.decided) == (
        f"table 1 bucket {table.bucket_of(moved)[1]}",
        moved.decode(),
        "the key",
    )
    assert found.comparisons == len(found.steps) - 2
    assert {step.at[:7] for step in missing.steps} == {"table 0", "table 1"}
