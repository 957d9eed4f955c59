"""The commands that are declared, against what servers of that version say of theirs.

Arguments are declared as 8.0 documents them. 7.0 gave some other names; there the literal words are compared, and so
that no option is missing or too much.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rinspect.engine.server  # noqa: F401 (declares the commands about connections and the server)
from rinspect.engine import Engine
from rinspect.engine.commands.registry import Command
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import NULL_ARRAY, CommandError, Map, SetReply, Status
from tests.real.sentences import Payload, Sentence, Sentences
from tests.real.servers import RealServer
from tests.real.test_random_commands import THEMES
from tests.real.typed import TypedConnection

GROUPS = ("generic", "string", "list", "hash", "set", "sorted-set", "bitmap", "geo", "hyperloglog", "stream", "cluster")
"""All commands of these are wanted."""

INTEGERS_ONLY_ON_PAPER = {("zincrby", "increment"), *((name, "weight") for name in ("zinter", "zinterstore"))} | {
    (name, "weight") for name in ("zunion", "zunionstore")
}
"""What servers document as an integer although they take a double."""

FREE_FORM = {
    "debug",  # documented without arguments
    "replicaof", "slaveof",  # two literal words in a row, which the notation has no form for
    "client|list",  # documented as if ID could not be followed by several numbers
    "client|kill",  # documented as if an alternative could be left out
}  # fmt: skip
"""Commands whose documented arguments are not held against ours."""

modern = pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)


def plain(reply: object) -> Any:
    """A reply in Python's own types; sets sorted."""
    match reply:
        case Status(text=text):
            return text.decode()
        case bytes():
            return reply.decode()
        case list():
            return [plain(item) for item in reply]
        case Map(pairs=pairs):
            return {plain(key): plain(value) for key, value in pairs}
        case SetReply(members=members):
            return sorted((plain(member) for member in members), key=repr)
        case _ if reply is NULL_ARRAY:
            return None
    assert reply is None or isinstance(reply, int), reply
    return reply


def both(server: RealServer, *words: bytes) -> tuple[Any, Any]:
    """What the engine and the server answer, in RESP3."""
    session = Engine(server.profile).session()
    session.call.resp = 3
    connection = TypedConnection(server)
    connection.execute(b"HELLO", b"3")
    theirs = connection.execute(*words)
    connection.close()
    return plain(session.execute(words)), plain(theirs)


def by_name(infos: list[Any]) -> dict[str, Any]:
    """Commands and subcommands out of the answer of COMMAND."""
    return {info[0]: info for found in infos for info in (found, *found[9])}


def documented(docs: dict[str, Any]) -> dict[str, Any]:
    """Commands and subcommands out of the answer of COMMAND DOCS."""
    return docs | {name: sub for found in docs.values() for name, sub in found.get("subcommands", {}).items()}


def declared(profile: str) -> Iterator[Command]:
    for command in Engine(profile).commands.values():
        yield command
        yield from command.subcommands.values()


@modern
def test_nothing_is_missing_and_nothing_invented(real_server: RealServer) -> None:
    ours, theirs = (documented(docs) for docs in both(real_server, b"COMMAND", b"DOCS"))
    wanted = {name for name, found in theirs.items() if found["group"] in GROUPS}
    assert wanted - ours.keys() == set()
    assert ours.keys() - theirs.keys() == set()


@pytest.mark.parametrize("real_server", ["6.2"], indirect=True)
def test_the_table_of_6_2(real_server: RealServer) -> None:
    """That version has no COMMAND DOCS, and no word on subcommands."""
    ours, theirs = both(real_server, b"COMMAND")
    known = {info[0]: info for info in theirs}
    newest = {command.name.lower() for command in declared("8.0") if "|" not in command.name}
    # QUIT it answers without having it in its table.
    assert {info[0] for info in ours} - {"quit"} == known.keys() & newest
    assert [info for info in ours if info[0] != "quit" and info != known[info[0]]] == []


