"""Users of a configuration and of a file of their own, as real servers take them, refuse them, and write them."""

import re
import subprocess
from pathlib import Path

import pytest

from rinspect.engine import Engine
from rinspect.engine.config import ConfigFileError
from rinspect.engine.config.reader import load
from rinspect.engine.server.directives import act_on
from rinspect.engine.server.log import Log
from rinspect.engine.server.users import CannotStart, load_at_start
from tests.engine.both import plain
from tests.engine.config.starting import program, running, started
from tests.engine.server.hosted import Hosted

HASH = "30c952fab122c3f9759f02a6d95c3758b246b4fee239957b2d4fee46e26170c4"

TAKEN = [
    "user alice on nopass ~* +@all",
    "user alice on >pw ~k* %R~r +get (~b +set)",
    "user alice off +@read -get resetchannels &news",
    "user default on >pw ~* &* +@all",
    "user default off",
    "user default on nopass ~a +@read",
    'user "a\'b" on +GET',
    "user alice off\nuser bob on ~*",
    "user alice on +get\nuser alice off",
    "requirepass x",
    "requirepass x\nuser default on nopass +@all ~*",
    "acl-pubsub-default resetchannels\nuser alice on",
    "acl-pubsub-default allchannels\nuser alice on\nuser default reset on",
]
REFUSED = [
    "user alice on foo",
    "user alice on +get #abc",
    "user alice on <pw",
    "user alice on ~* ~x",
    "user alice on +nosuch foo",
    "user default on (~a +get (~b) x",
    "user alice +nosuch on",
    'user "a b" on',
    "aclfile users.acl\nuser alice on",
    "aclfile nosuch.acl",
    "aclfile users.acl",
]
IN_FILES = [
    "",
    "user alice on nopass ~* +@all",
    "\n\n  user  default on nopass ~* &* +@all  \r\nuser bob  off\t +get",
    "user default on >pw ~* &* +@all\nuser alice on",
    f"user alice on #{HASH}",
    "user alice on\nuser alice off",
    "user default on nopass ~* &* +@all\nuser default off nopass ~* &* +@all on",
    "# comment\nuser alice on",
    "user",
    "alice on",
    "user a\tb on",
    "user alice +nosuch +@nosuch on foo #abc\nuser bob ~* ~a bar",
    "user alice on (~a +get) (%R~b +@read)",
    "user alice on ~a %W~b",
]


def our_start(profile: str, text: str) -> tuple[Engine, list[str]]:
    """An engine that starts with a configuration, and what its log is told."""
    engine = Engine(profile)
    said: list[str] = []
    declared = act_on(load(engine.runtime.config, None, text).others, engine)
    engine.heed_settings()
    log = Log(engine.runtime.config, engine.runtime.clock, said.append)
    try:
        load_at_start(engine, declared, log)
    except CannotStart:
        said.append("gave up")
    return engine, said


def is_known(profile: str, text: str) -> bool:
    """Whether a version knows selectors and rules for keys that are only read, if the text has any."""
    return profile != "6.2" or not re.search(r"[(%]", text)


def without_order(profile: str, text: str) -> object:
    """A description; before 7.2 rules for single commands come in the order of a hashtable."""
    return text if profile == "8.0" else sorted(text.replace(")", "").split())


@started
@pytest.mark.parametrize("text", TAKEN)
def test_users_of_a_configuration(profile: str, text: str, tmp_path: Path) -> None:
    if not is_known(profile, text) or (profile != "6.2" and text.count("user alice") > 1):
        with pytest.raises(ConfigFileError):
            our_start(profile, text)
        return
    engine, _ = our_start(profile, text)
    (tmp_path / "redis.conf").write_text(f"{text}\nuser admin on nopass +@all ~* &*\n")
    with running(profile, ["redis.conf"], tmp_path) as connection:
        connection.execute("AUTH", "admin", "x")
        theirs = [line.decode() for line in connection.execute("ACL", "LIST") if b"user admin" not in line]
    ours = [user.line.decode() for user in engine.users]
    assert [without_order(profile, line) for line in ours] == [without_order(profile, line) for line in theirs]


@started
@pytest.mark.parametrize("text", REFUSED)
def test_what_ends_the_start(profile: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "users.acl").write_text("user alice on foo\n")
    if not is_known(profile, text):
        return
    text = f"port 0\nunixsocket socket\n{text}\n"
    done = subprocess.run(
        [program(profile), "-"], input=text, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=10
    )
    assert done.returncode == 1
    theirs = done.stdout + done.stderr
    try:
        _, said = our_start(profile, text)
        assert said.pop() == "gave up"
        told = [re.sub(r"^.*? # ", "", line) for line in said]
    except ConfigFileError as error:
        told = str(error).splitlines()[1:]
    assert told
    for line in told:
        assert line in theirs


