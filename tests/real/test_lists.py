"""Random commands on lists, here and on a real server: the same replies, and after each the same memory.

Encodings, payloads and MEMORY USAGE tell everything of a list's nodes: where they are split and merged, which are
compressed, what an iterator leaves behind.
"""

import random
from dataclasses import dataclass
from typing import Any

import hiredis
import pytest

from rinspect.engine import Engine
from rinspect.engine.encodings.quicklist import Quicklist
from rinspect.engine.replies import NULL_ARRAY, CommandError, Status
from rinspect.engine.values.list import ListValue
from tests.real.servers import RealServer

Command = list[bytes]
KEYS = (b"k", b"j")
SAMPLES = (b"0", b"1", b"3")


@dataclass
class Script:
    """What chance makes of a seed: settings, and the commands under them."""

    fill: int
    depth: int
    commands: list[Command]


def number(chance: random.Random, *span: int) -> bytes:
    return b"%d" % chance.randint(*span)


class Texts:
    """Elements of one of four sorts: tiny, short, up to beyond a node, around the widths of a prevlen."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.sort = chance.randrange(4)

    def __call__(self) -> bytes:
        chance = self.chance
        kinds: tuple[tuple[bytes, ...], ...] = (
            (b"a", b"b", b"c", b"12", b"-3", b"400", b"xyz" * chance.randint(1, 8)),
            (b"a", b"7", b"b" * chance.randint(1, 40), b"hello world " * chance.randint(1, 6), chance.randbytes(30)),
            (b"a", b"q" * chance.randint(100, 3000), chance.randbytes(2000), b"w" * chance.randint(8000, 9000)),
            (b"e", b"f", b"g" * chance.randint(200, 260), b"1" * chance.randint(1, 22)),
        )
        return chance.choice(kinds[self.sort])


def script(seed: int, size: bytes) -> Script:
    chance = random.Random(seed)
    text = Texts(chance)
    fill = chance.choice([-1, -2, -2, 0, 1, 2, 3, 4, 5, 8, 16, 100, -5])
    depth = chance.choice([0, 0, 1, 1, 2, 3])
    commands = [command(chance, text, size) for _ in range(chance.randint(5, 50))]
    return Script(fill, depth, commands)


def command(chance: random.Random, text: Texts, size: bytes) -> Command:
    key, other = chance.choice([b"k", b"k", b"k", b"j"]), chance.choice(KEYS)
    index = number(chance, -15, 15)
    side = chance.choice([b"LEFT", b"RIGHT"])
    made: list[tuple[int, Command]] = [
        (20, [chance.choice([b"RPUSH", b"LPUSH"]), key, *(text() for _ in range(chance.choice([2, 3, 5, 20])))]),
        (20, [b"LINSERT", key, chance.choice([b"BEFORE", b"AFTER"]), text(), text()]),
        (8, [b"LSET", key, index, text()]),
        (6, [chance.choice([b"LPOP", b"RPOP"]), key]),
        (4, [chance.choice([b"LPOP", b"RPOP"]), key, number(chance, 0, 9)]),
        (5, [b"LREM", key, number(chance, -3, 3), text()]),
        (3, [b"LTRIM", key, index, number(chance, -15, 60)]),
        (5, [b"LMOVE", key, other, side, chance.choice([b"LEFT", b"RIGHT"])]),
        (7, [b"LINDEX", key, index]),
        (6, [b"LRANGE", key, index, number(chance, -15, 60)]),
        (4, [b"LPOS", key, text(), b"RANK", chance.choice([b"1", b"-1", b"2"]), b"COUNT", b"2", b"MAXLEN", b"10"]),
        (2, [b"COPY", key, b"j" if key == b"k" else b"k", b"REPLACE"]),
        (2, [b"RPOPLPUSH", key, key]),
        (2, [b"CONFIG", b"SET", size, chance.choice([b"-1", b"-2", b"1", b"2", b"4", b"16"])]),
    ]
    return chance.choices([command for _, command in made], [weight for weight, _ in made])[0]


def questions() -> list[Command]:
    """What is asked of the keys after each command."""
    asked: list[Command] = []
    for key in KEYS:
        asked += [[b"OBJECT", b"ENCODING", key], [b"DUMP", key]]
        asked += [[b"MEMORY", b"USAGE", key, b"SAMPLES", samples] for samples in SAMPLES]
    return asked


def plain(reply: Any) -> Any:
    """A reply of either side in the same form."""
    if isinstance(reply, hiredis.ReplyError):
        return ("error", str(reply))
    if isinstance(reply, CommandError):
        return ("error", reply.message)
    if isinstance(reply, Status):
        return reply.text
    if isinstance(reply, list):
        return [plain(item) for item in reply]
    return None if reply is NULL_ARRAY else reply


def level(here: list[Any], there: list[Any]) -> None:
    """Take the odd bytes out that a chunk of libc's malloc, with a key in it, has at one time and not at another.

    6.2 charges a list's blobs by their lengths, so that only the key can differ.
    """
    for at in range(0, len(here), 5):
        figures = slice(at + 2, at + 5)
        if here[at] is not None:
            odd = {b - a for a, b in zip(here[figures], there[figures], strict=True)}
            if len(odd) == 1 and odd <= {-16, 16}:
                there[figures] = here[figures]


def damaged(engine: Engine) -> bool:
    """Whether an end of a list is compressed: a slip of 6.2, after which that server damages the list itself."""
    for key in KEYS:
        value = engine.keyspace[0].peek(key)
        body = value.body if isinstance(value, ListValue) else None
        if isinstance(body, Quicklist) and any(end is not None and end.compressed for end in (body.head, body.tail)):
            return True
    return False


def compare(server: RealServer, seed: int) -> int:
    """Run one script on both sides; how many commands were compared."""
    size = b"list-max-ziplist-size" if server.profile == "6.2" else b"list-max-listpack-size"
    made = script(seed, size)
    engine = Engine(server.profile, server.allocator)
    session = engine.session()
    for setting in (
        [b"CONFIG", b"SET", size, b"%d" % made.fill],
        [b"CONFIG", b"SET", b"list-compress-depth", b"%d" % made.depth],
    ):
        assert plain(server.execute(*setting)) == plain(session.execute(setting)) == b"OK"
    server.execute("DEL", *KEYS)
    asked = questions()
    for at, step in enumerate(made.commands):
        there = [plain(reply) for reply in server.pipeline([step, *asked])]
        here = [plain(session.execute(words)) for words in (step, *asked)]
        what = f"seed {seed}, command {at}: {step!r:.200}"
        assert here[0] == there[0], what
        here, there = here[1:], there[1:]
        if server.allocator == "libc":
            level(here, there)
        assert here == there, what
        if damaged(engine):
            return at + 1
    return len(made.commands)


@pytest.mark.parametrize("real_server", ["6.2", "7.0", "8.0"], indirect=True)
def test_random_commands(real_server: RealServer) -> None:
    assert sum(compare(real_server, seed) for seed in range(20)) > 300


@pytest.mark.fuzz
@pytest.mark.parametrize("real_server", ["6.2", "7.0", "8.0"], indirect=True)
def test_more_random_commands(real_server: RealServer) -> None:
    first = random.SystemRandom().randrange(1 << 40)
    for seed in range(first, first + 1000):
        compare(real_server, seed)
