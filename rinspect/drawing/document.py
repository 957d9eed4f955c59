"""Looks and comparisons as plain data, for `--json`: every figure of the layout, nothing of its drawing."""

from __future__ import annotations

from rinspect.engine.layout import Allocation, Field, Layout
from rinspect.engine.reasons import Rebuilt, Why
from rinspect.records import Look

Data = dict[str, object]


def text_or_hex(data: bytes) -> Data:
    """Bytes as text where they are UTF-8, and always as hexadecimal."""
    try:
        return {"text": data.decode(), "hex": data.hex()}
    except UnicodeDecodeError:
        return {"hex": data.hex()}


def look_data(look: Look, why: Why | None = None, rebuilt: tuple[Rebuilt, ...] = ()) -> Data:
    """A key: what it is, what it costs, how it lies in memory."""
    data: Data = {
        "key": text_or_hex(look.key),
        "database": look.database,
        "type": look.type,
        "encoding": look.encoding,
        "elements": look.elements,
        "expires_at_ms": look.expires_at,
        "memory_usage": {
            "computed": look.computed,
            "certainty": str(look.layout.certainty),
            "reported": look.reported,
            "difference": look.difference or None,
        },
        "not_counted": [{"name": u.name, "bytes": u.size, "why": u.why} for u in look.uncounted],
        "layout": layout_data(look.layout),
    }
    if why is not None:
        data["why"] = {
            "sentence": why.sentence,
            "thresholds": [
                {"what": t.what, "now": t.now, "limit": t.limit, "setting": t.setting or None} for t in why.thresholds
            ],
            "flips": [
                {"command": f.command, "becomes": f.becomes, "before": f.before, "after": f.after} for f in why.flips
            ],
            "notes": list(why.notes),
        }
    if rebuilt:
        data["rebuilt"] = [{"profile": r.profile, "encoding": r.encoding, "memory_usage": r.charged} for r in rebuilt]
    return data


def layout_data(layout: Layout) -> Data:
    """A layout: the sums of all allocations, and those of the window in full."""
    return {
        "asked": layout.asked,
        "size_class": layout.size_class,
        "charged": layout.charged,
        "rounding": layout.rounding,
        "elements": layout.elements,
        "window": {"first": layout.window.first, "count": layout.window.count},
        "facts": {name: _plain(value) for name, value in layout.facts.items()},
        "runs": [
            {
                "name": run.name, "count": run.count, "asked": run.asked, "size_class": run.size_class,
                "charged": run.charged, "rule": run.rule or None,
            }
            for run in layout.runs
        ],
        "allocations": [_allocation(allocation) for allocation in layout.allocations],
    }  # fmt: skip


def _allocation(allocation: Allocation) -> Data:
    return {
        "serial": allocation.serial,
        "role": allocation.role,
        "name": allocation.name,
        "asked": allocation.asked,
        "size_class": allocation.size_class,
        "charged": allocation.charged,
        "rule": allocation.rule or None,
        "shape": str(allocation.shape),
        "element": allocation.element,
        "bytes": {"offset": allocation.data_offset, "hex": allocation.data.hex()},
        "fields": [_field(field) for field in allocation.fields],
    }


def _field(field: Field) -> Data:
    return {
        "offset": field.offset,
        "size": field.size,
        "name": field.name,
        "value": _plain(field.value),
        "kind": str(field.kind),
        "entry": field.entry,
        "points_to": field.target,
        "note": field.note,
    }


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return text_or_hex(value)
    if isinstance(value, float) and not -1e308 <= value <= 1e308:
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return str(value)
