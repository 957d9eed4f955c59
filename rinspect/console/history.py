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

    def add(self, line: str) -> None:
        """Remember a line, unless it repeats the last one, is blank, or holds a secret."""
        line = line.strip()
        if not line or "\n" in line or (self.lines and self.lines[-1] == line) or _holds_secret(line):
            return
        self.lines.append(line)
        del self.lines[:-MOST_LINES]
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(
                os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8"
            ) as file:
                file.write(line + "\n")
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
