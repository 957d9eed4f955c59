"""The engine and a real server given the same commands, and held against each other after each."""

from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self

from rinspect.engine import Engine
from rinspect.engine.encodings.quicklist import Quicklist
from rinspect.engine.encodings.quicklist.fill import NODE_SIZES
from rinspect.engine.numbers import parse_int
from rinspect.engine.payload import FOOTER
from rinspect.engine.payload.checksum import crc64
from rinspect.engine.replies import NULL_ARRAY, CommandError, Map, Reply, SetReply, Verbatim
from rinspect.engine.values.list import ListValue
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.value import Value
from rinspect.engine.values.zset import ZsetValue
from tests.real.sentences import ALL_KEYS, Payload, Sentence
from tests.real.servers import RealServer
from tests.real.typed import TypedConnection

Command = list[bytes]

UNORDERED = {"SINTER", "SUNION", "SDIFF", "KEYS", "SMEMBERS", "HKEYS", "HVALS", "HGETALL"}
"""The order of these replies is, or may be, a hashtable's."""

BY_CHANCE = {"SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER", "RANDOMKEY", "SPOP"}

OF_TIME = {
    "TTL": 1, "EXPIRETIME": 1, "HTTL": 1, "HEXPIRETIME": 1, "OBJECT": 1,
    "PTTL": 200, "PEXPIRETIME": 200, "HPTTL": 200, "HPEXPIRETIME": 200,
}  # fmt: skip
"""How far these replies may be apart: two clocks are read at two moments."""

SCANS = {"SCAN": 1, "SSCAN": 2, "HSCAN": 2, "ZSCAN": 2}
"""Where the cursor stands."""

SAMPLES = (b"0", b"5")


