"""The command line. Nothing heavy is imported until it is known what must run.

Exit codes: 0 fine, 1 a difference or nothing found, 2 wrong usage, 3 no connection.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import rinspect

FINE, DIFFERENT, USAGE, NO_CONNECTION = 0, 1, 2, 3

_DESCRIPTION = """\
An X-ray for Redis: shows, byte by byte and live, what a command does inside the server.

  rinspect                          the screen, on a Redis built in
  rinspect redis://host:6379/0      the screen, on a real server; read-only
  rinspect dump.rdb                 the screen, on the keys of a file
  rinspect --compare redis://host   built in and a real server, side by side
  rinspect repl [SOURCE]            a plain prompt; reads commands from a pipe
  rinspect show KEY [SOURCE]        one key as text, JSON or SVG
  rinspect compare KEY A B          one key on two servers
  rinspect load URL --write         clients that keep a server busy
  rinspect serve [redis.conf] …     the built-in engine as a server, with redis-server's options
  rinspect explain < commands       structure, reasons and changes, command by command

SOURCE is redis://, rediss://, valkey:// or unix://, or an RDB file; without one, the flags of redis-cli say which server,
and without those it is the built-in engine."""

_SERVE_HELP = """\
usage: rinspect serve [/path/to/redis.conf] [--directive value ...] [-] [--profile VERSION] [--allocator NAME]

Serves the built-in engine on real sockets. Everything is as with redis-server, whose directives these are, for instance
  rinspect serve --port 6380 --requirepass secret --maxmemory 100mb --profile 7.2
  echo 'port 6380' | rinspect serve -

With PyPy it is quicker, most of all where commands come in pipelines: pypy3 -m rinspect serve --port 6380"""

_COMMANDS = ("repl", "show", "compare", "explain", "load")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        if message.startswith("argument -h"):
            message += " (-h is the host, as in redis-cli: --help helps)"
        self.exit(USAGE, f"{self.prog}: {message}\n")


def _common() -> argparse.ArgumentParser:
    """The options that every form takes. `-h` is the host, as in redis-cli."""
    common = _Parser(add_help=False)
    common.add_argument("--help", action="help", help="show this help and leave")
    engine = common.add_argument_group("the built-in engine")
    engine.add_argument(
        "--profile", metavar="VERSION", help="6.2, 7.0, 7.2, 7.4 or 8.0 (default 8.0, or a server's own)"
    )
    engine.add_argument("--allocator", help="jemalloc, system-jemalloc or libc")
    server = common.add_argument_group("a real server, as redis-cli")
    server.add_argument("-h", dest="host", metavar="HOST")
    server.add_argument("-p", dest="port", metavar="PORT", type=int)
    server.add_argument("-s", dest="socket", metavar="SOCKET")
    server.add_argument("-n", dest="database", metavar="DB", type=int)
    server.add_argument("-a", "--pass", dest="password", metavar="PASSWORD", help="better: REDISCLI_AUTH or --askpass")
    server.add_argument("--user", metavar="NAME")
    server.add_argument("--askpass", action="store_true")
    server.add_argument("-u", dest="url", metavar="URL")
    server.add_argument("--tls", action="store_true")
    server.add_argument("--insecure", action="store_true", help="do not verify the certificate")
    for name in ("sni", "cacert", "cert", "key"):
        server.add_argument(f"--{name}", metavar="NAME" if name == "sni" else "FILE")
    server.add_argument("--write", action="store_true", help="allow commands that change the server")
    server.add_argument("--big", action="store_true", help="fetch values above 16 MiB too")
    return common


def _screen_parser(common: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="rinspect",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        parents=[common],
        usage="rinspect [SOURCE] [options] | rinspect {repl,show,compare,explain,serve,load} …",
    )
    parser.add_argument("source", nargs="?", metavar="SOURCE")
    parser.add_argument("--listen", metavar="PORT", type=int, help="serve the built-in engine on this port too")
    parser.add_argument("--compare", metavar="URL", help="look at two sources side by side")
    parser.add_argument("--theme", metavar="NAME")
    parser.add_argument("--version", action="version", version=f"rinspect {rinspect.__version__}")
    return parser


def _command_parser(name: str, common: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser = _Parser(prog=f"rinspect {name}", add_help=False, parents=[common])
    if name == "show":
        parser.add_argument("shown_key", metavar="KEY")
    if name == "compare":
        parser.add_argument("shown_key", metavar="KEY")
        parser.add_argument("first", metavar="A", help="a URL, a file, or built-in")
        parser.add_argument("second", metavar="B", help="a URL, a file, or built-in")
    if name in ("show", "repl"):
        parser.add_argument("source", nargs="?", metavar="SOURCE")
    if name == "load":
        parser.add_argument("source", nargs="?", metavar="URL")
        parser.add_argument("--mix", default="mixed", help="mixed, read, write or expiring (default mixed)")
        parser.add_argument("--clients", type=int, default=10, help="how many (default 10)")
        parser.add_argument("--pipeline", type=int, default=1, help="commands that a client sends at once (default 1)")
        parser.add_argument("--keys", type=int, default=10_000, help="how many names there are (default 10000)")
        parser.add_argument("--skew", type=float, default=1.0, help="0: all keys alike (default 1)")
        parser.add_argument("--rate", type=int, default=0, help="operations a second at the most")
        parser.add_argument(
            "--slow", type=float, default=0.0, metavar="SECONDS", help="a KEYS this often (default never)"
        )
        parser.add_argument("--seconds", type=float, default=0.0, help="how long (default until ^C)")
        parser.add_argument("--seed", type=int, default=0)
    if name in ("show", "compare", "explain"):
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--text", action="store_true", help="as text (the default)")
        form.add_argument("--json", action="store_true")
        if name != "compare":
            form.add_argument("--svg", metavar="FILE")
        parser.add_argument("--width", type=int, default=100, help="columns of text and pictures (default 100)")
    return parser


def _serve(words: list[str]) -> int:
    if words == ["--help"]:
        print(_SERVE_HELP)
        return FINE
    gc.disable()
    from rinspect.serving import serve

    return serve(words)


def _meant(word: str) -> str:
    """The command that a word is nearly, if it is neither an option nor a source; empty for none."""
    if word.startswith("-") or "://" in word or word == "built-in" or os.path.exists(word):  # noqa: PTH110 (nothing is imported)
        return ""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, (*_COMMANDS, "serve"), n=1)), "")


def main(argv: Sequence[str] | None = None) -> int:
    """Run rinspect with these arguments; the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["serve"]:
        return _serve(words[1:])
    name = words[0] if words and words[0] in _COMMANDS else ""
    if not name and words and (meant := _meant(words[0])):
        print(f"rinspect: there is no {words[0]}; did you mean rinspect {meant}?", file=sys.stderr)
        return USAGE
    common = _common()
    parser = _command_parser(name, common) if name else _screen_parser(common)
    try:
        # Intermixed: a SOURCE may stand behind options, too.
        options = parser.parse_intermixed_args(words[1:] if name else words)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else USAGE
    # Whatever is made while the program starts stays: collecting in between costs a seventh of the start and frees nothing.
    gc.disable()
    # Each form imports only what it needs: --help needs nothing.
    from rinspect import startup

    return startup.run(name or "screen", options)
