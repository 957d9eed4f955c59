"""Random commands, made from the grammar by which each command is declared: whoever declares one has it tested.

An argument's name tells which words go there. Most are sensible and few, so that commands meet on the same keys and
elements; some lie on a border (a byte more than an embstr has, 64 bits and one more); some are nonsense.
"""

from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

from rinspect.engine import Engine
from rinspect.engine.commands.registry import Command
from rinspect.engine.notation import Arg

KEYS = {
    "string": [b"s1", b"s2"],
    "bitmap": [b"s1", b"s2"],
    "list": [b"l1", b"l2"],
    "set": [b"t1", b"t2", b"t3"],
    "hash": [b"h1", b"h2"],
    "sorted-set": [b"z1", b"z2", b"t1"],
    "geo": [b"z1", b"z1", b"z1", b"z2"],
    "hyperloglog": [b"p1", b"p2", b"s1"],
    "stream": [b"x1", b"x2"],
}
ALL_KEYS = [
    b"s1", b"s2", b"p1", b"p2", b"l1", b"l2", b"t1", b"t2", b"t3", b"h1", b"h2", b"z1", b"z2", b"x1", b"x2", b"none",
]  # fmt: skip

ODD = [
    b"", b"0", b"-1", b"-0", b"+5", b" 5", b"5 ", b"05", b"5.0", b"1e400", b"1e-400", b"0x10", b"inf", b"-inf", b"nan", b"abc",
    b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"-9223372036854775809", b"4294967296",
    b"2147483648", b"*", b"\x00", b"\xff\x00\r\n", b"NX", b"COUNT", b"LIMIT", b"WITHSCORES", b"99999999999999999999",
]  # fmt: skip

SHORT = [b"a", b"b", b"c", b"d", b"e", b"f", b"1", b"2", b"3", b"10", b"-5", b"300", b"70000", b"", b"3.5"]
BORDERLINE = [
    b"x" * 5, b"abc" * 7, b"x" * 43, b"y" * 44, b"x" * 45, b"z" * 63, b"x" * 64, b"x" * 65, b"w" * 127, b"v" * 128,
    b"u" * 253, b"u" * 254, b"u" * 255, b"x" * 256, b"0123456789" * 30, b"ab" * 2100, b"\x00\x01\xfe\xff" * 3,
    b"127", b"128", b"-128", b"-129", b"32767", b"32768", b"8388607", b"8388608", b"2147483647", b"2147483648",
    b"9223372036854775807", b"-9223372036854775808", b"9223372036854775808", b"12", b"13", b"4095", b"4096", b"-4096",
    b"007", b"1e5", b"3.0e3", b"0.1", b"\xc3\xa9t\xc3\xa9",
]  # fmt: skip
TEXTS = SHORT * 6 + BORDERLINE

INDEXES = [b"%d" % n for n in (0, 0, 1, 2, 3, 5, 8, 20, -1, -1, -2, -3, -7, -30)]
COUNTS = [b"%d" % n for n in (1, 1, 2, 2, 3, 5, 10, 0, -1, -2, -5)]
INCREMENTS = [b"1", b"-1", b"5", b"0", b"100", b"-300", b"65536", b"4611686018427387904", b"-9223372036854775808"]
DOUBLES = [
    b"1", b"2", b"3", b"-1", b"0", b"-0", b"1.5", b"0.1", b"0.2", b"3.14159265358979", b"1e10", b"1e17", b"123456789012",
    b"1e-7", b"inf", b"-inf", b"1e300", b"5e-324", b"0x1p3", b"100000", b"4503599627370497.5", b".5", b"5.", b"17179869184",
]  # fmt: skip
FUTURE = 4_000_000_000
"""A moment that no test lives to see, in seconds since 1970."""

