"""What is handed on of each change, so that whoever does the same has the same keys: the append-only file, and replicas.

Handed on is what became of the keys, not what was asked. Chance, the clock, and who waited for how long, are not in it:

    SET k v EX 10          SET k v PXAT 1795690316939
    SPOP s                 SREM s member
    BLPOP q 0              LPOP q
    (a key's time is over) DEL k

What one command does, or one transaction, is one *unit*: it must not be done by halves, so where it is several commands they
stand between MULTI and EXEC. How a command is put is said where it is declared (`propagated`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

HandOn = Callable[[int | None, Sequence[bytes], Sequence[bytes] | None, str], None]
"""Takes the number of the database that a command is meant for, None for any; the command; what a client sent that did it, None
where no client did; and what became of its key, if nobody deleted that: `expired` or `evicted`."""
MULTI, EXEC = (b"MULTI",), (b"EXEC",)
APART = frozenset({"SCAN", "RANDOMKEY"})
"""What comes across any keys: that several of them expire then is several things."""


def deletion(key: bytes, *, lazily: bool) -> Sequence[bytes]:
    """That a key goes; `lazily` if it is left to the thread that frees."""
    return (b"UNLINK" if lazily else b"DEL", key)


class Propagation:
    """Gathers a unit, and hands it on when it is whole."""

    __slots__ = ("_hand_on", "_running", "_unit", "_version")

    def __init__(self, hand_on: HandOn, version: tuple[int, int]) -> None:
        self._hand_on = hand_on
        self._version = version
        self._running: list[Sequence[bytes]] = []
        """The commands that have begun and not ended, as they were sent: one, or EXEC and one of its own."""
        self._unit: list[tuple[int, Sequence[bytes], Sequence[bytes] | None, str]] = []

    def add(self, database: int, argv: Sequence[bytes], gone: str = "") -> None:
        """Hand a command on, with the unit that is going on if there is one; `gone` as `HandOn` has it."""
        running = self._running
        self._unit.append((database, argv, running[-1] if running else None, gone))
        if not running:
            self._pass_on()

    def begin(self, argv: Sequence[bytes]) -> None:
        """A command begins: perhaps one of a transaction."""
        self._running.append(argv)

    def end(self, name: str) -> bool:
        """The one that began last has ended; its declared name. Whether anything was handed on."""
        argv = self._running.pop()
        if self._running or not self._unit:
            return False
        if self._version < (7, 0):
            # Only a transaction was kept together, whatever was in it, and ended as its client had ended it.
            self._pass_on(argv if name == "EXEC" else None)
        else:
            self._pass_on(EXEC if len(self._unit) > 1 and name not in APART else None)
        return True

    def _pass_on(self, closing: Sequence[bytes] | None = None) -> None:
        """Hand the unit on; between MULTI and `closing` if there is one."""
        unit, self._unit = self._unit, []
        # From 7.2 on these are for any database: the one that comes first is told behind MULTI.
        first, last = (unit[0][0], unit[-1][0]) if self._version < (7, 2) else (None, None)
        if closing is not None:
            self._hand_on(first, MULTI, None, "")
        for one in unit:
            self._hand_on(*one)
        if closing is not None:
            self._hand_on(last, closing, None, "")
