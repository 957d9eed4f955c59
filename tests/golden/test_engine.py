"""The engine against what five versions of the server answered: every recorded case of the types it has."""

from __future__ import annotations

import pytest

from rinspect.engine import Engine, Session, payload
from rinspect.engine.key_layout import key_layout
from rinspect.engine.layout import Window
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import CommandError
from rinspect.engine.values.hash import HashValue
from rinspect.engine.values.list import ListValue
from rinspect.engine.values.set import SetValue
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.string import StringValue
from rinspect.engine.values.zset import ZsetValue
from tests import golden

TYPES = ("string", "list", "set", "hash", "hash-ttl", "zset", "hll", "stream")
WINDOW = Window(0, 8, 0, 256)

IRREPRODUCIBLE: dict[str, tuple[str, ...]] = {"6.2": (), "7.0": (), "7.2": (), "7.4": (), "8.0": ()}
"""Cases that no other program can reproduce, for what an earlier compression left in the server's table: none so far."""


def cases(profile: str, kind: str) -> list[golden.Case]:
    found = [case for case in golden.load(profile) if case.name.split("/")[0] == kind]
    return [case for case in found if case.name not in IRREPRODUCIBLE[profile]]


def replay(profile: str, case: golden.Case) -> tuple[Session, int]:
    """A session in which the case was run, and how many of its commands failed."""
    session = Engine(profile).session()
    for name, value in case.config.items():
        answer = session.execute([b"CONFIG", b"SET", name.encode(), value.encode()])
        assert not isinstance(answer, CommandError), (case.name, name, value, answer)
    failed = sum(isinstance(session.execute(command), CommandError) for command in case.commands)
    return session, failed


def differences(session: Session, case: golden.Case) -> dict[str, tuple[object, object]]:
    """What the session answers of the case's key other than was recorded."""

    def ask(*words: bytes) -> object:
        reply = session.execute(list(words))
        return reply.hex() if isinstance(reply, bytes) and words[0] == b"DUMP" else reply

    answers = {
        "encoding": ask(b"OBJECT", b"ENCODING", case.key),
        "memory_usage": ask(b"MEMORY", b"USAGE", case.key, b"SAMPLES", b"0"),
        "memory_usage_samples_1": ask(b"MEMORY", b"USAGE", case.key, b"SAMPLES", b"1"),
        "dump_hex": ask(b"DUMP", case.key),
    }
    recorded = {
        "encoding": case.encoding.encode(),
        "memory_usage": case.memory_usage,
        "memory_usage_samples_1": case.memory_usage_samples_1,
        "dump_hex": case.dump_hex,
    }
    return {
        name: (recorded[name], answer)
        for name, answer in answers.items()
        if recorded[name] is not None and recorded[name] != answer
    }


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("profile", PROFILES)
def test_every_case_agrees(profile: str, kind: str) -> None:
    """Encoding, memory usage, payload and the number of errors; and the layout sums up to the same."""
    recorded = cases(profile, kind)
    if kind == "hash-ttl" and not PROFILES[profile].hash_field_ttl:
        assert not recorded
        return
    assert recorded
    wrong = {}
    for case in recorded:
        session, failed = replay(profile, case)
        found: dict[str, object] = dict(differences(session, case))
        if failed != case.errors:
            found["errors"] = (case.errors, failed)
        lying = key_layout(session.call.db, case.key, WINDOW)
        charged = session.execute([b"MEMORY", b"USAGE", case.key, b"SAMPLES", b"0"])
        if lying is None or lying.layout.charged != charged:
            found["layout"] = (charged, lying and lying.layout.charged)
        if found:
            wrong[case.name] = found
    assert not wrong


@pytest.mark.parametrize("profile", PROFILES)
def test_irreproducible_cases_are_few_and_real(profile: str) -> None:
    names = {case.name for case in golden.load(profile)}
    assert set(IRREPRODUCIBLE[profile]) <= names
    assert len(IRREPRODUCIBLE[profile]) <= 5


def content(session: Session) -> object:
    """What the key k holds, whatever its encoding and the version."""
    value = session.call.db.peek(b"k")
    if isinstance(value, StringValue):
        return value.bytes()
    if isinstance(value, ListValue):
        return list(value)
    if isinstance(value, SetValue):
        return set(value)
    if isinstance(value, HashValue):
        return {field: (text, expiry) for field, text, expiry in value.items()}
    if isinstance(value, ZsetValue):
        return value.pairs()
    assert isinstance(value, StreamValue)
    groups = {name: (group.last_id, list(group.pel.index)) for name, group in value.named_groups()}
    return list(value.entries()), value.last_id, groups


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("source", PROFILES)
def test_payloads_of_older_versions_give_the_same_value(source: str, kind: str) -> None:
    """RESTORE takes every recorded payload of its own or an older version, and holds what was dumped."""
    targets = [name for name in PROFILES if list(PROFILES).index(name) >= list(PROFILES).index(source)]
    payloads = {case.dump_hex: case.name for case in cases(source, kind) if case.dump_hex is not None}
    origin, *others = sessions = [Engine(target).session() for target in targets]
    wrong = []
    for dumped, name in payloads.items():
        restore = [b"RESTORE", b"k", b"0", bytes.fromhex(dumped), b"REPLACE"]
        answers = [session.execute(restore) for session in sessions]
        wanted = content(origin)
        wrong += [
            (name, session.engine.profile.name, answer)
            for session, answer in zip(sessions, answers, strict=True)
            if isinstance(answer, CommandError) or (session in others and content(session) != wanted)
        ]
    assert not wrong


def test_a_payload_is_read_as_found() -> None:
    """A ziplist stays one under a version that makes none: what an x-ray of another server's key wants."""
    data = next(bytes.fromhex(c.dump_hex) for c in cases("6.2", "hash") if c.encoding == "ziplist" and c.dump_hex)
    session = Engine("8.0").session()
    assert payload.read(data, session.engine.runtime).encoding == "ziplist"
    session.execute([b"RESTORE", b"k", b"0", data])
    assert session.execute([b"OBJECT", b"ENCODING", b"k"]) == b"listpack"
