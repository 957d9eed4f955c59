"""The manifest of an append-only file in parts (7.0+): which files it consists of, and in which order they are read.

file appendonly.aof.2.base.rdb seq 2 type b      all keys at one moment, as an RDB file or as commands (.aof)
file appendonly.aof.3.incr.aof seq 3 type i      the commands since then; at most the last is written to
file appendonly.aof.1.base.rdb seq 1 type h      history: no longer needed, and about to be removed

>>> manifest = Manifest("appendonly.aof")
>>> manifest = manifest.with_base("rdb")
>>> print(manifest.with_incremental().text(), end="")
file appendonly.aof.1.base.rdb seq 1 type b
file appendonly.aof.1.incr.aof seq 1 type i
"""

from __future__ import annotations

import os
from typing import NamedTuple

from rinspect.engine.numbers import parse_int
from rinspect.engine.splitargs import catrepr, splitargs

LONGEST_LINE = 1024
BASE, INCREMENTAL, HISTORY = "b", "i", "h"


class BadManifest(ValueError):
    """It is none; the text says what is wrong, and with which line."""


class Part(NamedTuple):
    """A file of the append-only file."""

    name: str
    seq: int
    kind: str

    def line(self) -> str:
        plain = self.name.isascii() and self.name.isprintable() and not set(self.name) & set(" \"'\\")
        name = self.name if plain else catrepr(os.fsencode(self.name))
        return f"file {name} seq {self.seq} type {self.kind}\n"


class Manifest(NamedTuple):
    """What stands in it. `prefix` is what all names begin with: `appendfilename`."""

    prefix: str
    base: Part | None = None
    incrementals: tuple[Part, ...] = ()
    history: tuple[Part, ...] = ()
    """What was replaced last comes first."""
    beyond: int = 0
    """Numbers up to this one are taken, by files that are none of these."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The files that are read, in their order."""
        return (() if self.base is None else (self.base,)) + self.incrementals

    def text(self) -> str:
        parts = () if self.base is None else (self.base,)
        return "".join(part.line() for part in (*parts, *self.history, *self.incrementals))

    def with_base(self, form: str) -> Manifest:
        """With another base, of the form `rdb` or `aof`; the one before is history."""
        seqs = [part.seq for part in (self.base, *self.history) if part is not None and ".base." in part.name]
        seq = max([self.beyond, self.base.seq if self.base else 0, *seqs]) + 1
        new = Part(f"{self.prefix}.{seq}.base.{form}", seq, BASE)
        history = (self.base._replace(kind=HISTORY), *self.history) if self.base else self.history
        return self._replace(base=new, history=history)

    def with_incremental(self) -> Manifest:
        """With one more file of commands behind the others."""
        seqs = [part.seq for part in (*self.incrementals, *self.history) if ".incr." in part.name]
        seq = max([self.beyond, *seqs]) + 1
        return self._replace(incrementals=(*self.incrementals, Part(f"{self.prefix}.{seq}.incr.aof", seq, INCREMENTAL)))

    def rewritten(self, kept: int) -> Manifest:
        """With the last `kept` files of commands only: the base has what the others say, which are history."""
        split = len(self.incrementals) - kept
        old = tuple(part._replace(kind=HISTORY) for part in self.incrementals[:split])
        return self._replace(incrementals=self.incrementals[split:], history=(*reversed(old), *self.history))

    def without_history(self) -> Manifest:
        return self._replace(history=())


def parse(text: bytes, prefix: str) -> Manifest:
    """Read a manifest. BadManifest."""
    manifest = Manifest(prefix)
    lines = text.splitlines()
    if not lines:
        raise BadManifest("Found an empty AOF manifest")
    for number, line in enumerate(lines, 1):
        try:
            if len(line) > LONGEST_LINE:
                raise BadManifest("The AOF manifest file contains too long line")
            if not line.startswith(b"#"):
                manifest = _with(manifest, _part(line))
        except BadManifest as error:
            raise BadManifest(f"{error}: line {number}, '{line[:128].decode(errors='replace')}'") from None
    return manifest


def _part(line: bytes) -> Part:
    words = splitargs(line)
    if not words or len(words) < 6 or len(words) % 2:
        raise BadManifest("Invalid AOF manifest file format")
    said = {key.lower(): value for key, value in zip(words[::2], words[1::2], strict=True)}
    name, seq, kind = said.get(b"file"), parse_int(said.get(b"seq", b"")), said.get(b"type")
    if not name or not seq or not kind:
        raise BadManifest("Invalid AOF manifest file format")
    if b"/" in name:
        raise BadManifest("File can't be a path, just a filename")
    return Part(os.fsdecode(name), seq, kind[:1].decode("latin-1"))


def _with(manifest: Manifest, part: Part) -> Manifest:
    if part.kind == BASE:
        if manifest.base is not None:
            raise BadManifest("Found duplicate base file information")
        return manifest._replace(base=part)
    if part.kind == HISTORY:
        return manifest._replace(history=(*manifest.history, part))
    if part.kind != INCREMENTAL:
        raise BadManifest("Unknown AOF file type")
    if manifest.incrementals and part.seq <= manifest.incrementals[-1].seq:
        raise BadManifest("Found a non-monotonic sequence number")
    return manifest._replace(incrementals=(*manifest.incrementals, part))
