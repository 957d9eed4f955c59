"""Unpacks the real servers of other Debian releases, and PyPy, into a folder of the user's, without root.

    python3 -m tests.real.fetch_servers

A server of a newer release needs that release's C library. So each build gets a small root of its own: the server's
packages and the libraries they depend on, unpacked with ``dpkg -x``, and start scripts that run each program
through that root's own dynamic loader. Nothing on the machine changes; a build that is there already is left alone.

    SERVERS/redis-8.0/root/usr/bin/redis-server     as unpacked
    SERVERS/redis-8.0/bin/redis-server              the script to run (likewise redis-cli, redis-check-rdb …)
    SERVERS/pypy-3.11/bin/pypy3                     the same for PyPy, under which the server is to run as well

The packages come from the mirror that this machine's apt uses and are verified with Debian's keyring.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.real.catalog import BUILDS, Build, find_pypy, pypy_launcher, servers_folder, version_of

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class CannotFetch(Exception):
    """Says to the user what is missing."""


class Apt:
    """apt with its state in a folder of ours and one release as its only source, as if nothing were installed."""

    def __init__(self, state: Path, mirror: str, suite: str) -> None:
        (state / "lists" / "partial").mkdir(parents=True)
        (state / "cache" / "archives" / "partial").mkdir(parents=True)
        source = state / "sources.list"
        source.write_text(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n")
        settings = {
            "Dir::Etc::SourceList": source,
            "Dir::Etc::SourceParts": "/dev/null",
            "Dir::State::Lists": state / "lists",
            "Dir::State::Status": "/dev/null",
            "Dir::Cache": state / "cache",
            "Acquire::Languages": "none",
            # As root, apt would download as user _apt, who may not write into our folder.
            "APT::Sandbox::User": "root",
        }
        self.options = [f"-o{key}={value}" for key, value in settings.items()]
        self.state = state
        run("apt-get", *self.options, "-qq", "update")

    def libraries_of(self, packages: Iterable[str]) -> set[str]:
        """``packages`` and every library below them. What else Debian lists (adduser, init scripts) is left out:
        it serves the installation of a service, not the program."""
        listing = run("apt-cache", *self.options, "depends", "--recurse", "--important", *packages)
        depends: dict[str, list[str]] = {}
        current = ""
        for line in listing.splitlines():
            if found := re.match(r" *\|?(?:Pre)?Depends: ([a-z0-9].*)", line):
                depends[current].append(found[1])
            elif not line.startswith(" "):
                current = line
                depends[current] = []
        wanted: set[str] = set()
        waiting = list(packages)
        while waiting:
            package = waiting.pop()
            if package not in wanted:
                wanted.add(package)
                waiting += [name for name in depends.get(package, []) if name.startswith(("lib", "zlib"))]
        return wanted

    def unpack(self, packages: Iterable[str], root: Path) -> None:
        debs = self.state / "debs"
        debs.mkdir()
        run("apt-get", *self.options, "-qq", "download", *sorted(packages), cwd=debs)
        for deb in debs.glob("*.deb"):
            run("dpkg", "-x", str(deb), str(root))


def run(*command: str, cwd: Path | None = None) -> str:
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise CannotFetch(
            f"{command[0]} is not here: the servers are unpacked from Debian's packages, with Debian's tools"
        ) from None
    if done.returncode:
        raise CannotFetch(f"{command[0]} failed:\n{done.stderr.strip()}")
    return done.stdout


def debian_mirror() -> str:
    """The mirror that this machine's apt uses, read off the addresses that ``apt-get update`` would ask."""
    addresses = run("apt-get", "--print-uris", "update")
    releases = re.findall(r"^'(\S+)/dists/(\S+)/InRelease'", addresses, re.MULTILINE)
    mirrors: list[str] = [mirror for mirror, suite in releases if "debian" in mirror and "security" not in suite]
    if not mirrors:
        raise CannotFetch("apt on this machine uses no Debian mirror, so there is nowhere to take the servers from")
    return mirrors[0]


def write_launchers(folder: Path, programs: str) -> None:
    """A start script for each program with such a name. It finds its root beside itself, so the folder may be moved.

    One binary is server, sentinel and checker in turn and goes by the name it is called by; hence ``--argv0``."""
    root = folder / "root"
    libraries = [path for path in (*root.glob("lib/*-linux-gnu"), *root.glob("usr/lib/*-linux-gnu")) if path.is_dir()]
    loader = next(path for folder in libraries for path in folder.glob("ld-linux*.so.*"))
    search = ":".join(f"$here/{path.relative_to(folder)}" for path in libraries)
    (folder / "bin").mkdir()
    for program in sorted((root / "usr" / "bin").glob(programs)):
        script = folder / "bin" / program.name
        script.write_text(
            "#!/bin/sh\n"
            'here=$(cd "$(dirname "$0")/.." && pwd)\n'
            f'exec "$here/{loader.relative_to(folder)}" --argv0 {program.name} --library-path "{search}" '
            f'"$here/{program.relative_to(folder)}" "$@"\n'
        )
        script.chmod(0o755)


def fetch(build: Build, apt: Apt) -> str:
    """Unpacks one build beside its final place and moves it there once it has run: no half-made build is ever found.
    Returns its version."""
    with tempfile.TemporaryDirectory(dir=servers_folder(), prefix=".new-") as made:
        folder = Path(made) / build.folder.name
        (folder / "root").mkdir(parents=True)
        packages = apt.libraries_of([f"{build.brand}-server", f"{build.brand}-tools"])
        apt.unpack(packages, folder / "root")
        write_launchers(folder, f"{build.brand}-*")
        version = version_of(folder / "bin" / build.launcher.name)
        if not build.matches(version):
            raise CannotFetch(
                f"{build.suite} holds {build.brand} {version or '(which does not start)'}, not {build.version}"
            )
        folder.rename(build.folder)
    return version


def fetch_pypy(apt: Apt) -> None:
    """Unpacks PyPy, as `fetch` a server."""
    with tempfile.TemporaryDirectory(dir=servers_folder(), prefix=".new-") as made:
        folder = Path(made) / "pypy"
        (folder / "root").mkdir(parents=True)
        apt.unpack(apt.libraries_of(["pypy3", "pypy3-lib"]), folder / "root")
        write_launchers(folder, "pypy3")
        run(str(folder / "bin" / "pypy3"), "-c", "import select, socket, zlib")
        folder.rename(pypy_launcher().parents[1])


def main() -> int:
    missing = [build for build in BUILDS if build.suite and not build.launcher.exists()]
    print(f"real servers in {servers_folder()}")
    try:
        servers_folder().mkdir(parents=True, exist_ok=True)
        mirror = debian_mirror() if missing else ""
        for build in BUILDS:
            if build in missing and build.suite:
                with tempfile.TemporaryDirectory() as state:
                    version = fetch(build, Apt(Path(state), mirror, build.suite))
                print(f"  {build.name}: unpacked {version}")
            elif build.suite:
                print(f"  {build.name}: there already")
        if find_pypy() is None:
            with tempfile.TemporaryDirectory() as state:
                fetch_pypy(Apt(Path(state), mirror or debian_mirror(), "trixie"))
            print("  pypy-3.11: unpacked")
        else:
            print("  pypy: there already")
    except CannotFetch as problem:
        print(f"fetch_servers: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