@modern
def test_arity_flags_keys_and_categories(real_server: RealServer) -> None:
    ours, theirs = (by_name(infos) for infos in both(real_server, b"COMMAND"))
    wrong = []
    for name, info in ours.items():
        their = theirs[name]
        for spec in their[8]:
            spec.pop("notes", None)
        columns = ("name", "arity", "flags", "first key", "last key", "step", "ACL categories", "tips")
        found = dict(zip(columns, zip(info[:8], their[:8], strict=True), strict=True))
        found["key specifications"] = (sorted(info[8], key=repr), sorted(their[8], key=repr))
        if name in ("command|getkeys", "command|getkeysandflags") and real_server.profile == "7.0":
            # A slip of that version: it wants an argument beside the command's name.
            assert found.pop("arity") == (-3, -4)
        if name == "sinterstore" and real_server.profile == "7.0":
            # There the stored set was said to be read, too.
            found.pop("key specifications")
        wrong += [(name, what, our, their) for what, (our, their) in found.items() if our != their]
    assert wrong == []


def differences(name: str, ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    """How one argument is declared otherwise than documented."""
    for what in ("name", "type", "token", "flags"):
        if ours.get(what) != theirs.get(what) and (name, theirs["name"]) not in INTEGERS_ONLY_ON_PAPER:
            yield name, theirs["name"], what, ours.get(what), theirs.get(what)
    # Versions before ours are nobody's concern; some options' are not documented.
    if theirs.get("since", "0") >= "7" and ours.get("since") != theirs["since"]:
        yield name, theirs["name"], "since", ours.get("since"), theirs["since"]
    yield from all_differences(name, ours.get("arguments", []), theirs.get("arguments", []))


def all_differences(name: str, ours: list[Any], theirs: list[Any]) -> Iterator[tuple[object, ...]]:
    if len(ours) != len(theirs):
        yield name, [argument["name"] for argument in ours], [argument["name"] for argument in theirs]
        return
    for one, other in zip(ours, theirs, strict=True):
        yield from differences(name, one, other)


@pytest.mark.parametrize("real_server", ["8.0"], indirect=True)
def test_documentation(real_server: RealServer) -> None:
    ours, theirs = (documented(docs) for docs in both(real_server, b"COMMAND", b"DOCS"))
    wrong: list[tuple[object, ...]] = []
    for name, found in ours.items():
        for what in ("summary", "since", "group", "complexity"):
            # What is said, not how it is spaced: "M log(M)" of ZUNIONSTORE, "M*log(M)" of ZUNION.
            our, their = (docs.get(what, "").replace("*", " ").split() for docs in (found, theirs[name]))
            if our != their:
                wrong.append((name, what, our, their))
        if name not in FREE_FORM:
            wrong += all_differences(name, found.get("arguments", []), theirs[name].get("arguments", []))
    assert wrong == []


def literal_words(arguments: list[Any]) -> set[str]:
    return {
        word
        for argument in arguments
        for word in ({argument.get("token")} | literal_words(argument.get("arguments", [])))
    } - {None}


@modern
def test_each_version_has_its_own_options(real_server: RealServer) -> None:
    ours, theirs = (documented(docs) for docs in both(real_server, b"COMMAND", b"DOCS"))
    for name, found in ours.items():
        their = theirs[name]
        if (name, real_server.profile) != ("client|pause", "7.0"):  # "2.9.50" there, which was no release
            assert found["since"] == their["since"], name
        assert found["group"] == their["group"], name
        # 7.0 spelt the operations of BITOP out in its summary only.
        if name not in FREE_FORM and (name, real_server.profile) != ("bitop", "7.0"):
            assert literal_words(found.get("arguments", [])) == literal_words(their.get("arguments", [])), name


@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_newer_than_a_version_is_unknown_to_it(profile: str) -> None:
    session = Engine(profile).session()
    known = {command.name for command in declared(profile)}
    newer = 0
    for command in declared("8.0"):
        if command.declaration.version > PROFILES[profile].version:
            newer += 1
            assert command.name not in known
            answer = session.execute([word.encode() for word in command.name.split("|")] + [b"k"] * 5)
            assert isinstance(answer, CommandError)
            # CLUSTER did not look at its words.
            assert "unknown " in answer.message.lower() or command.name.startswith("CLUSTER|"), answer
    assert (newer > 0) is (profile != "8.0")


@modern
def test_what_a_version_does_not_have_it_refuses_alike(real_server: RealServer) -> None:
    session = Engine(real_server.profile).session()
    for command in declared("8.0"):
        if command.declaration.version > PROFILES[real_server.profile].version:
            words = [*(word.encode() for word in command.name.split("|")), b"k", b"a b"]
            answer = session.execute(words)
            assert isinstance(answer, CommandError)
            assert str(real_server.execute(*words)) == answer.message


@settings(max_examples=40, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@modern
def test_getkeys(real_server: RealServer, data: st.DataObject) -> None:
    """Of random commands, right ones and wrong ones."""
    text: list[Sentence] = data.draw(Sentences(real_server.profile, THEMES["all"]).texts())
    session = Engine(real_server.profile).session()
    connection = TypedConnection(real_server)
    for sentence in text:
        words = [b"COMMAND", b"GETKEYS", *(b"payload" if isinstance(word, Payload) else word for word in sentence)]
        assert session.execute(words) == connection.execute(*words), words
    connection.close()


@modern
def test_getkeys_of_awkward_commands(real_server: RealServer) -> None:
    session = Engine(real_server.profile).session()
    connection = TypedConnection(real_server)
    for line in """
        SORT k STORE a STORE b
        SORT k BY STORE LIMIT 1 STORE GET STORE STORE d
        SORT_RO k GET STORE
        MSET a 1 b 2 c
        ZUNIONSTORE d 2 a b WEIGHTS 1 2
        ZUNIONSTORE d 0 a b
        ZUNIONSTORE d 3 a b
        ZDIFF x a
        BZMPOP 0 2 a b MIN
        BLPOP a b c 0
        OBJECT ENCODING k
        OBJECT NOTHING k
        MEMORY USAGE k
        RENAME a b
        XREAD COUNT 1 BLOCK 0 STREAMS a b 0 0
        XREAD STREAMS a b 0
        XREAD STREAMS
        XREAD COUNT streams STREAMS a 0
        XREADGROUP GROUP STREAMS c STREAMS a >
        XREADGROUP GROUP g streams COUNT 1 NOACK STREAMS a b > >
        XREADGROUP GROUP g c NONSENSE STREAMS a >
        XGROUP CREATE k g 0
        XINFO STREAM k FULL
        BITOP AND d a b c
        GEORADIUS k 1 2 3 m STORE a STOREDIST b STORE
        GEORADIUS k 1 2 3 STORE a b
        GEORADIUSBYMEMBER k m 3 m STOREDIST b STORE a STORE c
        GEORADIUSBYMEMBER k m 3 km
        GEOSEARCHSTORE a b FROMMEMBER x BYRADIUS 1 m
        PFMERGE a
        PFMERGE a b c
        PFCOUNT a b
        MIGRATE h 1 k 0 10
        MIGRATE h 1 k 0 10 COPY KEYS a
        MIGRATE h 1 k 0 10 AUTH KEYS AUTH2 KEYS KEYS
        PING
        NOTHING a
        GET
    """.strip().splitlines():
        words = [b"COMMAND", b"GETKEYS", *line.encode().split()]
        assert session.execute(words) == connection.execute(*words), line
    connection.close()


@modern
def test_what_is_done_with_keys_behind_a_keyword(real_server: RealServer) -> None:
    for line in (
        "XREAD STREAMS a b 0 0",
        "XREADGROUP GROUP g c STREAMS a >",
        "XREADGROUP GROUP STREAMS c COUNT 1 STREAMS a >",
    ):
        words = [b"COMMAND", b"GETKEYSANDFLAGS", *line.encode().split()]
        ours, theirs = both(real_server, *words)
        assert ours == theirs, line
