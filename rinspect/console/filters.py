"""The filter over the list of keys, as it is typed."""

from __future__ import annotations

from rinspect.records import Filter

FILTER_HELP = "glob, type:hash, enc:listpack"
TYPES = ("string", "list", "set", "zset", "hash", "stream")
ENCODINGS = (
    "int", "embstr", "raw", "listpack", "ziplist", "intset", "hashtable", "skiplist", "quicklist", "listpackex", "stream",
)  # fmt: skip


class BadFilter(ValueError):
    """A filter that cannot be meant; the text names what is wrong and what there is."""


def parse_filter(text: str) -> Filter:
    """The filter that a text means. A word without `*`, `?` or `[` fits any key that contains it."""
    glob, kind, encoding = b"", "", ""
    for word in text.split():
        name, colon, value = word.partition(":")
        if colon and name in ("type", "enc", "encoding"):
            known = TYPES if name == "type" else ENCODINGS
            full = [candidate for candidate in known if candidate.startswith(value)]
            if not full:
                raise BadFilter(f"no {name} {value}: {', '.join(known)}")
            # While it is being typed, a beginning that fits several is no filter yet.
            chosen = value if value in known else full[0] if len(full) == 1 else ""
            kind, encoding = (chosen, encoding) if name == "type" else (kind, chosen)
        else:
            glob = (word if any(c in word for c in "*?[") else f"*{word}*").encode()
    return Filter(glob, kind, encoding)
