"""Lines of a configuration file that are no settings."""

import pytest

from rinspect.engine import Engine
from rinspect.engine.config import ConfigFileError
from rinspect.engine.config.reader import load
from rinspect.engine.replies import CommandError
from rinspect.engine.server.directives import act_on


def started(text: str) -> Engine:
    engine = Engine("7.0")
    act_on(load(engine.runtime.config, None, text).others, engine)
    return engine


def test_a_command_takes_another_name_or_none() -> None:
    session = started('rename-command flushdb badger\nrename-command CONFIG ""\nrename-command badger toad\n').session()
    for gone in (b"FLUSHDB", b"BADGER", b"CONFIG"):
        assert isinstance(session.execute([gone]), CommandError)
    session.execute([b"SET", b"k", b"v"])
    assert not isinstance(session.execute([b"toad"]), CommandError)
    assert session.execute([b"DBSIZE"]) == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("rename-command foo bar", "No such command in rename-command"),
        ("rename-command get set", "Target command name already exists"),
        ("loadmodule /some/thing.so", "No modules can be loaded here"),
    ],
)
def test_what_cannot_be_done_stops_the_start(line: str, reason: str) -> None:
    with pytest.raises(ConfigFileError) as error:
        started(f"port 0\n{line}\n")
    assert f"at line 2\n>>> '{line}'\n{reason}" in str(error.value)
