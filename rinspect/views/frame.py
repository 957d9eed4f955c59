"""First and last line of Explore: where one is, and what can be done there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rinspect.drawing.line import Line
from rinspect.drawing.top import foot_line, narrow_line, top_line, warning_of
from rinspect.records import SourceInfo
from rinspect.views.actions import always_offered, footer
from rinspect.views.browser import Browser


def top(
    browser: Browser, info: SourceInfo, pane: str, tab: str, modes: Sequence[str], width: int, *, narrow: bool
) -> Line:
    """The source and what it holds; on a narrow screen, which pane this is and of which key."""
    past = browser.changes.past
    note = "loop held" if info.held else ""
    if past is not None:
        note = f"change {past + 1} of {len(browser.changes.changes)}"
    if narrow:
        return narrow_line(pane, tab, browser.shown, note, width, warning_of(info))
    return top_line(info, width, modes, "Explore", note)


def foot(browser: Browser, place: str, modes: Sequence[str], keymap: Mapping[str, str], width: int) -> Line:
    """What can be done in a pane or a box, but for what is of no use now."""
    info, idle = browser.info, {"mode"} if len(modes) < 2 else set()
    if info is None or info.keys or not info.embedded:
        idle.add("demo")
    if not browser.changes.changes:
        idle.add("change-back")
    return foot_line(footer(place, keymap, idle), always_offered(place, keymap), width)