WORDS: dict[str, list[bytes]] = {
    "seconds": [b"1000", b"5000", b"100000", b"0", b"-1", b"9223372036854775", b"9223372036854775807"],
    "milliseconds": [b"1000000", b"5000000", b"0", b"-1", b"9223372036854775807"],
    "unix-time-seconds": [b"%d" % (FUTURE + n) for n in (0, 1, 2)] + [b"1", b"0", b"-5", b"9223372036854775807"],
    "unix-time-milliseconds": [b"%d" % (FUTURE * 1000 + n) for n in (0, 1, 700, 1500)] + [b"1", b"0", b"-5"],
    "ttl": [b"0", b"0", b"0", b"1000000", b"4000000000000", b"-1"],
    "offset": [b"0", b"1", b"5", b"7", b"8", b"30", b"64", b"100", b"-1", b"#1", b"#3", b"2000"],
    "encoding": [b"u8", b"i8", b"u1", b"i5", b"u16", b"i64", b"u63", b"u64", b"i65", b"i0", b"x8", b"u"],
    "bit": [b"0", b"1", b"1", b"2"],
    "min": [b"-inf", b"0", b"1", b"(1", b"2", b"-", b"[a", b"(b", b"[", b"(", b"-3", b"x"],
    "max": [b"+inf", b"10", b"3", b"(3", b"5", b"+", b"[d", b"(c", b"-", b"[", b"-3", b"x"],
    "cursor": [b"0", b"0", b"0", b"0", b"x", b"", b"-1", b" 0", b"99999999999999999999"],
    "pattern": [b"*", b"*", b"?", b"[a-c]", b"[^a]*", b"*1", b"x*", b"\\a", b""],
    "by-pattern": [b"nosort", b"s*", b"h*->a", b"h1->*", b"*", b"w_*", b"*->b"],
    "get-pattern": [b"#", b"s*", b"h*->a", b"h1->*", b"*", b"*->", b"nothing"],
    "db": [b"0", b"1", b"2", b"15", b"16", b"-1"],
    "timeout": [b"0", b"0.1", b"1", b"-1", b"abc", b"1e400", b"inf", b"0x1p2", b" 1", b"1e16", b"9223372036854775"],
    "longitude": [b"13.361389", b"15.087269", b"13.4", b"13.5", b"-179.9", b"0", b"-180", b"180", b"181", b"abc"],
    "latitude": [b"38.115556", b"37.502669", b"38.1", b"38.2", b"-70", b"82", b"0", b"85.05112878", b"-85.05112878", b"nan"],
    "radius": [b"0", b"1", b"50", b"200", b"5000", b"20000", b"1e6", b"-1", b"x", b"inf"],
    "width": [b"0", b"1", b"50", b"400", b"5000", b"40000", b"1e6", b"-1", b"x", b"inf"],
    "height": [b"0", b"1", b"50", b"400", b"5000", b"40000", b"1e6", b"-1", b"x", b"inf"],
    "rank": [b"1", b"2", b"-1", b"-2", b"0", b"-9223372036854775808"],
    "frequency": [b"0", b"5", b"255", b"256", b"-1"],
    "weight": [b"1", b"2", b"0.5", b"-1", b"inf", b"0", b"x"],
    "samples": [b"0", b"1", b"5", b"100", b"-1"],
    "limit": [b"0", b"1", b"2", b"-1"],
    "message": [b"hello", b""],
    "subcommand": [b"GETREG", b"DECODE", b"DECODE", b"decode", b"ENCODING", b"TODENSE", b"nothing"],
    "start": INDEXES,
    "stop": INDEXES,
    "end": INDEXES,
    "index": INDEXES,
    "count": COUNTS,
    "increment": INCREMENTS,
    "decrement": INCREMENTS,
    "score": DOUBLES,
}  # fmt: skip
WORDS |= {"destination-db": WORDS["db"], "index1": WORDS["db"], "index2": WORDS["db"]}
IDS = [b"1-1", b"1-2", b"1-*", b"2", b"2-3", b"3-*", b"5-0", b"5-5", b"7", b"8-1", b"300-1", b"300-*", b"70000-2"]
OF_STREAMS: dict[str, list[bytes]] = {
    "id": [*IDS * 3, b"0", b"0-0", b"18446744073709551615-18446744073709551615", b"x", b"1-x", b"-", b"$", b">", b"+"],
    "threshold": [b"0", b"1", b"2", b"3", b"5", b"10", b"3-0", b"5", b"300-1", b"-1"],
    "start": [b"-", b"-", b"-", b"0", b"1-2", b"(1-1", b"5", b"(5", b"300", b"(0-0", b"x", b"+"],
    "end": [b"+", b"+", b"+", b"5", b"(5-5", b"300-1", b"70000", b"(0", b"-"],
    "group": [b"g1", b"g1", b"g2"],
    "consumer": [b"al", b"al", b"bo", b"", b"a longer name"],
    "min-idle-time": [b"0", b"0", b"0", b"1000000", b"-1"],
    "ms": [b"0", b"1000", b"-5", b"9000000"],
    "unix-time-milliseconds": [b"1", b"1000000000000", b"-1", b"4000000000000"],
    "last-id": [b"70001-0", b"80000-0", b"5-5", b"0-0"],
    "max-deleted-id": [b"0-0", b"5-5", b"300-1", b"90000-0"],
    "lastid": [b"5-5", b"0", b"70000-5"],
    "entriesread": [b"-1", b"0", b"1", b"3", b"-2"],
    "entries-added": [b"0", b"3", b"100", b"-1"],
    "milliseconds": [b"0", b"1", b"-1", b"x"],
    "field": [b"a", b"a", b"a", b"b", b"c", b"5", b"a longer field"],
}
"""Words that mean something else there, or only there."""
DOUBLE_INCREMENT = ("INCRBYFLOAT", "HINCRBYFLOAT", "ZINCRBY")
SCAN_OPTIONS = [
    [], [b"COUNT", b"1"], [b"COUNT", b"100", b"MATCH", b"*"], [b"MATCH", b"?1"], [b"TYPE", b"hash"], [b"type", b"ZSET"],
    [b"TYPE", b"nonsense"], [b"COUNT", b"0"], [b"COUNT", b"x"], [b"MATCH"], [b"NOVALUES"],
    [b"match", b"[a-f]*", b"count", b"2"],
]  # fmt: skip

