"""The configuration file: what is right is used, what is wrong is said, with the nearest right thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from rinspect.settings import Settings, load

ACTIONS = {"repl": "colon,i", "follow": "f", "quit": "q"}


def loaded(tmp_path: Path, text: str | bytes) -> Settings:
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return load(path, ACTIONS)


def test_without_a_file_there_are_defaults(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml", ACTIONS) == Settings()


def test_all_of_it(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        'theme = "nord"\nprofile = "6.2"\nallocator = "libc"\nhistory = false\n[keys]\nrepl = "x , y"\n',
    )
    assert found == Settings("nord", "6.2", "libc", history=False, keys={"repl": "x,y"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('them = "nord"', "did you mean theme?"),
        ("theme = 3", "theme must be a text"),
        ('history = "no"', "history must be true or false"),
        ('keys = "x"', "keys must be a table"),
        ('profile = "9.9"', "profile '9.9' is not one of 6.2, 7.0"),
        ('allocator = "mimalloc"', "allocator 'mimalloc' is not one of"),
        ('[keys]\nfolow = "F"', "did you mean follow?"),
        ('[keys]\nzzz = "F"', "there are repl, follow, quit"),
        ("[keys]\nrepl = 3", "must be a text such as 'colon,i'"),
        ('[keys]\nrepl = " "', "must be a text such as"),
        ("theme = ", "not valid TOML"),
        (b"theme = '\xff'", "is not read"),
    ],
)
def test_what_is_wrong_is_said_with_the_way_out(tmp_path: Path, text: str | bytes, says: str) -> None:
    found = loaded(tmp_path, text)
    (problem,) = found.problems
    assert says in problem
    assert str(tmp_path) in problem
    assert (found.profile, found.allocator, found.keys) == ("8.0", "jemalloc", {})


def test_one_mistake_costs_nothing_else(tmp_path: Path) -> None:
    found = loaded(tmp_path, 'profile = "7.0"\nnonsense = 1\n[keys]\nrepl = "x"\nnothing = "y"\n')
    assert (found.profile, found.keys) == ("7.0", {"repl": "x"})
    assert len(found.problems) == 2


def test_a_folder_instead_of_a_file_is_said(tmp_path: Path) -> None:
    (problem,) = load(tmp_path, ACTIONS).problems
    assert "is not read" in problem
