"""Imports run one way. import-linter checks what is written; this checks what actually gets loaded."""

import importlib.util
import subprocess
import sys

import pytest

FOREIGN_TO_THE_ENGINE = {"textual", "rich", "redis", "prompt_toolkit"}


@pytest.mark.skipif(not importlib.util.find_spec("rinspect.engine"), reason="there is no rinspect.engine yet")
def test_the_engine_stands_alone() -> None:
    program = "import sys, rinspect.engine; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "rinspect.engine" in loaded
    assert not loaded & FOREIGN_TO_THE_ENGINE
