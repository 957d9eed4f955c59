"""What must hold for every value's layout."""

from random import Random

from rinspect.engine.allocator import Allocator
from rinspect.engine.config import Config
from rinspect.engine.layout import WHOLE, Kind, Layout, Window
from rinspect.engine.profile import PROFILES
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.value import Value


def runtime_of(profile: str, seed: int = 0, **settings: int) -> Runtime:
    """A runtime with a clock that stands still and the given settings (`zset_max_listpack_entries=4`)."""
    facts = PROFILES[profile]
    config = Config(facts)
    for name, number in settings.items():
        assert hasattr(config, name)
        setattr(config, name, number)
    return Runtime(facts, Allocator(), config, lambda: 1_700_000_000_000_000, Random(seed))


def check_layout(value: Value) -> Layout:
    """The whole layout, after holding it against itself and against the running totals."""
    layout = value.layout(WHOLE)
    assert layout.encoding == value.encoding
    assert layout.charged == value.charged(0)
    assert layout.runs == value.layout(Window(0, 1)).runs
    for what in ("asked", "size_class", "charged"):
        drawn = sum(getattr(allocation, what) for allocation in layout.allocations)
        assert drawn == sum(getattr(run, what) for run in layout.runs), what
    serials = [allocation.serial for allocation in layout.allocations]
    assert len(set(serials)) == len(serials)
    for allocation in layout.allocations:
        at = allocation.data_offset
        for field in allocation.fields:
            assert field.offset == at, (allocation.role, field)
            assert field.note, (allocation.role, field)
            at = field.end
            if field.kind is Kind.POINTER and field.target is not None:
                assert field.target in serials, (allocation.role, field)
        assert at == allocation.data_offset + len(allocation.data), allocation.role
    again = value.layout(WHOLE)
    assert [allocation.serial for allocation in again.allocations] == serials
    return layout
