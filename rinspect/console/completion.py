"""Completion: commands, subcommands, options and key names, from the one declaration of each command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rinspect.console.words import Unbalanced, Word, locate, quote
from rinspect.engine.commands.registry import Command
from rinspect.engine.notation import Arg

Table = Mapping[bytes, Command]
MOST = 50


class Candidate(NamedTuple):
    """A proposal for the word at the cursor."""

    text: str
    """What to type, quoted where needed."""
    description: str = ""


class Completion(NamedTuple):
    """What may stand at the cursor: proposals for `line[start:end]`."""

    start: int
    end: int
    candidates: tuple[Candidate, ...] = ()
    key: bytes | None = None
    """How a key begins that may stand there; None where none may."""


def complete(line: str, cursor: int, table: Table, keys: Iterable[bytes] = ()) -> Completion:
    """Proposals for the word that ends at the cursor. `keys` are the key names known, best first."""
    head = line[:cursor]
    try:
        words = locate(head)
    except Unbalanced:
        return Completion(cursor, cursor)
    if words and words[-1].end == cursor:
        *before, current = words
    else:
        before, current = words, Word(b"", cursor, cursor)
    prefix = current.value
    if not before:
        found = [_command(command) for name, command in table.items() if name.startswith(prefix.upper())]
        return _made(current, sorted(found, key=lambda candidate: candidate.text))
    command = table.get(before[0].value.upper())
    if command is None:
        return Completion(current.start, cursor)
    done = [word.value for word in before[1:]]
    if command.subcommands:
        if not done:
            found = [
                Candidate(name.decode(), sub.declaration.summary)
                for name, sub in command.subcommands.items()
                if name.startswith(prefix.upper())
            ]
            return _made(current, sorted(found, key=lambda candidate: candidate.text))
        sub_command = command.subcommands.get(done[0].upper())
        if sub_command is None:
            return Completion(current.start, cursor)
        command, done = sub_command, done[1:]
    found, key = [], None
    for arg in expected(command.grammar.args, done):
        if arg.kind == "key":
            key = prefix
            found += [Candidate(quote(key)) for key in keys if key.startswith(prefix)][:MOST]
        found += [
            Candidate(token, note) for token, note in tokens(arg) if token.startswith(prefix.decode("latin-1").upper())
        ]
    return _made(current, found, key)


def _made(word: Word, found: list[Candidate], key: bytes | None = None) -> Completion:
    unique = {candidate.text: candidate for candidate in found}
    return Completion(word.start, word.end, tuple(unique.values())[:MOST], key)


def _command(command: Command) -> Candidate:
    return Candidate(command.name, command.declaration.summary)


def proposed(candidates: Sequence[Candidate], chosen: int, width: int) -> str:
    """Proposals in a row of at most `width` cells, the chosen one marked and in view."""
    texts = [f"▸{found.text}" if at == chosen else f" {found.text}" for at, found in enumerate(candidates)]
    first = 0
    while first < chosen and sum(len(text) + 1 for text in texts[first : chosen + 1]) > width - 2:
        first += 1
    row = ("… " if first else "") + " ".join(texts[first:])
    return row if len(row) <= width else row[: width - 1] + "…"


def tokens(arg: Arg) -> list[tuple[str, str]]:
    """The literal words with which an argument may begin, each with what follows it."""
    if arg.token:
        return [(arg.token, arg.usage().strip("[]"))]
    if arg.kind == "choice":
        return [pair for part in arg.parts for pair in tokens(part)]
    return []


def expected(args: tuple[Arg, ...], done: list[bytes]) -> list[Arg]:
    """The arguments of which one may come after the words `done`: the place that the grammar has reached."""
    at = 0
    left = list(done)
    while at < len(args):
        arg = args[at]
        if arg.optional:
            group = [a for a in args[at:] if a.optional][: _run_length(args, at)]
            open_value, left = _consume_options(group, left)
            if open_value is not None:
                return [open_value]
            if not left:
                return [*group, *(args[at + len(group) : at + len(group) + 1])]
            at += len(group)
            continue
        parts = arg.parts if arg.kind == "block" else (arg,)
        if arg.token and arg.kind != "token":
            if not left:
                return [arg]
            left = left[1:]
        if arg.multiple or arg.counted_by:
            place = parts[len(left) % len(parts)]
            return [place, *args[at + 1 :]] if len(left) % len(parts) == 0 and len(left) else [place]
        for part in parts:
            if not left:
                return [part]
            left = left[1:]
        at += 1
    return []


def _run_length(args: tuple[Arg, ...], at: int) -> int:
    end = at
    while end < len(args) and args[end].optional:
        end += 1
    return end - at


def _consume_options(group: list[Arg], left: list[bytes]) -> tuple[Arg | None, list[bytes]]:
    """Take options off the words: (the value that is still to come, the words left)."""
    while left:
        option = next((o for arg in group for o in _alternatives(arg) if o.token.encode() == left[0].upper()), None)
        if option is None:
            return None, left
        values = [] if option.kind == "token" else list(option.parts if option.kind == "block" else (option,))
        left = left[1:]
        for value in values:
            if not left:
                return Arg(value.name, value.kind, parts=value.parts), []
            left = left[1:]
    return None, left


def _alternatives(arg: Arg) -> list[Arg]:
    if arg.kind == "choice" and not arg.token:
        return [option for part in arg.parts for option in _alternatives(part)]
    return [arg] if arg.token else []
