"""Commands that servers have and this one does not, with their categories: rules may name them all the same.

Who brings users along from elsewhere has rules such as `-@scripting` or `+script|load`. What a rule leaves out of a
category must not depend on what is built here. A command that is declared counts as it is declared; its line here
is then without effect.
"""

from __future__ import annotations

from collections.abc import Iterator

Version = tuple[int, int]

_SINCE = {"": (0, 0), "7.0": (7, 0), "8.0": (8, 0)}

_BY_CATEGORIES = {
    "": """
        vadd@8.0 vcard@8.0 vdim@8.0 vemb@8.0 vgetattr@8.0 vinfo@8.0 vismember@8.0 vlinks@8.0 vrandmember@8.0 vrem@8.0
        vsetattr@8.0 vsim@8.0
    """,
    "admin dangerous slow": """
        failover psync replconf sync
        module|list module|load module|loadex module|unload
    """,
    "slow": "module module|help script",
    "scripting slow": """
        eval eval_ro@7.0 evalsha evalsha_ro@7.0 fcall@7.0 fcall_ro@7.0 function|dump function|help function|kill
        function|stats script|debug script|exists script|flush script|help script|kill script|load
    """,
    "scripting slow write": "function|delete function|load function|restore",
    "dangerous keyspace slow write": "restore-asking",
}
"""Names by categories; `@7.0` follows what came with that version."""

_BEFORE_7 = {
    "admin dangerous slow": "module",
    "read slow": "host: post",
    "read slow string": "stralgo",
    "scripting slow": "script",
}
"""What 6.2 put elsewhere, or had alone. It did not tell subcommands apart."""


def others(version: Version) -> dict[str, frozenset[str]]:
    """Their names in small letters, a subcommand's as `cluster|info`, and their categories."""
    found = {
        name: categories
        for categories, name, since in _lines(_BY_CATEGORIES)
        if since <= version and (version >= (7, 0) or "|" not in name)
    }
    if version < (7, 0):
        found |= {name: categories for categories, name, _ in _lines(_BEFORE_7)}
    return found


def _lines(table: dict[str, str]) -> Iterator[tuple[frozenset[str], str, Version]]:
    for categories, names in table.items():
        for word in names.split():
            name, _, since = word.partition("@")
            yield frozenset(categories.split()), name, _SINCE[since]
