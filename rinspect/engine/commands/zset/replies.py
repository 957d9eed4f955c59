"""How members and scores are answered."""

from __future__ import annotations

from collections.abc import Iterable

from rinspect.engine.commands.call import Call
from rinspect.engine.encodings.indexedzset import Pair
from rinspect.engine.replies import Reply


def pairs_reply(call: Call, pairs: Iterable[Pair], with_scores: bool, *, nested: bool | None = None) -> Reply:
    """Members, or members with scores: in one flat array, or in an array of pairs (`nested`; by default in RESP3)."""
    if not with_scores:
        return [member for member, _ in pairs]
    if call.resp == 3 if nested is None else nested:
        return [[member, call.double(score)] for member, score in pairs]
    flat: list[Reply] = []
    for member, score in pairs:
        flat += (member, call.double(score))
    return flat
