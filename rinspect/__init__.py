"""rinspect explains Redis from the inside: every byte of a value, and what each command does to it, live."""

__version__ = "0.1.0"
