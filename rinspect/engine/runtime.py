"""What a value must know of the engine it lives in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random

from rinspect.engine.allocator import Allocator
from rinspect.engine.commandstats import FAST
from rinspect.engine.config import Config
from rinspect.engine.events import Event, Observers
from rinspect.engine.profile import Profile
from rinspect.engine.propagation import Propagation
from rinspect.engine.stats import Stats

Clock = Callable[[], int]
"""Microseconds since 1970."""


MILLISECOND = 1_000_000
"""In nanoseconds."""


def wall_clock() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000  # noqa: TID251 (the one place: the default of what is injected)


def nanoseconds(clock: Clock) -> Clock:
    """The same clock in nanoseconds, by the shortest way: what it costs to read it, each command pays."""
    if clock is wall_clock:
        return time.time_ns  # noqa: TID251 (as above)
    return getattr(clock, "nanoseconds", None) or (lambda: clock() * 1000)


class Runtime:
    """Profile, allocator, settings, chance and time: given to every value, shared by all.

    `now` is the time in milliseconds at which the running command began: every expiry decision of one command sees the
    same moment.
    """

    __slots__ = (
        "accounted",
        "allocator",
        "attentive",
        "clock",
        "config",
        "deferred",
        "executing",
        "guarded",
        "has_memory_for",
        "hash_seed",
        "inheriting",
        "interrupted",
        "keys_frozen",
        "lfu",
        "loading",
        "memory_moved",
        "no_touch",
        "now",
        "now_is_over",
        "observers",
        "profile",
        "propagation",
        "rng",
        "running",
        "skip_checksums",
        "slow",
        "stats",
        "took",
        "ticked",
        "ticks",
        "took_time",
        "unasked",
        "usable",
        "_guards",
    )

    def __init__(self, profile: Profile, allocator: Allocator, config: Config, clock: Clock, rng: Random) -> None:
        self.profile = profile
        self.allocator = allocator
        self.config = config
        self.clock = clock
        self.rng = rng
        self.hash_seed = rng.getrandbits(32)
        self.observers = Observers()
        self.ticks = nanoseconds(clock)
        self.read_clock()
        self.usable = allocator.usable
        self.guarded = False
        """Something is out of the ordinary, so that each command is looked at before it runs."""
        self.interrupted = False
        """Something came up that whoever runs commands one after the other has to look at before the next: a guard, work that
        was deferred, a client that is to stop. One thing to ask, in place of many."""
        self.executing = False
        """Inside EXEC: what is run now may not wait, and nothing that would see half of a transaction may begin."""
        self.running: Sequence[bytes] | None = None
        """The command that is being run, or ran last."""
        self.unasked = False
        """What happens to a key just now, no client asked for: it expires or is evicted."""
        self.took = 0
        """How long the command took, in microseconds, of which the engine's witnesses are told."""
        self.slow = FAST
        """Microseconds from which on a command's duration is more than a count."""
        self.took_time: Callable[[str, int], None] | None = None
        """Told of work besides commands how long it took: its name in LATENCY, and microseconds. None while nobody wants to
        know, so that nothing need be measured."""
        self.deferred: list[Callable[[], None]] = []
        """What is to be done when the command that is running, or the transaction, is over: see `defer`."""
        self._guards: set[str] = set()
        self.stats = Stats()
        self.keys_frozen = False
        """No key expires or is evicted for now (CLIENT PAUSE); those that are due are not seen all the same."""
        self.loading = False
        """Commands are done again that were handed on: whatever was there then is there still, though its time may be over."""
        self.propagation: Propagation | None = None
        """Hands changes on; None while nobody wants them."""
        self.skip_checksums = False
        """A payload's checksum is not looked at (DEBUG SET-SKIP-CHECKSUM-VALIDATION)."""
        self.no_touch = False
        """The running command's look-ups do not count as uses (CLIENT NO-TOUCH)."""
        self.accounted = False
        """Whether the keyspace keeps account of its memory (see Ledger)."""
        self.has_memory_for: Callable[[int], bool] = lambda size: True
        """Whether maxmemory allows so many bytes more."""
        self.memory_moved: set[int] = set()
        """Numbers of the databases that may take more or less than when the ledger last looked."""
        self.lfu = False
        """Whether the policy is one of the LFU ones."""
        self.attentive = False
        """Whether look-ups need more than the moment noted: see `Database.lookup`."""
        self.inheriting = False
        """Whether a new value takes something over from the old one, or that one is freed in a way of its own."""
        self.heed_settings()
        for name in ("maxmemory-policy", "lazyfree-lazy-server-del"):
            config.on_change(name, self.heed_settings)

    def read_clock(self) -> None:
        """Go on at this moment: what was done since the last command is none's time."""
        self.go_on_at(self.ticks())

    def go_on_at(self, moment: int) -> None:
        """Go on at a moment, in nanoseconds since 1970: a command has ended."""
        self.ticked = moment
        """When the last command ended, or work began again after that."""
        self.now = moment // MILLISECOND
        self.now_is_over = (self.now + 1) * MILLISECOND
        """From this moment on `now` is another: to compare with it is cheaper than to divide."""

    @property
    def ustime(self) -> int:
        """When the last command ended, or work began again after that: microseconds since 1970."""
        return self.ticked // 1000

    def heed_settings(self) -> None:
        """Derive what the hot paths read from the settings: called when these have changed."""
        self.lfu = self.config.maxmemory_policy.endswith("lfu")
        self.attend()

    def attend(self) -> None:
        """Decide `attentive` and `inheriting` anew: called when something has changed that it depends on."""
        self.inheriting = self.lfu or self.no_touch or self.config.lazyfree_lazy_server_del
        self.attentive = self.inheriting or self.accounted

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Look-ups meanwhile do not count as uses."""
        self.no_touch = True
        self.attend()
        try:
            yield
        finally:
            self.no_touch = False
            self.attend()

    def serial(self) -> int:
        """A new allocation's number."""
        return self.allocator.serial()

    def guard(self, reason: str, *, on: bool) -> None:
        """Have each command looked at before it runs, as long as there is a reason to."""
        (self._guards.add if on else self._guards.discard)(reason)
        self.guarded = bool(self._guards)
        self.interrupted = True

    def defer(self, job: Callable[[], None]) -> None:
        """Have `job` done when the command that is running, or the transaction, is over."""
        self.deferred.append(job)
        self.interrupted = True

    def emit(self, event: Event) -> None:
        """Tell the observers. Call only `if runtime.observers:`, so that nobody listening costs one test."""
        for observer in tuple(self.observers):
            observer(event)