GROWING = (
    "SET",
    "APPEND",
    "SETRANGE",
    "SETBIT",
    "MSET",
    "RPUSH",
    "LPUSH",
    "LINSERT",
    "SADD",
    "HSET",
    "ZADD",
    "GEOADD",
    "XADD",
    "XREADGROUP",
    "PFADD",
)
"""What has to come more often than the rest, for there to be something to work on."""

NOT_ASKED = {
    "COMMAND", "COMMAND|COUNT", "COMMAND|INFO", "COMMAND|DOCS", "COMMAND|LIST", "COMMAND|GETKEYS", "COMMAND|HELP",
    "CONFIG", "CONFIG|GET", "CONFIG|SET", "CONFIG|HELP", "DEBUG", "TIME", "FLUSHALL", "FLUSHDB",
    "MEMORY|USAGE", "MEMORY|STATS", "MEMORY|MALLOC-STATS", "MEMORY|DOCTOR", "OBJECT|HELP", "PFSELFTEST",
}  # fmt: skip
"""Their answers are not the server's (HELP), hang on its process (DOCTOR, on what its threads have not freed yet), or have
tests of their own."""
OF_THE_ENGINE = "rinspect.engine.commands."
"""Where the commands are declared that need neither a connection nor a server around the engine."""

THRESHOLDS = {
    "hash-max-{}-entries": [b"0", b"2", b"4", b"512"],
    "hash-max-{}-value": [b"0", b"4", b"44", b"64"],
    "zset-max-{}-entries": [b"0", b"2", b"4", b"128"],
    "zset-max-{}-value": [b"0", b"4", b"44", b"64"],
    "list-max-{}-size": [b"-2", b"-1", b"1", b"2", b"5", b"-5"],
    "set-max-intset-entries": [b"0", b"2", b"4", b"512"],
    "set-max-listpack-entries": [b"0", b"2", b"4", b"128"],
    "set-max-listpack-value": [b"0", b"4", b"44", b"64"],
    "list-compress-depth": [b"0", b"1", b"2"],
    "stream-node-max-entries": [b"0", b"2", b"4", b"100"],
    "stream-node-max-bytes": [b"0", b"64", b"300", b"4096"],
    "hll-sparse-max-bytes": [b"3000", b"3000", b"0", b"26", b"40"],
    "rdbcompression": [b"yes", b"no"],
}


