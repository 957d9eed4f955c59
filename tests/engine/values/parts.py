"""What holds for the layouts of sets and hashes beyond what holds for all: every kind of allocation by itself, and
windows as parts of the whole."""

from collections import Counter

from rinspect.engine.layout import Kind, Layout, Window
from rinspect.engine.values.value import Value
from tests.engine.checks import check_layout


def check_parts(value: Value) -> Layout:
    """The whole layout. Its allocations, kind by kind, sum up to the runs; all but the robj are pointed to; one that is
    charged neither what was asked nor what it got says why; a window shows a part of the same."""
    whole = check_layout(value)
    assert whole.rounding in (0, -1)
    sums: dict[str, Counter[str]] = {}
    targets = set()
    for allocation in whole.allocations:
        sums.setdefault(allocation.name, Counter()).update(
            count=1, asked=allocation.asked, size_class=allocation.size_class, charged=allocation.charged
        )
        assert allocation.rule or allocation.charged in (allocation.asked, allocation.size_class), allocation.role
        targets |= {field.target for field in allocation.fields if field.kind is Kind.POINTER} - {None}
    assert targets == {allocation.serial for allocation in whole.allocations[1:]}
    assert set(sums) <= {run.name for run in whole.runs}
    for run in whole.runs:
        expected = Counter(count=run.count, asked=run.asked, size_class=run.size_class, charged=run.charged)
        assert +sums.get(run.name, Counter()) == +expected, run.name
    for window in (Window(0, 1), Window(1, 2), Window(2, 1000), Window(10**9, 5)):
        _check_window(value, window, whole)
    return whole


def _check_window(value: Value, window: Window, whole: Layout) -> None:
    part = value.layout(window)
    by_serial = {allocation.serial: allocation for allocation in whole.allocations}
    assert (part.runs, part.elements) == (whole.runs, whole.elements)
    for allocation in part.allocations:
        same = by_serial[allocation.serial]
        assert (allocation.asked, allocation.charged, allocation.role) == (same.asked, same.charged, same.role)
        assert set(allocation.fields) <= set(same.fields)
        at = allocation.data_offset
        for field in allocation.fields:
            assert field.offset == at, (allocation.role, field)
            at = field.end
        assert same.data[allocation.data_offset : at] == allocation.data
        assert allocation.element is None or window.first <= allocation.element < window.stop