class Twins:
    """One server, one engine. Of a `stranger`, a server of another make, only what it left as it was is compared."""

    def __init__(self, server: RealServer, profile: str, settings: Iterable[bytes], *, resp: int = 2) -> None:
        """Both empty, with the defaults of those settings; they are all that may be changed."""
        self.stranger = server.profile != profile
        self.server = TypedConnection(server)
        self.measures = not self.stranger and server.allocator != "libc"
        self.now = 0
        self.engine = Engine(profile, server.allocator, clock=lambda: self.now)
        self.session = self.engine.session()
        self.session.call.resp = self.resp = resp
        self.loose: set[bytes] = set()
        """Keys whose bytes may differ: elements lie as they came out of some hashtable, or hold a moment that each side
        computed from its own clock."""
        self.strayed: set[bytes] = set()
        """Keys whose tables grow at other moments, since on one side a move to a larger one took longer."""
        config = self.engine.runtime.config
        self.server.pipeline(
            [
                [b"HELLO", b"%d" % resp],
                [b"FLUSHALL"],
                [b"CONFIG", b"SET", b"sanitize-dump-payload", b"yes"],
                *([b"CONFIG", b"SET", name, str(config.get(name.decode())).encode()] for name in settings),
            ]
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.close()

    def play(self, sentences: Iterable[Sentence]) -> int:
        """Play the commands; how many were compared."""
        compared = 0
        for sentence in sentences:
            words = [self._resolved(word) for word in sentence]
            if passes_soon(words) or takes_much(words) or self._is_undefined(words):
                continue
            if self.stranger and differs_in_valkey(words):
                continue
            if self.engine.profile.version < (7, 0) and self._is_miscounted(words):
                continue
            self._compare(words)
            compared += 1
            if self._damaged():
                break
        return compared

    def _resolved(self, word: bytes | Payload) -> bytes:
        if isinstance(word, bytes):
            return word
        data = self.session.execute([b"DUMP", word.key])
        if not isinstance(data, bytes):
            return b""
        spoiled = word.spoil(data[:-FOOTER]) + data[-FOOTER:-8]
        return spoiled + crc64(spoiled).to_bytes(8, "little")

    def _is_undefined(self, words: Command) -> bool:
        """Whether no rule says what comes out: ties of SORT … BY … ALPHA, the order of names where scores differ, an id that
        the clock gives."""
        upper = [word.upper() for word in words]
        if upper[0] == b"XADD" and b"*" in upper:
            return True
        if upper[0] in (b"SORT", b"SORT_RO"):
            return {b"BY", b"ALPHA"} <= set(upper)
        if any(word.endswith((b"BYLEX", b"LEXCOUNT")) for word in upper):
            values = [self._value(key) for key in ALL_KEYS if key in words]
            zsets = [value for value in values if isinstance(value, ZsetValue)]
            return any(
                len({score for _, score in value.pairs()}) > 1 for value in zsets if value.encoding == "skiplist"
            )
        return False

    def _is_miscounted(self, words: Command) -> bool:
        """Whether a subcommand on streams is none, or has too few or too many words: 6.2 may complain of the key before it sees
        that. Here words are counted first."""
        command = self.engine.commands.get(words[0].upper())
        if command is None or command.declaration.group != "stream" or len(words) < 2:
            return False
        sub = command.subcommands.get(words[1].upper())
        return sub is None or len(words) < sub.required or (sub.exact and len(words) != sub.required)

    def _value(self, key: bytes) -> Value | None:
        return self.session.call.db.peek(key)

    def _in_table(self, key: bytes) -> bool:
        value = self._value(key)
        return value is not None and value.encoding == "hashtable"

    def _here(self, words: Command) -> Reply:
        return self._normal(self.session.execute(words))

    def _there(self, words: Command) -> Reply:
        return self._normal(self.server.execute(*words))

    def _normal(self, reply: Reply) -> Reply:
        """RESP3 has one null."""
        if self.resp == 3:
            if reply is NULL_ARRAY:
                return None
            if isinstance(reply, list):
                return [self._normal(item) for item in reply]
        return reply

    # -- one command ----------------------------------------------------------------------------------------------------

    def _compare(self, words: Command) -> None:
        name = words[0].upper().decode("latin-1")
        touched = [key for key in ALL_KEYS if key in words]
        from_tables = any(key in self.loose or self._in_table(key) for key in touched)
        by_table = self._sorts_by_table(words)
        ours, theirs = self._replies(words, name)
        if name in BY_CHANCE or by_table or (name == "DUMP" and from_tables):
            agree = shape(ours) == shape(theirs)
        elif name.startswith("X"):
            agree = timeless(words, ours) == timeless(words, theirs)
        elif name in OF_TIME:
            agree = near(ours, theirs, OF_TIME[name])
        elif name in UNORDERED and (from_tables or name in ("KEYS", "SINTER", "SUNION", "SDIFF")):
            agree = ordered(ours, in_pairs=name == "HGETALL") == ordered(theirs, in_pairs=name == "HGETALL")
        else:
            agree = ours == theirs
        assert agree, (words, ours, theirs)
        if name == "SPOP" and len(touched) == 1 and not isinstance(ours, CommandError):
            # Other members went on the other side.
            self._here([b"DEL", touched[0]])
            self._there([b"DEL", touched[0]])
        self._loosen(words, name, touched, from_tables)
        self._question(touched, words)

    def _sorts_by_table(self, words: Command) -> bool:
        """Whether an answer of SORT is in the order of a hashtable."""
        upper = [word.upper() for word in words]
        if upper[0] not in (b"SORT", b"SORT_RO") or b"BY" not in upper[2:-1]:
            return False
        return b"*" not in words[upper.index(b"BY", 2) + 1] and self._in_table(words[1])

    def _replies(self, words: Command, name: str) -> tuple[object, object]:
        place = SCANS.get(name)
        # Elsewhere than from its beginning, a walk over a table finds here and there what it finds.
        if place is not None and len(words) > place:
            words[place] = {b"-1": b"x", b"": b"0", b" 0": b"0"}.get(words[place], words[place])
        if place is not None and len(words) > place and words[place] == b"0":
            return scanned(words, place, self._here), scanned(words, place, self._there)
        command = self.engine.commands.get(words[0].upper())
        blocking = command is not None and "blocking" in command.declaration.flags
        # In a transaction nobody waits.
        commands = [[b"MULTI"], words, [b"EXEC"]] if blocking else [words]
        clock, *replies = self.server.pipeline([[b"TIME"], *commands])
        self.now = microseconds(clock)
        theirs = replies[-1]
        if blocking:
            # What is refused is refused when it is queued; else there is the transaction's one reply.
            theirs = theirs[0] if isinstance(theirs, list) else replies[1]
        return self._here(words), self._normal(theirs)

    # -- after it -------------------------------------------------------------------------------------------------------

    def _loosen(self, words: Command, name: str, touched: list[bytes], from_tables: bool) -> None:
        upper = {word.upper() for word in words}
        if name in ("SELECT", "SWAPDB", "MOVE") or (name == "COPY" and b"DB" in upper):
            # What is known is not known by database.
            self.loose |= set(ALL_KEYS)
        relative = name in ("HEXPIRE", "HPEXPIRE") or (name in ("HGETEX", "HSETEX") and upper & {b"EX", b"PX"})
        for key in touched:
            if self._value(key) is None:
                self.loose.discard(key)
                self.strayed.discard(key)
            elif relative or (from_tables and len(touched) > 1) or self._has_consumers(key):
                self.loose.add(key)

    def _has_consumers(self, key: bytes) -> bool:
        """Whether a stream holds moments at which something was delivered."""
        value = self._value(key)
        return isinstance(value, StreamValue) and any(len(group.consumers) for _, group in value.named_groups())

    def _question(self, keys: list[bytes], words: Command) -> None:
        """Ask both about the keys that the command may have changed."""
        asked = [question for key in keys for question in self._about(key)]
        for question, theirs in zip(asked, self.server.pipeline(asked), strict=True):
            ours = self.session.execute(question)
            same = timeless(question, ours) == timeless(question, theirs) if question[0] == b"XINFO" else ours == theirs
            assert same or self._excused(question), (words, question, ours, theirs)

    def _about(self, key: bytes) -> list[Command]:
        value = self._value(key)
        questions = [[b"TYPE", key], [b"DEBUG", b"DIGEST-VALUE", key]]
        if value is None:
            return questions
        if not (self.stranger and value.type == "string"):
            questions.append([b"OBJECT", b"ENCODING", key])
        if value.encoding != "hashtable" and not (key in self.loose and value.type in ("set", "hash", "stream")):
            questions.append([b"DUMP", key])
        if value.type == "stream":
            questions.append([b"XINFO", b"STREAM", key, b"FULL", b"COUNT", b"0"])
        # A skiplist's levels are drawn by lot.
        if value.encoding != "skiplist" and self.measures:
            samples = SAMPLES[:1] if value.encoding == "hashtable" else SAMPLES
            questions += [[b"MEMORY", b"USAGE", key, b"SAMPLES", count] for count in samples]
        return questions

    def _excused(self, question: Command) -> bool:
        """A table is moved a bucket at a time: how soon it is done depends on where its elements happen to be."""
        if question[0] != b"MEMORY":
            return False
        key = question[2]
        value = self._value(key)
        if value is None or value.hashtable is None:
            return False
        stats = self.server.execute(b"DEBUG", b"HTSTATS-KEY", key)
        text = stats.text if isinstance(stats, Verbatim) else stats
        if value.hashtable.rehashing or (isinstance(text, bytes) and b"rehashing target" in text):
            self.strayed.add(key)
        return key in self.strayed

    def _damaged(self) -> bool:
        """Whether an end of a list is compressed: a slip of 6.2, after which that server damages the list itself."""
        for key in ALL_KEYS:
            value = self._value(key)
            body = value.body if isinstance(value, ListValue) else None
            if isinstance(body, Quicklist) and any(
                end is not None and end.compressed for end in (body.head, body.tail)
            ):
                return True
        return False


def microseconds(clock: Reply) -> int:
    """What TIME says, since 1970."""
    assert isinstance(clock, list)
    seconds, rest = clock
    assert isinstance(seconds, bytes)
    assert isinstance(rest, bytes)
    return int(seconds) * 1_000_000 + int(rest)


def scanned(words: Command, place: int, ask: Callable[[Command], Reply]) -> object:
    """All that a whole iteration gives, without order; or the error."""
    found: set[str] = set()
    words = list(words)
    while True:
        reply = ask(words)
        if not isinstance(reply, list):
            return reply
        cursor, items = reply
        assert isinstance(cursor, bytes)
        assert isinstance(items, list)
        width = 2 if words[0].upper() in (b"HSCAN", b"ZSCAN") and b"NOVALUES" not in words else 1
        found |= {repr(items[at : at + width]) for at in range(0, len(items), width)}
        words[place] = cursor
        if cursor == b"0":
            return found


def shape(reply: object) -> object:
    """What kind of reply, and how long."""
    if isinstance(reply, list):
        return [shape(item) for item in reply]
    return reply if isinstance(reply, Exception) else type(reply)


def ordered(reply: object, *, in_pairs: bool) -> object:
    """The reply with its elements in an order of our own."""
    match reply:
        case list() if in_pairs:
            return sorted(zip(reply[::2], reply[1::2], strict=True))
        case list():
            return sorted(reply)
        case SetReply(members=members):
            return SetReply, sorted(map(repr, members))
        case Map(pairs=pairs):
            return Map, sorted(map(repr, pairs))
    return reply


def near(ours: object, theirs: object, slack: int) -> bool:
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(near(a, b, slack) for a, b in zip(ours, theirs, strict=True))
    if isinstance(ours, int) and isinstance(theirs, int):
        return ours == theirs if min(ours, theirs) < 0 else abs(ours - theirs) <= slack
    return ours == theirs


def timeless(words: Command, reply: object) -> object:
    """The reply without moments, which two clocks tell, and without how long ago they were."""
    if isinstance(reply, Map):
        times = (b"idle", b"inactive")
        return {repr(key): key in times or timeless(words, value) for key, value in reply.pairs}
    if isinstance(reply, list):
        if words[0].upper() == b"XPENDING" and len(reply) == 4 and isinstance(reply[2], int):
            return [reply[0], reply[1], reply[3]]
        told = [key in (b"idle", b"inactive") for key in [None, *reply][: len(reply)]]
        return [known or timeless(words, item) for known, item in zip(told, reply, strict=True)]
    return "a moment" if isinstance(reply, int) and FIRST_MOMENT < reply < LAST_MOMENT else reply


FIRST_MOMENT, LAST_MOMENT = 1_500_000_000_000, 3_000_000_000_000


def passes_soon(words: Sequence[bytes]) -> bool:
    """Whether a command gives a time to live that ends during the test: before some command here, after it there."""
    upper = [word.upper() for word in words]
    units = {b"EX": 1000, b"PX": 1}
    given = [(upper[at + 1], units[word]) for at, word in enumerate(upper[:-1]) if word in units]
    if upper[0] in (b"EXPIRE", b"HEXPIRE", b"SETEX"):
        given += [(word, 1000) for word in words[2:3]]
    elif upper[0] in (b"PEXPIRE", b"HPEXPIRE", b"PSETEX", b"RESTORE"):
        given += [(word, 1) for word in words[2:3]]
    return any(0 < (parse_int(word) or 0) * unit <= 300_000 for word, unit in given)


def takes_much(words: Sequence[bytes]) -> bool:
    """Whether a string of many megabytes would be made."""
    numbers = (parse_int(word.lstrip(b"#")) or 0 for word in words[1:])
    return words[0].upper() in (b"SETBIT", b"BITFIELD", b"SETRANGE") and any(100_000 < n < 1 << 32 for n in numbers)


def differs_in_valkey(words: Sequence[bytes]) -> bool:
    """Whether Valkey answers otherwise than the version that it set out from."""
    name = words[0].upper()
    if name.startswith(b"XREAD"):
        # The id + came there, too.
        return b"+" in words
    if name.endswith(b"SCAN"):
        # Cursors are read, and types and NOVALUES checked, as Redis 7.4 does.
        return b"0" not in words[1:3] or bool({b"NOVALUES", b"TYPE"} & {word.upper() for word in words})
    if name in (b"LPUSH", b"RPUSH", b"LPUSHX", b"RPUSHX", b"LINSERT", b"LSET"):
        # What is longer than a node of the list may be has one of its own, unpacked, as in Redis 7.4.
        return any(len(word) > NODE_SIZES[0] for word in words[2:])
    if name in (b"ZADD", b"GEOADD"):
        # A long member makes a skiplist before it is known whether it will be added.
        return any(len(word) > 4 for word in words[3:])
    return name in (b"OBJECT", b"BITPOS", b"BITCOUNT")