@dataclass(frozen=True)
class Payload:
    """What DUMP gives for a key at that time, damaged or not, as a word of a command."""

    key: bytes
    damage: int | None = None
    """A seed: what is damaged, and how. The checksum fits the damaged bytes, or nobody would look at them."""

    def spoil(self, data: bytes) -> bytes:
        """The payload without its footer, damaged."""
        if self.damage is None:
            return data
        chance, spoiled = Random(self.damage), bytearray(data)
        at = chance.randrange(min(len(data), chance.choice((1, 12, 1 << 20))))
        match chance.randrange(5):
            case 0:
                spoiled[at] = chance.randrange(256)
            case 1:
                spoiled[at] ^= 1 << chance.randrange(8)
            case 2:
                del spoiled[at:]
            case 3:
                spoiled[at:at] = chance.randbytes(chance.choice((1, 2, 8)))
            case 4:
                del spoiled[at : at + chance.choice((1, 2, 8))]
        return bytes(spoiled)


Word = bytes | Payload
Sentence = tuple[Word, ...]


class Sentences:
    """Strategies for the commands of one version; `groups` are those whose commands come most."""

    def __init__(self, profile: str, groups: tuple[str, ...], *, compressed_lists: bool = True) -> None:
        engine = Engine(profile)
        self.groups = groups
        own: list[Command] = []
        others: list[Command] = []
        for command in engine.commands.values():
            for one in (*command.subcommands.values(), *(() if command.is_container else (command,))):
                if one.name in NOT_ASKED or not one.handler.__module__.startswith(OF_THE_ENGINE):
                    continue
                if one.declaration.group in groups:
                    own.append(one)
                elif one.declaration.group in ("generic", "server", "connection"):
                    others.append(one)
        growing = [command for command in own if command.name in GROWING]
        kind = "listpack" if engine.profile.listpack else "ziplist"
        self.settings = {
            name.format(kind).encode(): values
            for name, values in THRESHOLDS.items()
            if engine.runtime.config.get(name.format(kind)) is not None
            and (compressed_lists or name != "list-compress-depth")
        }
        self._pots = [own, own, growing, growing, others]

    def texts(self) -> st.SearchStrategy[list[Sentence]]:
        """A list of commands."""
        return st.lists(self.sentences(), min_size=1, max_size=40)

    def sentences(self) -> st.SearchStrategy[Sentence]:
        @st.composite
        def sentence(draw: st.DrawFn) -> Sentence:
            if not draw(st.integers(0, 15)):
                name = draw(st.sampled_from(list(self.settings)))
                return b"CONFIG", b"SET", name, draw(st.sampled_from(self.settings[name]))
            command = draw(st.sampled_from(draw(st.sampled_from(self._pots))))
            words = _Writer(draw, command, self.groups).words()
            return tuple(words if draw(st.integers(0, 11)) else _disturbed(draw, words))

        return sentence()


