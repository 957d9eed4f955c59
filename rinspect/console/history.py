"""The history of typed lines, in a file of the user's state folder. Lines with secrets are never in it."""

from __future__ import annotations

import os
from pathlib import Path

from rinspect.console.secrets import is_secret
from rinspect.console.words import Unbalanced, split

MOST_LINES = 2000


class History:
    """Lines, oldest first. A file that cannot be read or written costs nothing but the memory of it."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.lines: list[str] = []
        self.problem = ""
        """Why the file could not be used; empty if it could."""
        if path is not None:
            try:
                text = path.read_text(encoding="utf-8", errors="replace")
                self.lines = [line for line in text.splitlines() if line][-MOST_LINES:]
            except FileNotFoundError:
                pass
            except OSError as error:
                self.problem = f"history not read: {error.strerror}: {path}"

    def add(self, *lines: str) -> None:
        """Remember lines, but for those that repeat the one before, are blank, or hold a secret. Of a long script the end."""
        kept: list[str] = []
        for line in (line.strip() for line in lines[-MOST_LINES:]):
            last = kept[-1:] or self.lines[-1:]
            if line and "\n" not in line and last != [line] and not _holds_secret(line):
                kept.append(line)
        self.lines += kept
        del self.lines[:-MOST_LINES]
        if self._path is None or not kept:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(
                os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
            ) as file:
                file.writelines(line + "\n" for line in kept)
        except OSError as error:
            self.problem = f"history not written: {error.strerror}: {self._path}"

    def search(self, text: str, before: int | None = None) -> int | None:
        """Index of the newest line older than `before` that contains `text`, in any case; None if there is none."""
        wanted = text.lower()
        for at in range(len(self.lines) - 1 if before is None else before - 1, -1, -1):
            if wanted in self.lines[at].lower():
                return at
        return None


def _holds_secret(line: str) -> bool:
    try:
        return is_secret(split(line))
    except Unbalanced:
        return is_secret([word.encode() for word in line.replace('"', " ").replace("'", " ").split()])
