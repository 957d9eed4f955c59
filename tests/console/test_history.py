"""The history's file, and what must never be in it; the filter over the keys."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from rinspect.console.filters import ENCODINGS, TYPES, BadFilter, parse_filter
from rinspect.console.history import MOST_LINES, History
from rinspect.console.secrets import censored, is_secret, shown_line
from rinspect.console.words import split
from rinspect.records import Filter
from rinspect.settings import config_path, history_path

SECRETS = (
    "AUTH hunter2",
    "auth user hunter2",
    "HELLO 3 AUTH user hunter2",
    "hello 3 setname me auth user hunter2",
    "ACL SETUSER ada on >hunter2",
    "acl setuser ada ~b:* #hunter2",
    'ACL SETUSER ada ">hunter2',
    "CONFIG SET requirepass hunter2",
    "config set maxmemory 1gb masterauth hunter2",
    "CONFIG SET tls-key-file-pass hunter2",
    "MIGRATE host 6379 key 0 1000 AUTH hunter2",
    "MIGRATE host 6379 key 0 1000 AUTH2 user hunter2",
    '"AUTH" hunter2',
    'AUTH "hunter2',
    "AUTH 'hunter2",
)
PLAIN = (
    "SET AUTH 1", "GET requirepass", "CONFIG GET requirepass", "CONFIG SET maxmemory 1gb", "HELLO 3", "ACL LIST", "ACL WHOAMI",
    "MIGRATE host 6379 key 0 1000", "HSET auth password x", "acl setuser ada", "ACL SETUSER ada on ~b:* +get",
)  # fmt: skip


@pytest.mark.parametrize("line", SECRETS)
def test_secrets_are_never_stored(line: str, tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    history.add("SET a 1")
    history.add(line)
    assert history.lines == ["SET a 1"]
    assert "hunter2" not in (tmp_path / "history").read_text()


@pytest.mark.parametrize("line", PLAIN)
def test_what_only_looks_like_a_secret_is_kept(line: str) -> None:
    assert not is_secret(split(line))
    history = History()
    history.add(line)
    assert history.lines == [line]


def test_of_a_users_rules_only_passwords_are_hidden() -> None:
    line = "ACL SETUSER on on >hunter2 ~b:*"
    assert shown_line(line, split(line)) == "ACL SETUSER on on (hidden) ~b:*"
    refused = "(error) NOPERM User on has no permissions to run the 'acl|setuser' command"
    assert censored(refused, split(line)) == refused
    assert "hunter2" not in censored("(error) ERR Error in ACL SETUSER modifier '>hunter2': …", split(line))


def test_it_lasts(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "history"
    first = History(path)
    for line in ("SET a 1", "SET a 1", "", "  ", "GET a  ", 'SET b "naïve 水"', "two\nlines"):
        first.add(line)
    assert History(path).lines == first.lines == ["SET a 1", "GET a", 'SET b "naïve 水"']


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history"
    History(path).add("GET a")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_two_programs_append_to_one_file(tmp_path: Path) -> None:
    one, other = History(tmp_path / "h"), History(tmp_path / "h")
    one.add("GET a")
    other.add("GET b")
    one.add("GET c")
    assert History(tmp_path / "h").lines == ["GET a", "GET b", "GET c"]


def test_old_lines_are_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "h"
    path.write_text("".join(f"GET {n}\n" for n in range(MOST_LINES + 100)))
    history = History(path)
    assert len(history.lines) == MOST_LINES
    assert history.lines[0] == "GET 100"
    history.add("GET last")
    assert len(history.lines) == MOST_LINES


def test_a_file_that_cannot_be_read_is_said_and_costs_nothing(tmp_path: Path) -> None:
    history = History(tmp_path)
    assert "history not read" in history.problem
    history.add("GET a")
    assert history.lines == ["GET a"]
    assert "history not written" in history.problem


def test_a_file_that_is_no_text_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "h"
    path.write_bytes(b"GET a\n\xff\xfe\nGET b\n")
    assert History(path).lines[0] == "GET a"
    assert History(path).lines[-1] == "GET b"


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "h"
    path.write_text("GET a\n")
    path.chmod(0)
    assert "Permission denied" in History(path).problem


def test_search_goes_back_in_any_case() -> None:
    history = History()
    for line in ("HSET user:1 a b", "GET x", "hset board c d", "PING"):
        history.add(line)
    assert history.search("HSET") == 2
    assert history.search("hset", 2) == 0
    assert history.search("hset", 0) is None
    assert history.search("nothing") is None


def test_files_are_where_xdg_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert history_path() == tmp_path / "state" / "rinspect" / "history"
    assert config_path() == tmp_path / "config" / "rinspect" / "config.toml"


# -- filters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", Filter()),
        ("user", Filter(b"*user*")),
        ("user:*", Filter(b"user:*")),
        ("a?c", Filter(b"a?c")),
        ("[ab]*", Filter(b"[ab]*")),
        ("type:hash", Filter(type="hash")),
        ("type:ha", Filter(type="hash")),
        ("enc:listpack", Filter(encoding="listpack")),
        ("enc:listpackex", Filter(encoding="listpackex")),
        ("enc:hasht", Filter(encoding="hashtable")),
        ("encoding:int", Filter(encoding="int")),
        ("user:* type:zset enc:skiplist", Filter(b"user:*", "zset", "skiplist")),
        ("type:", Filter()),
        ("type:s", Filter()),
        ("naïve", Filter("*naïve*".encode())),
        ("user:1", Filter(b"*user:1*")),
    ],
)
def test_filters(text: str, wanted: Filter) -> None:
    assert parse_filter(text) == wanted


@pytest.mark.parametrize(("text", "what"), [("type:nothing", TYPES), ("enc:nothing", ENCODINGS)])
def test_a_filter_that_fits_nothing_says_what_there_is(text: str, what: tuple[str, ...]) -> None:
    with pytest.raises(BadFilter) as error:
        parse_filter(text)
    assert all(name in str(error.value) for name in what)
