r"""listpackex: a small hash whose fields can expire. A struct, and a listpack of triples. From 7.4 on.

    | expiry record 16 | key ▶ | lp ▶ |            struct, 32 bytes
                                  └▶ | bytes | count | field | value | expiry | field | … | FF |

`expiry` is in milliseconds since 1970, 0 for a field that does not expire. Fields that do come first, soonest first;
the rest follow in order of arrival. So what is due stands at the front, and a field that gets or loses an expiry moves:

    | b v 500 | c v 900 | a v 0 |      c is given 500: it goes before the first that is not sooner
    | c v 500 | b v 500 | a v 0 |      c loses it again: to the end
    | b v 500 | a v 0 | c v 0 |

The record is the hash's entry in the keyspace's index of hashes by their next expiry. It is not kept up to date to the
millisecond, see `HashValue.registered`.

    >>> triples = ListpackEx([(b"a", b"v", 0), (b"b", b"v", 500)])
    >>> triples.pack.data.hex(" ")        # c1 f4 = 110|00001 11110100: 500
    '18 00 00 00 06 00 81 62 02 81 76 02 c1 f4 02 81 61 02 81 76 02 00 01 ff'
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rinspect.engine.encodings.entries import CorruptBlob
from rinspect.engine.encodings.listpack import Listpack
from rinspect.engine.numbers import parse_int

STRUCT = 32
MAX_EXPIRY = (1 << 48) - 2
"""The latest moment that a record has room for."""

Triple = tuple[bytes, bytes, int]


class ListpackEx:
    """The listpack of triples, `pack`, and the struct's serial."""

    encoding = "listpackex"
    __slots__ = ("pack", "serial")

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        self.pack = Listpack()
        self.serial = 0
        for field, value, expiry in triples:
            self.insert(field, value, expiry)

    @classmethod
    def from_pairs(cls, pack: Listpack) -> ListpackEx:
        """Give every pair of a plain listpack an expiry of 0."""
        triples = cls()
        texts = iter(pack.texts)
        triples.pack = Listpack(text for field in texts for text in (field, next(texts), b"0"))
        return triples

    @classmethod
    def from_bytes(cls, data: bytes) -> ListpackEx:
        """Take over a blob as it was stored; CorruptBlob if it is not a listpack of ordered triples."""
        triples = cls()
        triples.pack = pack = Listpack.from_bytes(data)
        if len(pack) % 3:
            raise CorruptBlob(f"listpackex: {len(pack)} entries are no triples")
        before = -1
        for text in pack.texts[2::3]:
            expiry = parse_int(text)
            if expiry is None or not 0 <= expiry <= MAX_EXPIRY:
                raise CorruptBlob("listpackex: an expiry that is no moment")
            if expiry and (before == 0 or expiry < before):
                raise CorruptBlob("listpackex: the fields are not in the order of their expiry")
            before = expiry
        return triples

    def __len__(self) -> int:
        return len(self.pack) // 3

    def __iter__(self) -> Iterator[Triple]:
        texts = iter(self.pack.texts)
        return ((field, next(texts), int(next(texts))) for field in texts)

    def copy(self) -> ListpackEx:
        twin = ListpackEx()
        twin.pack = self.pack.copy()
        return twin

    def index(self, field: bytes) -> int:
        """Where a field's triple starts, in entries; -1 if it is not there."""
        return self.pack.find(field, 0, 3)

    def expiry(self, index: int) -> int:
        """When the field of the triple at `index` expires; 0 for never."""
        return int(self.pack.texts[index + 2])

    def minimum(self) -> int:
        """The next expiry; 0 if no field has one."""
        return int(self.pack.texts[2]) if self.pack.texts else 0

    def due(self, now: int) -> int:
        """How many fields have expired at or before `now`: all of them stand at the front."""
        count = 0
        for text in self.pack.texts[2::3]:
            if not 0 < int(text) <= now:
                break
            count += 1
        return count

    def insert(self, field: bytes, value: bytes, expiry: int) -> None:
        """Put a new field where it belongs: before the first whose expiry is as late or later, or never comes."""
        place = len(self)
        if expiry:
            place = next((at for at, (_, _, other) in enumerate(self) if other == 0 or other >= expiry), place)
        self.pack.insert(3 * place, field, value, b"%d" % expiry)

    def move(self, index: int, expiry: int) -> None:
        """Give the field of the triple at `index` another expiry: it is taken out and put in anew."""
        field, value = self.pack.texts[index : index + 2]
        self.pack.delete(index, 3)
        self.insert(field, value, expiry)