def _disturbed(draw: st.DrawFn, words: list[Word]) -> list[Word]:
    """The words with something wrong, or just written otherwise."""
    at = draw(st.integers(0, len(words) - 1))
    match draw(st.integers(0, 4)):
        case 0:
            return words[:-1] or words
        case 1:
            return [*words, draw(st.sampled_from(ODD))]
        case 2:
            return words[:at] + words[at + 1 :] if at else [_lower(words[0]), *words[1:]]
        case 3:
            return [*words[:at], draw(st.sampled_from(ODD)), *words[at + 1 :]] if at else words
    return [_lower(word) for word in words]


def _lower(word: Word) -> Word:
    return word.lower() if isinstance(word, bytes) else word


class _Writer:
    """Writes one command."""

    def __init__(self, draw: st.DrawFn, command: Command, groups: tuple[str, ...]) -> None:
        self.draw = draw
        self.command = command
        group = command.declaration.group
        # Now and then the wrong type.
        self.keys = KEYS.get(group) or [key for one in groups for key in KEYS[one]]
        if not draw(st.integers(0, 11)):
            self.keys = ALL_KEYS
        self.counts: dict[str, int] = {}

    def words(self) -> list[Word]:
        written: list[Word] = [word.encode() for word in self.command.name.split("|")]
        options: list[list[Word]] = []
        for arg in self.command.grammar.args:
            if arg.optional:
                if not self.draw(st.integers(0, 2)):
                    options.append(self.arg(arg))
                continue
            written += self._in_any_order(options)
            options = []
            written += self.arg(arg)
        return written + self._in_any_order(options)

    def _in_any_order(self, options: list[list[Word]]) -> list[Word]:
        if len(options) > 1:
            options = self.draw(st.permutations(options))
        return [word for option in options for word in option]

    def arg(self, arg: Arg) -> list[Word]:
        if arg.counted_by:
            # One token before all of them.
            words = [word for _ in range(self.counts[arg.counted_by]) for word in self.bare(arg)]
            return [arg.token.encode(), *words] if arg.token else words
        times = self.draw(st.integers(1, 6)) if arg.multiple else 1
        return [word for _ in range(times) for word in self._introduced(arg)]

    def _introduced(self, arg: Arg) -> list[Word]:
        introduction = [arg.token.encode()] if arg.token and arg.kind != "token" else []
        return introduction + self.bare(arg)

    def bare(self, arg: Arg) -> list[Word]:
        """The argument itself, without the token before it."""
        if arg.kind == "token":
            return [arg.token.encode()]
        if arg.kind == "block":
            return [
                word for part in arg.parts if not part.optional or self.draw(st.booleans()) for word in self.arg(part)
            ]
        if arg.name == "id-selector" and self.draw(st.integers(0, 3)):
            return [self.draw(st.sampled_from(IDS if self.command.name == "XADD" else [b"0", b"0", b"5", b"$"]))]
        if arg.kind == "choice":
            return self.arg(self.draw(st.sampled_from(arg.parts)))
        if arg.kind == "key":
            return [self.draw(st.sampled_from(self.keys))]
        if arg.kind == "count":
            self.counts[arg.name] = self.draw(st.integers(1, 3))
            return [b"%d" % self.counts[arg.name]]
        if arg.name == "options":
            return list(self.draw(st.sampled_from(SCAN_OPTIONS)))
        if arg.name == "serialized-value":
            return [Payload(self.draw(st.sampled_from(ALL_KEYS)), self.draw(st.none() | st.integers(0, 1 << 30)))]
        return [self.draw(st.sampled_from(self._choice(arg)))]

    def _choice(self, arg: Arg) -> list[bytes]:
        if arg.name == "increment" and self.command.name in DOUBLE_INCREMENT:
            return DOUBLES
        if self.command.declaration.group == "stream" and arg.name in OF_STREAMS:
            return OF_STREAMS[arg.name]
        if arg.name in WORDS:
            return WORDS[arg.name]
        if arg.kind in ("int", "number"):
            return INDEXES
        return DOUBLES if arg.kind == "double" else TEXTS
