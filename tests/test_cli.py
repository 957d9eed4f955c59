"""The command line: what it prints, and that it answers without loading what it does not need."""

import re
import subprocess
import sys

import pytest

import rinspect


def rinspect_command(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "rinspect", *args], capture_output=True, text=True, check=False)


def test_version() -> None:
    done = rinspect_command("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"rinspect \d+\.\d+\.\d+", done.stdout.strip())
    assert rinspect.__version__ in done.stdout


def test_an_unknown_option_is_a_usage_error() -> None:
    done = rinspect_command("--no-such-option")
    assert done.returncode == 2
    assert "--no-such-option" in done.stderr


def test_a_command_that_is_nearly_right_is_named() -> None:
    for words, meant in ((("sho", "user:1"), "show"), (("sevre", "--port", "0"), "serve")):
        done = rinspect_command(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"did you mean rinspect {meant}?" in done.stderr
    assert "neither a file nor a URL" in rinspect_command("show", "k", "elsewhere").stderr
    assert "--help helps" in rinspect_command("-h").stderr


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_loads_nothing_heavy(option: str) -> None:
    program = f"""
import sys
from rinspect.cli import main
try:
    main([{option!r}])
finally:
    print(*sorted(sys.modules), sep="\\n", file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    loaded = set(done.stderr.split())
    assert "rinspect.cli" in loaded
    assert not loaded & {"textual", "rich", "redis", "hiredis", "prompt_toolkit", "asyncio", "rinspect.engine"}
