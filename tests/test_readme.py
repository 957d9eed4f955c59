"""The README tells the truth: its commands run, its example answers what it says, its pictures exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_example_answers_what_its_comments_say() -> None:
    (code,) = blocks("python")
    names: dict[str, object] = {}
    checked = 0
    for line in code.splitlines():
        statement, _, comment = line.partition("  # ")
        if comment:
            assert repr(eval(statement, names)) == comment
            checked += 1
        else:
            exec(line, names)
    assert checked == 2


def test_pictures_and_pages_exist() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert [link for link in links if link.endswith(".svg")]
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"make (\w+)", TEXT):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_configuration_of_the_readme_is_accepted(tmp_path: Path) -> None:
    from rinspect.settings import load
    from rinspect.views.actions import ACTIONS

    (text,) = blocks("toml")
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    settings = load(path, {action.id: action.keys for action in ACTIONS})
    assert settings.problems == ()
    assert settings.profile == "7.2"
    assert settings.keys["follow"] == "F"


@pytest.mark.parametrize(
    "line", [line.strip() for line in TEXT.splitlines() if line.startswith("    ") and " | rinspect show" in line]
)
def test_piped_commands_run(line: str) -> None:
    first, second = line.split(" | ")
    commands = first.removeprefix("echo ").strip("'") + "\n"
    argv = [sys.executable, "-m", *second.split()]
    done = subprocess.run(argv, input=commands, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "listpack" in done.stdout
