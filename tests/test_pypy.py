"""Under PyPy the server is the same: recorded cases, files that both write, children that are forked, the drawings."""

import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import hiredis
import pytest

from tests import golden
from tests.real.catalog import PYPY_ADVICE, find_pypy
from tests.real.connection import Argument
from tests.served import CHECKOUT, served

WHAT_IS_PURE = f"{CHECKOUT}{os.pathsep}{sysconfig.get_path('purelib')}"
"""The modules that both Pythons can use: what is C in the latter, PyPy cannot."""


@pytest.fixture(scope="module")
def pypy() -> Path:
    found = find_pypy()
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"PyPy is not on this machine: {PYPY_ADVICE}", pytrace=False)
        pytest.skip(f"PyPy is not on this machine: {PYPY_ADVICE}")
    return found


def asked(case: golden.Case) -> Iterator[Sequence[Argument]]:
    """The case's commands between what clears the way and what asks about its key."""
    yield ("FLUSHALL",)
    for setting in case.config.items():
        yield "CONFIG", "SET", *setting
    yield from case.commands
    yield "OBJECT", "ENCODING", case.key
    for samples in (0, 1):
        yield "MEMORY", "USAGE", case.key, "SAMPLES", samples
    yield "DUMP", case.key


def differs(case: golden.Case, answers: list[Any]) -> bool:
    encoding, usage, usage_1, payload = answers[-4:]
    found = {
        "encoding": encoding.decode(),
        "memory_usage": usage,
        "memory_usage_samples_1": usage_1,
        "dump_hex": payload.hex(),
    }
    return any(
        value is not None and name not in case.unstable and value != found[name]
        for name, value in ((name, getattr(case, name)) for name in found)
    )


@pytest.mark.parametrize("profile", ["6.2", "8.0"])
def test_what_was_recorded(pypy: Path, tmp_path: Path, profile: str) -> None:
    with served(tmp_path, "--save", "", "--profile", profile, python=pypy) as server:
        settings: list[list[Argument]] = []
        for case in golden.load(profile)[::3]:
            for command in settings:
                assert server.execute(*command) == b"OK"
            settings = [["CONFIG", "SET", name, server.execute("CONFIG", "GET", name)[1]] for name in case.config]
            answers = server.connection.pipeline(asked(case))
            assert not differs(case, answers), case.name
            errors = sum(isinstance(answer, hiredis.ReplyError) for answer in answers)
            assert errors == case.errors, case.name


def test_files_that_one_writes_the_other_reads(pypy: Path, tmp_path: Path) -> None:
    (tmp_path / "dump.rdb").write_bytes(golden.rdb("8.0"))
    doors = ("--enable-debug-command", "yes")
    saved, appended = ("BGSAVE", b"Background saving started"), (
        "BGREWRITEAOF", b"Background append only file rewriting started"
    )  # fmt: skip
    digest = None
    for python, options, (wish, answer) in (
        (pypy, (), saved),
        (sys.executable, (), saved),
        (pypy, (), appended),
        (sys.executable, ("--appendonly", "yes"), appended),
        (pypy, ("--appendonly", "yes"), appended),
    ):
        with served(tmp_path, *doors, *options, python=python) as server:
            assert digest in (None, server.execute("DEBUG", "DIGEST"))
            if wish == "BGREWRITEAOF" and not options:
                assert server.execute("CONFIG", "SET", "appendonly", "yes") == b"OK"
                while b"aof_rewrite_in_progress:1" in server.execute("INFO", "persistence"):
                    pass
            assert server.execute(wish) == answer
            assert server.execute("RPUSH", "written by", str(python)) >= 1
            digest = server.execute("DEBUG", "DIGEST")
            assert b"ready to exit" in server.end(signal.SIGTERM)


@pytest.mark.parametrize("key", ["user:1", "board"])
def test_what_is_drawn_is_the_same(pypy: Path, tmp_path: Path, key: str) -> None:
    drawn = [
        subprocess.run(
            [python, "-m", "rinspect", "show", key],
            input="HSET user:1 name Ada born 1815\nCONFIG SET zset-max-listpack-entries 0\nZADD board 1 ada 2 bob\n",
            env={**os.environ, "PYTHONPATH": WHAT_IS_PURE, "HOME": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for python in (sys.executable, str(pypy))
    ]
    assert drawn[0] == drawn[1]
    assert key in drawn[0]
