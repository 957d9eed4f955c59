"""The command line. It imports nothing heavy until it knows what it must run: ``--help`` answers at once."""

import argparse
from collections.abc import Sequence

from rinspect import __version__


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rinspect", description="An X-ray for Redis: see what a command does inside the server."
    )
    parser.add_argument("--version", action="version", version=f"rinspect {__version__}")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line ``argv`` (default: the process's own) and returns the exit status."""
    parser = build_parser()
    parser.parse_args(argv)
    parser.print_help()
    return 0
