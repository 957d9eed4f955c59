"""show, compare, explain and repl as scripts use them: data on stdout, the rest on stderr, exit codes that say how it went."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.headless.running import rinspect
from tests.real.servers import RealServer

COMMANDS = "HSET user:1 name Ada born 1815\nSET greeting hello\n"
one_server = pytest.mark.parametrize("real_server", ["7.0"], indirect=True)
SECRET = "hunter2-is-secret"


# -- show -------------------------------------------------------------------------------------------------------------


def test_show_as_text() -> None:
    done = rinspect("show", "user:1", given=COMMANDS)
    assert (done.code, done.err) == (0, "")
    first, *others = done.out.splitlines()
    assert first == "user:1 · hash · listpack · 80 B"
    for title in ("── structure ", "── bytes of listpack #", "── memory ", "── why "):
        assert any(line.startswith(title) for line in others)
    assert max(map(len, done.out.splitlines())) <= 100


def test_show_in_other_widths_and_versions() -> None:
    done = rinspect("show", "user:1", "--width", "60", "--profile", "6.2", given=COMMANDS)
    assert done.code == 0
    assert "hash · ziplist" in done.out
    assert max(map(len, done.out.splitlines())) <= 60


def test_show_as_json() -> None:
    done = rinspect("show", "user:1", "--json", given=COMMANDS)
    assert (done.code, done.err) == (0, "")
    data = json.loads(done.out)
    assert data["key"] == {"text": "user:1", "hex": b"user:1".hex()}
    assert (data["type"], data["encoding"], data["elements"]) == ("hash", "listpack", 2)
    assert data["memory_usage"] == {"computed": 80, "certainty": "exact", "reported": None, "difference": None}
    assert {copy["profile"] for copy in data["rebuilt"]} == {"6.2", "7.0", "7.2", "7.4", "8.0"}


def test_show_as_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "key.svg"
    done = rinspect("show", "user:1", "--svg", str(path), given=COMMANDS)
    assert (done.code, done.out) == (0, "")
    assert str(path) in done.err
    assert ET.parse(path).getroot().tag.endswith("svg")
    assert "user:1" in path.read_text(encoding="utf-8")


def test_a_picture_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    done = rinspect("show", "user:1", "--svg", str(tmp_path / "none" / "key.svg"), given=COMMANDS)
    assert done.code == 2
    assert done.err.startswith("rinspect: ")
    assert "Traceback" not in done.err


def test_a_key_that_is_not_there_is_a_finding() -> None:
    for form in ((), ("--json",)):
        done = rinspect("show", "nothing", *form, given=COMMANDS)
        assert (done.code, done.out) == (1, "")
        assert done.err == "rinspect: no key nothing\n"


def test_binary_keys_in_double_quotes() -> None:
    given = 'SET "\\x00\\xff two" value\n'
    done = rinspect("show", '"\\x00\\xff two"', "--json", given=given)
    assert done.code == 0
    assert json.loads(done.out)["key"] == {"hex": b"\x00\xff two".hex()}
    assert rinspect("show", b"\x00\xff two"[1:], given=b"SET '\xff two' value\n").code == 0
    unbalanced = rinspect("show", '"\\x00 " x"', given=given)
    assert unbalanced.code == 2


def test_lines_that_fail_are_named_and_the_rest_is_run() -> None:
    done = rinspect("show", "k", given="# a comment\n\nSET k v\nLPUSH k x\nNOSUCH\nAPPEND k !\n")
    assert done.code == 0
    assert "rinspect: line 4: WRONGTYPE" in done.err
    assert "rinspect: line 5: ERR unknown command" in done.err
    assert "k · string" in done.out


def test_a_line_that_cannot_be_read_is_wrong_usage() -> None:
    done = rinspect("show", "k", given='SET k "open\n')
    assert (done.code, done.out) == (2, "")
    assert "line 1" in done.err


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--profile", "9.9"], "there is no profile '9.9'"),
        (["--allocator", "mimalloc"], "there is no allocator 'mimalloc'"),
        (["--json", "--svg", "x"], "not allowed with"),
        (["--width", "wide"], "invalid int value"),
        (["--width", "3"], "--width"),
        (["--port", "1"], "unrecognized"),
        (["http://example"], "not a scheme"),
    ],
)
def test_wrong_usage_says_what_there_is(flags: list[str], says: str) -> None:
    done = rinspect("show", "k", *flags, given=COMMANDS)
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert "Traceback" not in done.err


def test_output_for_a_terminal_without_utf_8() -> None:
    done = rinspect("show", "user:1", given=COMMANDS, PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "user:1" in done.out


@pytest.mark.parametrize("form", [["show", "k"], ["explain"], ["show", "k", "--json"], ["repl"]])
def test_a_reader_who_has_enough(form: list[str]) -> None:
    """`rinspect … | head -1` ends quietly."""
    words = " ".join(f"element:{n}" for n in range(3000))
    with subprocess.Popen(
        [sys.executable, "-m", "rinspect", *form], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        running.stdin.write(f"RPUSH k {words}\nLRANGE k 0 -1\n".encode())
        running.stdin.close()
        err = running.stderr.read().decode()
    assert (running.returncode, err) == (0, "")


# -- explain ----------------------------------------------------------------------------------------------------------


def test_explain() -> None:
    done = rinspect("explain", given=COMMANDS + "HSET user:1 bio " + "x" * 65 + "\nGET greeting\n")
    assert (done.code, done.err) == (0, "")
    text = done.out
    assert "> HSET user:1 name Ada born 1815\n(integer) 2\n▸ user:1 · hash · listpack · 80 B" in text
    assert "listpack → hashtable: field or value of 65 bytes > hash-max-listpack-value 64" in text
    assert '> GET greeting\n"hello"\n' in text
    assert re.search(r"a listpack, because both hold:\n +fields +2 of +512 +hash-max-listpack-entries", text)


def test_explain_as_json() -> None:
    done = rinspect("explain", "--json", given=COMMANDS + "DEL user:1\n")
    assert done.code == 0
    made, _, gone = json.loads(done.out)
    assert set(made) == {"command", "reply", "changes"}
    assert made["command"] == "HSET user:1 name Ada born 1815"
    assert made["reply"] == ["(integer) 2"]
    (change,) = made["changes"]
    assert set(change) == {"key", "reasons", "memory_usage", "after"}
    assert (change["key"], change["memory_usage"]) == ("user:1", [None, 80])
    assert gone["changes"][0]["memory_usage"] == [80, None]
    assert gone["changes"][0]["after"] is None


def test_explain_goes_on_after_a_bad_line_and_says_so_in_the_end() -> None:
    done = rinspect("explain", given='SET a "open\nLPUSH\nSET b 1\n')
    assert done.code == 1
    assert "line 1" in done.err
    assert "(error) ERR wrong number of arguments for 'lpush' command" in done.out
    assert "b · string · int" in done.out


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_secrets_are_not_printed(form: list[str]) -> None:
    script = (
        f"AUTH {SECRET}\nCONFIG SET requirepass {SECRET}\nSET a 1\nACL SETUSER ada >{SECRET}\nHELLO 3 AUTH a {SECRET}\n"
    )
    done = rinspect("explain", *form, given=script)
    assert SECRET not in done.out + done.err
    assert "SET a 1" in done.out


# -- repl -------------------------------------------------------------------------------------------------------------


def test_repl_in_a_pipe_writes_what_redis_cli_does() -> None:
    done = rinspect(
        "repl", given="SET a 1\nGET a\nRPUSH l x y\nLRANGE l 0 -1\nGET none\nSET greeting 'two words'\nGET greeting\n"
    )
    assert (done.code, done.err) == (0, "")
    assert done.out == "OK\n1\n2\nx\ny\n\nOK\ntwo words\n"


def test_repl_says_which_line_failed() -> None:
    done = rinspect("repl", given='SET a 1\nSET "open\nINCR a\nLPUSH a 1\nGET a\n')
    assert done.code == 1
    assert done.err.startswith("rinspect: line 2: ")
    assert done.out.splitlines()[0:2] == ["OK", "2"]
    assert "WRONGTYPE" in done.out
    assert done.out.splitlines()[-1] == "2"


def test_repl_keeps_bytes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rinspect", "repl"],
        input=b'SET k "\\xff\\x00"\nGET k\n',
        capture_output=True,
        check=False,
    )
    assert done.stdout == b"OK\n\xff\x00\n"


# -- with a server ----------------------------------------------------------------------------------------------------


@one_server
def test_show_a_servers_key(real_server: RealServer) -> None:
    real_server.execute("HSET", "user:1", "name", "Ada")
    for flags in (
        [real_server.url],
        ["-p", str(real_server.port)],
        ["-u", real_server.url],
        ["-s", str(real_server.folder / "socket")],
    ):
        done = rinspect("show", "user:1", "--json", *flags)
        assert (done.code, done.err) == (0, ""), flags
        data = json.loads(done.out)
        assert data["memory_usage"]["reported"] == data["memory_usage"]["computed"]
    assert rinspect("show", "nothing", real_server.url).code == 1


@one_server
def test_passwords_are_never_printed(real_server: RealServer) -> None:
    real_server.execute("CONFIG", "SET", "requirepass", SECRET)
    real_server.execute("AUTH", SECRET)
    real_server.execute("SET", "k", "v")
    port = str(real_server.port)
    url = f"redis://:{SECRET}@127.0.0.1:{port}"
    runs = [
        rinspect("show", "k", "-p", port, REDISCLI_AUTH=SECRET),
        rinspect("show", "k", url),
        rinspect("show", "k", "-p", port, "-a", SECRET),
        rinspect("show", "k", "-p", port),
        rinspect("show", "k", "-p", port, "-a", SECRET[:-1]),
        rinspect(
            "compare", "k", url, "built-in", "--profile", "7.0", "--allocator", "system-jemalloc", given="SET k v\n"
        ),
        rinspect("show", "k", f"redis://:{SECRET}@127.0.0.1:{port}/x"),
    ]
    assert [run.code for run in runs] == [0, 0, 0, 3, 3, 0, 2]
    for run in runs:
        assert SECRET[:-1] not in run.out + run.err
    assert runs[0].err == ""
    assert "list of processes" in runs[1].err
    assert "asks for a password" in runs[3].err


def test_no_server_is_an_exit_code_of_its_own(unused_port: int) -> None:
    for form in (["show", "k"], ["repl"]):
        done = rinspect(*form, f"redis://127.0.0.1:{unused_port}")
        assert (done.code, done.out) == (3, "")
        assert "is the server running" in done.err
    done = rinspect("compare", "k", "built-in", f"redis://127.0.0.1:{unused_port}")
    assert done.code == 3


@one_server
def test_repl_on_a_read_only_server(real_server: RealServer) -> None:
    real_server.execute("SET", "k", "v")
    done = rinspect("repl", real_server.url, given="GET k\nSET k other\nGET k\n")
    assert done.code == 1
    assert done.out == "v\nv\n"
    assert "line 2: SET may change the server" in done.err
    assert rinspect("repl", real_server.url, "--write", given="SET k other\nGET k\n").out == "OK\nother\n"


# -- compare ----------------------------------------------------------------------------------------------------------


@one_server
def test_compare(real_server: RealServer) -> None:
    real_server.execute("HSET", "user:1", "name", "Ada", "born", "1815")
    same = rinspect("compare", "user:1", "built-in", real_server.url, "--profile", "7.0", given=COMMANDS)
    assert (same.code, same.err) == (0, "")
    assert "TYPE" in same.out
    assert "read-only" in same.out
    assert "differs" not in same.out.partition("thresholds")[0]
    real_server.execute("HSET", "user:1", "bio", "x" * 65)
    other = rinspect("compare", "user:1", "built-in", real_server.url, "--json", given=COMMANDS)
    assert other.code == 1
    data = json.loads(other.out)
    assert set(data) == {"key", "same", "facts", "settings"}
    assert data["same"] is False
    facts = {fact["name"]: fact for fact in data["facts"]}
    assert facts["TYPE"]["same"] is True
    assert (facts["OBJECT ENCODING"]["left"], facts["OBJECT ENCODING"]["right"]) == ("listpack", "hashtable")
    assert rinspect("compare", "nothing", "built-in", real_server.url, given=COMMANDS).code == 1


def test_compare_two_built_in_ones_is_the_same() -> None:
    done = rinspect("compare", "user:1", "built-in", "built-in", given=COMMANDS)
    assert done.code == 0, done


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def test_the_screen_needs_a_terminal() -> None:
    done = rinspect(given="")
    assert (done.code, done.out) == (2, "")
    assert "needs a terminal" in done.err


def test_a_form_without_its_key_is_wrong_usage() -> None:
    for args in (["show"], ["compare", "k"], ["compare", "k", "built-in"], ["explain", "extra"]):
        done = rinspect(*args)
        assert (done.code, done.out) == (2, ""), args
        assert "usage:" in done.err


def test_nothing_is_written_beside_what_was_asked(tmp_path: Path) -> None:
    """No history, no cache, no configuration: of a pipe nothing is kept."""
    home = {
        name: str(tmp_path / name.lower()) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HOME")
    }
    assert rinspect("repl", given="SET a 1\n", **home).code == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
