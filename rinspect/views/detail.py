"""The upper pane of a value: its structure, its memory, why it is so, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive
from textual.widgets import Static

from rinspect.drawing.changes import change_details, draw_changes
from rinspect.drawing.line import Line, Ref
from rinspect.engine.layout import Trace
from rinspect.records import Change, KeyChange, Look
from rinspect.views.actions import bindings
from rinspect.views.lines import LineView
from rinspect.views.palette import palette_of

if TYPE_CHECKING:
    from rinspect.engine.reasons import Rebuilt, Why

DETAILS = ("structure", "memory", "why", "changes")

SEARCHED = {
    "": "member, field or #rank", "list": "index", "hash": "field", "set": "member", "zset": "member or #rank",
    "stream": "id, or #place from 0 on",
}  # fmt: skip
"""What can be searched for in a value, by type."""


@dataclass(frozen=True)
class Shown:
    """All that the tabs draw from."""

    look: Look | None = None
    ref: Ref | None = None
    """The bytes under the cursor of the byte map."""
    trace: Trace | None = None
    why: Why | None = None
    rebuilt: tuple[Rebuilt, ...] = ()
    change: KeyChange | None = None
    """The change that is looked at, of this key."""
    changes: Sequence[Change] = field(default_factory=tuple)
    past: int | None = None


class Tab(LineView):
    """One of the tabs."""

    BINDINGS = bindings("value", "structure", "changes", "moving", "sideways")

    def action_choose(self) -> None:
        """Enter on a row that can be selected."""
        if self.selectable:
            self.post_message(self.RowChosen(self, self.row, True))


MOST_SAID = 3
"""Lines that a search's verdict takes at the most."""


class Detail(Vertical):
    """Four tabs of which one is visible; only that one is drawn. Below a structure stands how a search through it went: it is
    seen whatever part of the structure is."""

    DEFAULT_CSS = """
    Detail Tab { height: 1fr; display: none; }
    Detail Tab.open { display: block; }
    Detail #verdict { height: auto; display: none; }
    Detail #verdict.said { display: block; }
    """

    tab: reactive[str] = reactive("structure")

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown = Shown()
        self._said: tuple[Sequence[Line], str] = ((), "")

    def compose(self) -> ComposeResult:
        for name in DETAILS:
            yield Tab(id=name, selectable=name == "changes")
        yield Static(id="verdict", markup=False)

    def on_mount(self) -> None:
        self.watch_tab(self.tab)

    @property
    def view(self) -> LineView:
        return self.query_one(f"#{self.tab}", LineView)

    def watch_tab(self, tab: str) -> None:
        for view in self.query(Tab):
            view.set_class(view.id == tab, "open")
        self.draw()

    def on_resize(self) -> None:
        self.draw()

    def show(self, shown: Shown) -> None:
        before, self._shown = self._shown, shown
        self.draw()
        if self.tab == "changes" or before.look is None or shown.look is None:
            return
        if before.look.key != shown.look.key:
            self.view.scroll_home(animate=False)
        elif shown.trace is not None and shown.trace is not before.trace:
            # Not before the verdict has taken its lines.
            self.call_after_refresh(self._reveal_end)
        elif shown.ref is not None and before.ref is not None and shown.ref != before.ref:
            self._reveal(shown.ref)

    def _reveal_end(self) -> None:
        """Scroll to where the way of a search ended, or to the last that it passed."""
        lit = [s for line in self.view.lines for s in line if "path" in s.kind.split(" ")]
        end = next((s for s in lit if "cursor" in s.kind.split(" ")), lit[-1] if lit else None)
        self.view.reveal(lambda segment: segment is end)

    def _reveal(self, ref: Ref) -> None:
        """Scroll to the smallest stretch that stands for these bytes, or for the allocation."""
        refs = [s.ref for line in self.view.lines for s in line if s.ref is not None and s.ref.serial == ref.serial]
        smallest = min((held for held in refs if held.touches(ref)), key=lambda held: held.size, default=None)
        wanted = smallest or next(iter(refs), None)
        if wanted is not None:
            self.view.reveal(lambda segment: segment.ref is wanted)

    def draw(self) -> None:
        """Draw the visible tab at the pane's width."""
        if not self.is_mounted:
            return
        width = max(20, self.content_size.width - 1)
        self.view.show(self.lines(self.tab, width))
        said = self.verdict(width)
        if (said, self.app.theme) != self._said:
            self._said = (said, self.app.theme)
            box = self.query_one("#verdict", Static)
            box.set_class(bool(said), "said")
            box.update(palette_of(self.app).text(said))

    def verdict(self, width: int) -> Sequence[Line]:
        """How the search through the structure that is shown went; nothing without one."""
        look, trace = self._shown.look, self._shown.trace
        if self.tab != "structure" or look is None or look.notice or trace is None:
            return ()
        from rinspect.drawing.structure import draw_verdict  # noqa: PLC0415 (see below)

        return draw_verdict(look.layout, trace, width, MOST_SAID)

    def lines(self, tab: str, width: int) -> Sequence[Line]:
        """A tab's lines at a width."""
        shown = self._shown
        if tab == "changes":
            details = [] if shown.change is None else [(), *change_details(shown.change, width)]
            return [*draw_changes(shown.changes, shown.past, width), *details]
        if shown.look is None:
            return ()
        return self._drawn(tab, shown.look, width)

    def _drawn(self, tab: str, look: Look, width: int) -> Sequence[Line]:
        """A value's tab. (What draws it is not imported before there is a value: the first paint does not wait for it.)"""
        from rinspect.drawing.memory import draw_memory  # noqa: PLC0415
        from rinspect.drawing.structure import draw_structure  # noqa: PLC0415
        from rinspect.drawing.why import draw_why  # noqa: PLC0415

        shown = self._shown
        if tab == "structure":
            lit = shown.change.diff if shown.change is not None else None
            return draw_structure(look, width, ref=shown.ref, trace=shown.trace, diff=lit)
        if tab == "memory":
            return draw_memory(look, shown.rebuilt if shown.past is None else (), width)
        return draw_why(look, shown.why, width, past=shown.past is not None)
