"""What a value must know of the engine it lives in."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from rinspect.engine.allocator import Allocator
from rinspect.engine.config import Config
from rinspect.engine.events import Event, Observers
from rinspect.engine.profile import Profile

Clock = Callable[[], int]
"""Microseconds since 1970."""


class Runtime:
    """Profile, allocator, settings, chance and time: given to every value, shared by all.

    `now` is the time in milliseconds at which the running command began: every expiry decision of one command sees the
    same moment.
    """

    __slots__ = (
        "allocator",
        "clock",
        "config",
        "hash_seed",
        "now",
        "observers",
        "profile",
        "rng",
        "sds_classes",
        "usable",
    )

    def __init__(self, profile: Profile, allocator: Allocator, config: Config, clock: Clock, rng: Random) -> None:
        self.profile = profile
        self.allocator = allocator
        self.config = config
        self.clock = clock
        self.rng = rng
        self.hash_seed = rng.getrandbits(32)
        self.observers = Observers()
        self.now = clock() // 1000
        self.usable = allocator.usable

    def serial(self) -> int:
        """A new allocation's number."""
        return self.allocator.serial()

    def emit(self, event: Event) -> None:
        """Tell the observers. Call only `if runtime.observers:`, so that nobody listening costs one test."""
        for observer in tuple(self.observers):
            observer(event)
