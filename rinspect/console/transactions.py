"""What a script must not run: the commands of a transaction that could not be begun.

MULTI … EXEC means all of it in one go. Where MULTI is refused or unknown, the lines up to EXEC would run one by one, each
at once: they are left out instead.
"""

from __future__ import annotations

from collections.abc import Sequence

LEFT_OUT = "not run: MULTI was not accepted, and what belongs to it must not run without it"


class Transactions:
    """Follows the lines of one script."""

    def __init__(self) -> None:
        self._open = False
        self._missed = False

    def leaves_out(self, argv: Sequence[bytes]) -> bool:
        """Whether a command belongs to a transaction that was not begun. Ask once for each, before it is run."""
        if not self._missed:
            return False
        self._missed = not _ends(argv)
        return True

    def note(self, argv: Sequence[bytes], *, failed: bool) -> None:
        """A command was run."""
        if argv[0].upper() == b"MULTI" and not self._open:
            self._open, self._missed = not failed, failed
        elif _ends(argv):
            self._open = False


def _ends(argv: Sequence[bytes]) -> bool:
    return argv[0].upper() in (b"EXEC", b"DISCARD")
