"""What the operating system says of the process, and the machine: the figures of INFO memory that are no model's."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

_STATM = Path("/proc/self/statm")


def resident_size() -> int:
    """Bytes of the process that are in memory, the interpreter and all else that runs in it included; where the system does
    not tell that, the most there have ever been; 0 where it does not even tell that."""
    with suppress(OSError, ValueError, IndexError):
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    with suppress(ImportError):
        import resource  # noqa: PLC0415 (there is none on Windows)

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return 0


def system_memory() -> int:
    """Bytes of memory that the machine has; 0 where it cannot be told."""
    with suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return 0
