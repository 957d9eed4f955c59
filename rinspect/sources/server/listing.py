"""The known keys of a server in an order, as far as they fit a filter."""

from __future__ import annotations

from rinspect.engine.glob import matcher
from rinspect.records import Filter, Order
from rinspect.sources.server.survey import Details, Survey

_UNKNOWN = Details("", "", -1, None)


def listed(survey: Survey, order: Order, wanted: Filter) -> list[bytes]:
    """Keys in order. By what has not been asked of a key yet it cannot be sorted or filtered: such keys come last, or are
    left out where the filter needs to know."""
    keys = survey.keys
    if wanted.glob:
        pattern = matcher(wanted.glob)
        keys = [key for key in keys if pattern.match(key) is not None]
    if wanted.type or wanted.encoding:
        keys = [key for key in keys if _fits(survey.details.get(key), wanted)]
    if order is Order.RECENT:
        return keys
    if order is Order.NAME:
        return sorted(keys)
    return sorted(keys, key=lambda key: (_rank(survey.details.get(key, _UNKNOWN), order), key))


def _fits(details: Details | None, wanted: Filter) -> bool:
    if details is None:
        return False
    return wanted.type in ("", details.type) and wanted.encoding in ("", details.encoding or "")


def _rank(details: Details, order: Order) -> tuple[bool, int, str]:
    if order is Order.BYTES:
        return details.charged is None or details.charged < 0, -(details.charged or 0), ""
    if order is Order.TTL:
        return details.expires_at is None, details.expires_at or 0, ""
    text = details.type if order is Order.TYPE else details.encoding or ""
    return not text, 0, text
