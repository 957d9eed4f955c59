"""Bits of strings: by a model in plain text, and against servers."""

from functools import reduce
from operator import and_, or_, xor
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine import Engine, Session
from rinspect.engine.replies import CommandError, Reply
from tests.engine.both import Both, versions
from tests.real.servers import RealServer


def session_with(text: bytes) -> Session:
    session = Engine().session()
    if text:
        session.execute([b"SET", b"k", text])
    return session


def run(session: Session, line: str) -> Reply:
    return session.execute([word.encode() for word in line.split()])


def bits_of(text: bytes) -> str:
    return "".join(f"{byte:08b}" for byte in text)


@given(st.binary(max_size=6), st.integers(0, 60), st.sampled_from("01"))
def test_setting_and_getting(text: bytes, offset: int, bit: str) -> None:
    session, digits = session_with(text), bits_of(text)
    digits = digits.ljust((offset // 8 + 1) * 8, "0")
    assert run(session, f"GETBIT k {offset}") == int(digits[offset])
    assert run(session, f"SETBIT k {offset} {bit}") == int(digits[offset])
    digits = digits[:offset] + bit + digits[offset + 1 :]
    stored = session.execute([b"GET", b"k"])
    assert isinstance(stored, bytes)
    assert bits_of(stored) == digits
    assert session.execute([b"OBJECT", b"ENCODING", b"k"]) == b"raw"


@given(st.binary(min_size=1, max_size=5), st.integers(-50, 50), st.integers(-50, 50), st.booleans())
def test_counting_and_finding_in_a_stretch(text: bytes, start: int, end: int, in_bits: bool) -> None:
    session, digits = session_with(text), bits_of(text)
    unit = 1 if in_bits else 8
    total = len(digits) // unit
    first = max(start + total, 0) if start < 0 else start
    last = min(max(end + total, 0) if end < 0 else end, total - 1)
    stretch = digits[first * unit : (last + 1) * unit] if first <= last else ""
    words = f"{start} {end} {'BIT' if in_bits else 'BYTE'}"
    # Only counting looks at whether two negative numbers are in order, before they are cut to the string.
    assert run(session, f"BITCOUNT k {words}") == (0 if end < start < 0 else stretch.count("1"))
    for bit in "01":
        place = stretch.find(bit)
        assert run(session, f"BITPOS k {bit} {words}") == (place if place < 0 else place + first * unit)


def test_behind_the_end_all_bits_are_clear() -> None:
    session = session_with(b"\xff\xff")
    assert run(session, "BITPOS k 0") == 16
    assert run(session, "BITPOS k 0 1") == 16
    assert run(session, "BITPOS k 0 0 -1") == -1
    assert run(session, "BITPOS none 0") == 0
    assert run(session, "BITPOS none 1") == -1


@given(st.lists(st.binary(max_size=5), min_size=1, max_size=4))
def test_operations(texts: list[bytes]) -> None:
    session = Engine().session()
    for number, text in enumerate(texts):
        session.execute([b"SET", b"k%d" % number, text])
    keys = [b"k%d" % number for number in range(len(texts))]
    size = max(map(len, texts))
    padded = [text.ljust(size, b"\0") for text in texts]
    for name, operator in ((b"AND", and_), (b"OR", or_), (b"XOR", xor)):
        expected = bytes(reduce(operator, column) for column in zip(*padded, strict=True))
        assert session.execute([b"BITOP", name, b"d", *keys]) == size
        assert session.execute([b"GET", b"d"]) == (expected if size else None)
    session.execute([b"BITOP", b"NOT", b"d", b"k0"])
    assert session.execute([b"GET", b"d"]) == (bytes(255 - byte for byte in texts[0]) or None)


FIELDS = [
    ("BITFIELD k SET u8 0 255 GET u8 0", [0, 255]),
    ("BITFIELD k INCRBY u2 100 1 INCRBY u2 100 1 INCRBY u2 100 1 INCRBY u2 100 1", [1, 2, 3, 0]),
    ("BITFIELD k OVERFLOW SAT SET i5 3 100 GET i5 3", [0, 15]),
    ("BITFIELD k OVERFLOW SAT INCRBY i5 3 -100", [-16]),
    ("BITFIELD k OVERFLOW FAIL INCRBY u4 0 16", [None]),
    ("BITFIELD k SET i64 5 -1 GET u63 6 GET i64 5", [0, (1 << 63) - 1, -1]),
    ("BITFIELD k SET u8 #2 -1 GET u8 16", [0, 255]),
    ("BITFIELD_RO k GET u8 0 GET i3 1000", [0, 0]),
    ("BITFIELD k", []),
]


@pytest.mark.parametrize(("line", "replies"), FIELDS)
def test_fields(line: str, replies: list[int | None]) -> None:
    assert run(Engine().session(), line) == replies


@given(st.binary(max_size=6), st.integers(0, 40), st.integers(1, 64), st.integers(-(1 << 63), (1 << 63) - 1))
def test_a_field_holds_what_was_put_in(text: bytes, offset: int, width: int, value: int) -> None:
    session = session_with(text)
    digits = bits_of(text).ljust(-(-(offset + width) // 8) * 8, "0")
    before = int(digits[offset : offset + width], 2)
    signed = before - (1 << width) if digits[offset] == "1" else before
    assert run(session, f"BITFIELD k SET i{width} {offset} {value}") == [signed]
    stored = session.execute([b"GET", b"k"])
    assert isinstance(stored, bytes)
    written = f"{value % (1 << width):0{width}b}"
    assert bits_of(stored) == digits[:offset] + written + digits[offset + width :]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("SETBIT k 4294967296 1", "ERR bit offset is not an integer or out of range"),
        ("SETBIT k 0 2", "ERR bit is not an integer or out of range"),
        ("BITPOS k 2", "ERR The bit argument must be 1 or 0."),
        ("BITCOUNT k 1", "ERR syntax error"),
        ("BITOP NOT d k k", "ERR BITOP NOT must be called with a single source key."),
        ("BITFIELD k OVERFLOW x", "ERR Invalid OVERFLOW type specified"),
        ("BITFIELD_RO k SET u8 0 1", "ERR BITFIELD_RO only supports the GET subcommand"),
        (
            "BITFIELD k GET u64 0",
            "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
        ),
    ],
)
def test_errors(line: str, message: str) -> None:
    assert run(Engine().session(), line) == CommandError(message)


# -- against servers ------------------------------------------------------------------------------------------------------


class Player:
    """Makes up commands on three strings, now and then wrong ones."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)

    def key(self) -> bytes:
        return self.rng.choice([b"a", b"b", b"c"]) if self.rng.random() < 0.95 else self.rng.choice([b"none", b"list"])

    def offset(self) -> bytes:
        usual = [b"%d" % self.rng.randrange(80), b"%d" % self.rng.randrange(3000)]
        return self.rng.choice([*usual, *usual, b"#%d" % self.rng.randrange(9), b"-1", b"x", b"4294967295999"])

    def number(self) -> bytes:
        usual = [b"%d" % self.rng.choice([0, 1, -1, 7, -17, 63, 400, -400]), b"%d" % self.rng.randrange(99)]
        return self.rng.choice([*usual, *usual, b"x"])

    def stretch(self) -> list[bytes]:
        return [self.number(), self.number(), self.rng.choice([b"BIT", b"byte", b"x"])][: self.rng.randrange(4)]

    def type(self) -> bytes:
        return self.rng.choice([b"u", b"i"]) + self.rng.choice([b"1", b"5", b"8", b"13", b"32", b"63", b"64"])

    def value(self) -> bytes:
        return b"%d" % self.rng.choice([self.rng.randrange(-300, 300), (1 << 63) - 1, -(1 << 63)])

    def field(self) -> list[bytes]:
        return self.rng.choice(
            [
                [b"GET", self.type(), self.offset()],
                [b"set", self.type(), self.offset(), self.value()],
                [b"INCRBY", self.type(), self.offset(), self.value()],
                [b"OVERFLOW", self.rng.choice([b"WRAP", b"sat", b"FAIL"])],
            ]
        )

    def command(self) -> list[bytes]:
        fields = [word for _ in range(self.rng.randrange(1, 4)) for word in self.field()]
        return self.rng.choice(
            [
                [b"SETBIT", self.key(), self.offset(), self.rng.choice([b"0", b"1", b"1", b"2"])],
                [b"GETBIT", self.key(), self.offset()],
                [b"BITCOUNT", self.key(), *self.stretch()],
                [b"BITPOS", self.key(), self.rng.choice([b"0", b"1"]), *self.stretch()],
                [
                    b"BITOP",
                    self.rng.choice([b"AND", b"or", b"XOR"]),
                    self.rng.choice([b"a", b"b"]),
                    self.key(),
                    self.key(),
                ],
                [b"BITOP", b"NOT", self.rng.choice([b"a", b"b"]), self.key()],
                [b"BITFIELD", self.key(), *fields],
                [b"BITFIELD_RO", self.key(), *fields[:3]],
                [
                    b"SET",
                    self.rng.choice([b"a", b"b"]),
                    self.rng.choice([b"12345", b"", b"\xff" * 30, self.rng.randbytes(20)]),
                ],
                [b"APPEND", self.rng.choice([b"a", b"b"]), self.rng.randbytes(self.rng.randrange(9))],
            ]
        )


@versions
def test_what_counts_as_a_change(real_server: RealServer) -> None:
    both = Both(real_server)
    db = both.session.call.db
    for line in (
        "SETBIT a 0 0", "SETBIT a 0 0", "SETBIT a 0 1", "SETBIT a 0 1", "SETBIT a 90 0",
        "BITFIELD b SET i5 0 0", "BITFIELD b SET i5 0 0", "BITFIELD b SET i5 0 1", "BITFIELD b SET i5 90 0",
        "BITFIELD b SET i5 0 3 SET i5 5 9", "BITFIELD c INCRBY i5 0 1", "BITFIELD c INCRBY i5 0 1 INCRBY i5 0 1",
        "BITFIELD d OVERFLOW FAIL INCRBY i2 0 9", "EXISTS d",
    ):  # fmt: skip
        ours, theirs = db.dirty, int(real_server.info("persistence")["rdb_changes_since_last_save"])
        both.run(line)
        theirs = int(real_server.info("persistence")["rdb_changes_since_last_save"]) - theirs
        assert db.dirty - ours == theirs, line


@versions
def test_random_commands(real_server: RealServer) -> None:
    both, player = Both(real_server), Player(1)
    both.execute(b"RPUSH", b"list", b"x")
    for _ in range(800):
        both.execute(*player.command())
        for key in (b"a", b"b", b"c"):
            both.execute(b"GET", key)
            if real_server.allocator != "libc":
                both.execute(b"MEMORY", b"USAGE", key)
