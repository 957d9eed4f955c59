"""What differs between Redis versions: one table of facts.

A profile answers two kinds of question. Which structure does this version choose (a small list is a quicklist in 7.0
and a listpack in 7.2), and what does it charge for it (a dict struct is 96 bytes in 6.2 and 56 later). Every figure
was measured on real 64-bit little-endian Linux servers of the version that `server` names.

Sizes are bytes of the C structs, as `sizeof` gives them, before the allocator rounds them up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class QuicklistRules:
    """How a version treats the nodes of a quicklist. The mark is a node's `recompress` bit: unpacked only for use."""

    lzf_header: int = 8
    """Bytes before a node's compressed data: the length as size_t, or as a 32-bit number (6.2)."""

    merge_discount: int = 7
    """What is taken off two blobs' lengths to see whether they may merge: a listpack's header and end, or a ziplist's
    (11, before 7.2, although 7.0 has listpacks already)."""

    edges_split: bool = False
    """6.2: LINSERT AFTER the last entry of a full node splits it (there is nothing behind), and so does BEFORE the very
    first entry of the list; later, the neighbour or a new node takes the element."""

    tries_new_node: bool = True
    """A node just linked in is tried for compression as well as its old neighbour (7.0+)."""

    attempt_drops_mark: bool = True
    """An attempt to compress takes the mark off even when it does not pay, and so does unpacking (7.0+); in 6.2 only
    success does."""

    merge_drops_mark: bool = True
    """The node that is kept in a merge loses its mark (7.2+)."""

    iterators_release: bool = True
    """An iterator that ends (LINDEX, the last node of LRANGE, LPOS …) releases the node that it stands on (7.0+); 6.2
    leaves that one unpacked, and marked."""

    sort_heeds_settings: bool = True
    """SORT … STORE makes its list with the configured fill and compression (7.4+); before, with -2 and 0."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The facts of one version of the server."""

    name: str
    """Major and minor version, as the user names it: `"7.2"`."""

    server: tuple[int, int, int]
    """The release that was measured."""

    rdb_version: int
    """The version number in the footer of DUMP and the header of an RDB file."""

    listpack: bool = True
    """Compact hashes, sorted sets and list nodes are listpacks; ziplists before 7.0."""

    small_list_is_listpack: bool = True
    """A small list is one bare listpack (7.2+); before, always a quicklist."""

    small_set_is_listpack: bool = True
    """A small set with a non-integer member is a listpack (7.2+); before, a hashtable."""

    hash_field_ttl: bool = True
    """Fields of a hash may expire (7.4+): encoding listpackex, types 24 and 25 in DUMP."""

    plain_nodes: str = "fill"
    """When a list element gets a plain node: `never` (6.2), `huge` (from 1 GiB; 7.0, 7.2), or `fill` (from the fill limit)."""

    packed_threshold: int | None = None
    """DEBUG QUICKLIST-PACKED-THRESHOLD (7.0+) has been told that an element of so many bytes gets a plain node."""

    charges_blob_length: bool = False
    """MEMORY USAGE counts a compact blob by its length (6.2) and not by what the allocator gave."""

    charges_embstr_length: bool = False
    """MEMORY USAGE counts an embstr as 16 + length + 2 (6.2) and not by its allocation."""

    list_samples_elements: bool = True
    """MEMORY USAGE of a quicklist averages over elements (8.0); before, over nodes."""

    dict_size: int = 56
    quicklist_node_size: int = 40
    quicklist: QuicklistRules = QuicklistRules()

    set_entry_size: int = 16
    """dictEntry of a set: key and next (7.2+), or 24 with the unused value pointer. With 16, a member alone in its
    bucket has no entry at all. MEMORY USAGE charges 24 anyway."""

    mstr_fields: bool = True
    """Hash field names are mstr (7.4+), whose header has other sizes than sds and may carry an expiry."""

    resize_ratio: int = 4
    """While a child runs, a table grows only at this fill (`used / size`); see `resize_at_ratio`."""

    resize_at_ratio: bool = True
    """While a child runs, growing starts at the ratio (7.4+) or only above it (before)."""

    shrink_percent: bool = False
    """A table shrinks under 10 % fill (before 7.4), not at 1/8."""

    growth_checked_on_existing_hash_field: bool = False
    """HSET of a field that is there may start a growth (7.2, 7.4): a full table expands before the field is looked for."""

    hash_sized_by_arguments: bool = True
    """HSET with more pairs than the limit makes a hashtable with room for all of them (7.2+)."""

    hash_conversion_presized: bool = True
    """A hash that becomes a hashtable has room for its fields at once (7.0+); before, the table grows as they come."""

    hash_increment_checked: bool = True
    """What HINCRBY and HINCRBYFLOAT store is held against hash-max-listpack-value (7.0+)."""

    hash_field_record_kept: bool = True
    """HSET over a field that had an expiry leaves the 18 bytes for it in place (8.0)."""

    hash_last_expiry_unregisters: bool = True
    """HDEL of the last field with an expiry takes the hash out of the index of hashes by expiry (8.0)."""

    score_text: str = "grisu2"
    """How a score is written: `ziplist` (6.2: digits up to 2^52, else %.17g), `17g` (7.0), `grisu2` (7.2+)."""

    zset_counts_arguments: bool = True
    """ZADD with more pairs than the limit makes a skiplist before it adds any, and a dict that comes from a conversion
    has room for all members at once (7.2+)."""

    zset_union_in_place: bool = True
    """ZUNION gathers the members in the result's own dict (8.0); before, in another, whose count sizes the result's."""

    sources_are_read: bool = True
    """What a command reads in order to store something made of it (SINTERSTORE, ZUNIONSTORE, SORT … STORE, COPY) counts
    as read in keyspace_hits and misses (7.0+)."""

    kvstore_size: int = 232
    """sizeof kvstore, which from 7.4 on holds a database's dict of keys, and the one of `expires`; each is made when first
    needed. Before, all dicts are there from the start and 0 stands here."""

    keys_metadata: int = 2408
    """Bytes behind the dict struct of the keys: in 8.0 histograms of the values' sizes, too."""

    expires_metadata: int = 8
    """Bytes behind the dict struct of `expires`."""

    keys_have_lru: bool = True
    """A value gets its lru when it is put under a new key, and takes over that of the value whose place it takes (7.2+).
    Before, a value keeps its own, and takes over another's only under an LFU policy."""

    flush_is_lazy: bool = True
    """FLUSHALL and FLUSHDB SYNC leave the freeing to the thread as well, and wait for it (7.4+)."""

    trims_any_raw: bool = False
    """SET trims slack above 10 % from any raw string (before 7.2); later only from 32768 bytes."""

    geo_meridian_shortcut: bool = True
    """The distance of two places of the same longitude is that of their latitudes (7.0+), not what the general formula
    makes of it."""

    sketch_room_limited: bool = True
    """A sparse HyperLogLog that grows never asks for more than hll-sparse-max-bytes (7.2+); before, greedily."""

    stream_sizes: tuple[int, int, int, int] = (80, 40, 32, 24)
    """sizeof stream, streamCG, streamConsumer, streamNACK."""

    stream_payload: int = 21
    """The RDB type of a stream: 15 (6.2), 19 with what its counters say (7.0), 21 with consumers' active times (7.2+)."""

    lag_minds_deletions: bool = True
    """What a group has read and what it has yet to read is taken as unknown where XDEL deleted something behind the place up
    to which it has read (8.0); before, only where that is behind the stream's first entry."""

    @property
    def version(self) -> tuple[int, int]:
        """Major and minor, to compare with a command's `since`."""
        return self.server[:2]