@started
@pytest.mark.parametrize("text", IN_FILES)
def test_a_file_of_users(profile: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loaded, and if it could be, saved."""
    if not is_known(profile, text):
        return
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "users.acl"
    path.write_text("user bob on\n")
    with running(profile, ["--aclfile", "users.acl"], tmp_path) as connection, Hosted(profile) as hosted:
        assert connection.execute("PING") == b"PONG"  # it has read its file
        hosted.engine.runtime.config.aclfile = "users.acl"
        assert plain(hosted.execute("ACL", "LOAD")) == b"OK"
        path.write_text(text)
        ours, theirs = plain(hosted.execute("ACL", "LOAD")), plain(connection.execute("ACL", "LOAD"))
        assert ours == theirs
        saved = []
        for execute in (connection.execute, hosted.execute):
            path.write_text("")
            assert plain(execute("ACL", "SAVE")) == b"OK"
            saved.append([without_order(profile, line) for line in path.read_text().splitlines()])
        assert saved[0] == saved[1]


@started
def test_a_file_that_cannot_be_had(profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "users.acl").touch()
    with running(profile, ["--aclfile", "users.acl"], tmp_path) as connection, Hosted(profile) as hosted:
        assert connection.execute("PING") == b"PONG"  # it has read its file
        hosted.engine.runtime.config.aclfile = "users.acl"
        (tmp_path / "users.acl").unlink()
        assert plain(hosted.execute("ACL", "LOAD")) == plain(connection.execute("ACL", "LOAD"))
        (tmp_path / "users.acl").mkdir()
        assert plain(hosted.execute("ACL", "SAVE")) == plain(connection.execute("ACL", "SAVE"))
        assert any("ACL file for ACL SAVE" in line for line in hosted.said)


@pytest.mark.parametrize("profile", ["7.2", "7.4"])
def test_who_stays_when_users_are_loaded_anew(profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From 7.4 on who is still a user, and may hear what they listen to; before, nobody but the default user."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "users.acl"
    path.write_text("user ada on nopass +@all ~* &a*\nuser bob on nopass +@all\nuser eve on nopass &a* +@all")
    with Hosted(profile) as hosted:
        hosted.engine.runtime.config.aclfile = "users.acl"
        hosted.execute("ACL", "LOAD")
        ada, bob, eve, nobody = (hosted.another() for _ in range(4))
        for user, name in ((ada, "ada"), (bob, "bob"), (eve, "eve")):
            assert user.execute("AUTH", name, "x") == b"OK"
        ada.execute("SUBSCRIBE", "a1")
        eve.execute("SUBSCRIBE", "a1")
        path.write_text("user ada on nopass +ping ~* &a*\nuser eve on nopass &b +@all")
        hosted.execute("ACL", "LOAD")
        assert [user.connected for user in (ada, bob, eve, nobody)] == [profile == "7.4", False, False, True]
        if profile == "7.4":
            ada.execute("RESET")
            ada.execute("AUTH", "ada", "x")
            assert "NOPERM" in str(ada.execute("GET", "k"))


def test_who_asks_for_the_file_and_is_not_in_it_is_answered_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "users.acl").touch()
    with Hosted("7.4") as hosted:
        hosted.engine.runtime.config.aclfile = "users.acl"
        hosted.execute("ACL", "SETUSER", "ada", "on", "nopass", "+@all")
        ada = hosted.another()
        ada.execute("AUTH", "ada", "x")
        assert ada.execute("ACL", "LOAD") == b"OK"
        assert not ada.connected


@started
def test_users_are_written_into_the_configuration(
    profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "port 0\nuser alice on nopass ~* +@all\nuser bob on\nuser default on nopass ~* &* +@all\n"
    path = tmp_path / "redis.conf"
    path.write_text(text)
    commands = [["ACL", "DELUSER", "bob"], ["ACL", "SETUSER", "alice", "-get"], ["ACL", "SETUSER", "carl", f"#{HASH}"]]
    with running(profile, ["redis.conf"], tmp_path) as connection:
        for command in [*commands, ["CONFIG", "REWRITE"]]:
            assert not isinstance(connection.execute(*command), Exception)
    theirs = [line for line in path.read_text().splitlines() if line.startswith("user ")]
    path.write_text(text)
    engine = Engine(profile)
    load_at_start(
        engine, act_on(load(engine.runtime.config, "redis.conf").others, engine), Log(engine.runtime.config, int)
    )
    with Hosted(profile) as hosted:
        hosted.engine.runtime.config.path = path
        hosted.engine.users.replace({user.name: user for user in engine.users})
        for command in [*commands, ["CONFIG", "REWRITE"]]:
            assert not isinstance(hosted.execute(*command), Exception)
    assert [line for line in path.read_text().splitlines() if line.startswith("user ")] == theirs
