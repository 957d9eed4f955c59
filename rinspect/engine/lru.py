"""The 24 bits of a robj that say how it was last used.

    under an LRU policy, and without one    | seconds since 1970, modulo 2^24              |
    under an LFU policy                     | minutes, modulo 2^16 | counter 0 … 255       |

Both read the same bits: whoever changes the policy finds the old ones misread until the keys are used again, just as the
server warns. The counter is logarithmic: it starts at 5 and grows the less likely the greater it is; every
`lfu-decay-time` minutes without a use it loses one, which is reckoned when somebody looks.

A value keeps milliseconds in place of the seconds, for that is the time which a command has at hand; they are never
negative. The bits of an LFU policy are kept as their complement `~bits`, which always is.
"""

from __future__ import annotations

from random import Random

CLOCK_MAX = (1 << 24) - 1
RESOLUTION = 1000
"""Milliseconds of one tick of the LRU clock."""
MINUTES_MAX = (1 << 16) - 1
COUNTER_MAX = 255
COUNTER_START = 5
"""The counter of a new key, so that it is not evicted before it could be used."""


def bits_of(used: int) -> int:
    """The 24 bits as they stand in the robj, of what a value keeps as `used`."""
    return ~used if used < 0 else used // RESOLUTION & CLOCK_MAX


def idle_time(used: int, now: int) -> int:
    """For how many milliseconds the value was not used, in whole seconds; `now` in milliseconds since 1970.

    A clock that seems to have gone back has gone round, once.
    """
    clock, bits = now // RESOLUTION & CLOCK_MAX, bits_of(used)
    return (clock - bits if clock >= bits else clock + CLOCK_MAX - bits) * RESOLUTION


def idle_since(now: int, idle: int) -> int:
    """What `used` is of a value that was not used for `idle` milliseconds, as RESTORE … IDLETIME tells."""
    return max(0, now - idle)


def frequency(used: int, now: int, decay_time: int) -> int:
    """The LFU counter, less what the minutes without a use have cost it."""
    bits = bits_of(used)
    counter = bits & COUNTER_MAX
    if not decay_time:
        return counter
    minutes, last = now // 60_000 & MINUTES_MAX, bits >> 8
    elapsed = minutes - last if minutes >= last else MINUTES_MAX - last + minutes
    return max(0, counter - elapsed // decay_time)


def counted(counter: int, now: int) -> int:
    """What `used` is of a value that was used now and whose LFU counter is `counter`."""
    return ~((now // 60_000 & MINUTES_MAX) << 8 | counter)


def incremented(counter: int, log_factor: int, rng: Random) -> int:
    """The counter after one more use: above its start it grows with probability 1 / ((counter - 5) × log_factor + 1)."""
    if counter >= COUNTER_MAX:
        return COUNTER_MAX
    above = max(0, counter - COUNTER_START)
    return counter + (rng.random() < 1.0 / (above * log_factor + 1))