_8_0 = Profile("8.0", (8, 0, 2), rdb_version=12)

_7_4 = replace(
    _8_0,
    name="7.4",
    server=(7, 4, 1),
    kvstore_size=216,
    keys_metadata=8,
    lag_minds_deletions=False,
    zset_union_in_place=False,
    list_samples_elements=False,
    hash_field_record_kept=False,
    hash_last_expiry_unregisters=False,
    growth_checked_on_existing_hash_field=True,
)

_7_2 = replace(
    _7_4,
    name="7.2",
    server=(7, 2, 6),
    rdb_version=11,
    hash_field_ttl=False,
    kvstore_size=0,
    keys_metadata=0,
    expires_metadata=0,
    flush_is_lazy=False,
    plain_nodes="huge",
    quicklist=QuicklistRules(sort_heeds_settings=False),
    mstr_fields=False,
    resize_ratio=5,
    resize_at_ratio=False,
    shrink_percent=True,
)

_7_0 = replace(
    _7_2,
    name="7.0",
    server=(7, 0, 15),
    keys_have_lru=False,
    zset_counts_arguments=False,
    rdb_version=10,
    small_list_is_listpack=False,
    small_set_is_listpack=False,
    quicklist=replace(_7_2.quicklist, merge_discount=11, merge_drops_mark=False),
    set_entry_size=24,
    hash_sized_by_arguments=False,
    growth_checked_on_existing_hash_field=False,
    score_text="17g",
    trims_any_raw=True,
    sketch_room_limited=False,
    stream_sizes=(80, 40, 24, 24),
    stream_payload=19,
)

_6_2 = replace(
    _7_0,
    name="6.2",
    server=(6, 2, 16),
    rdb_version=9,
    listpack=False,
    plain_nodes="never",
    sources_are_read=False,
    charges_blob_length=True,
    hash_conversion_presized=False,
    hash_increment_checked=False,
    charges_embstr_length=True,
    geo_meridian_shortcut=False,
    dict_size=96,
    quicklist_node_size=32,
    quicklist=replace(
        _7_0.quicklist,
        lzf_header=4,
        edges_split=True,
        tries_new_node=False,
        attempt_drops_mark=False,
        iterators_release=False,
    ),
    score_text="ziplist",
    stream_sizes=(40, 32, 24, 24),
    stream_payload=15,
)

PROFILES: dict[str, Profile] = {p.name: p for p in (_6_2, _7_0, _7_2, _7_4, _8_0)}
"""Every version that the engine reproduces, oldest first."""


def profile_named(name: str) -> Profile:
    """The profile called `name` (`"7.2"`); a ValueError that lists the names otherwise."""
    try:
        return PROFILES[name]
    except KeyError:
        raise ValueError(f"no profile {name!r}: choose one of {', '.join(PROFILES)}") from None


def nearest(version: tuple[int, int]) -> tuple[Profile, bool]:
    """The profile for a server's version, and whether it is that version's own.

    A version between two profiles takes the older one, whose rules it most likely still follows; one before the
    first takes the first.
    """
    chosen = _6_2
    for profile in PROFILES.values():
        if profile.version <= version:
            chosen = profile
    return chosen, chosen.version == version
