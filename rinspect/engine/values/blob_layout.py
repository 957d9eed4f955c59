"""How a value that is one blob looks in memory: an intset, a listpack or a ziplist, with its entries in a row."""

from __future__ import annotations

from rinspect.engine.encodings.compact import Compact
from rinspect.engine.encodings.intset import HEADER as INTSET_HEADER
from rinspect.engine.encodings.intset import Intset
from rinspect.engine.layout import Allocation, Run, Shape, Step, Trace, Window
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.value import blob_charge


def blob_allocation(
    blob: Compact | Intset,
    runtime: Runtime,
    window: Window,
    *,
    role: str = "",
    names: tuple[str, ...] = (),
) -> Allocation:
    """The blob's allocation, with the bytes and fields of the window's entries; the header too if it starts with the
    first. `names` name the entries in turn: ("field", "value")."""
    if not blob.serial:
        blob.serial = runtime.serial()
    first = min(window.first, len(blob))
    start = _offset(blob, first) if first else 0
    fields = blob.fields(window) if isinstance(blob, Intset) else blob.fields(window, names)
    shown = tuple(field for field in fields if field.offset >= start)
    end = shown[-1].end if shown else start
    size_class, charged, rule = blob_charge(runtime, blob.nbytes)
    return Allocation(
        blob.serial, role or f"value/{blob.encoding}", blob.encoding, blob.nbytes, size_class, charged, Shape.ENTRIES,
        shown, bytes(blob.data[start:end]), start, rule, f"{len(blob)} entries in {blob.nbytes} bytes",
    )  # fmt: skip


def entries_touched(blob: Compact, window: Window) -> Window:
    """The window's bytes as a window of entries."""
    if window.start <= 0 and window.start + window.size >= blob.nbytes:
        return Window(0, len(blob))
    first, count, at = 0, 0, blob.HEADER
    for size in blob.sizes:
        if at >= window.start + window.size:
            break
        if at + size <= window.start:
            first += 1
        else:
            count += 1
        at += size
    return Window(first, count)


def blob_run(blob: Compact | Intset, runtime: Runtime) -> Run:
    """The run of the one blob."""
    size_class, charged, rule = blob_charge(runtime, blob.nbytes)
    return Run(blob.encoding, 1, blob.nbytes, size_class, charged, rule)


def trace_entries(blob: Compact, text: bytes, step: int = 1) -> Trace:
    """How the search for an entry goes: from the first on, one after the other; every `step`-th is compared."""
    steps: list[Step] = []
    for index in range(0, len(blob), step):
        shown = blob.texts[index].decode("utf-8", "backslashreplace")
        same = blob.texts[index] == text
        steps.append(Step(f"entry {index}", shown, "found" if same else "another one: go on"))
        if same:
            return Trace("find", tuple(steps), len(steps), "found")
    return Trace("find", tuple(steps), len(steps), "not there")


def _offset(blob: Compact | Intset, index: int) -> int:
    return INTSET_HEADER + index * blob.width if isinstance(blob, Intset) else blob.offset(index)
