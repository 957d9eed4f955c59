"""Titles of panes."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget


def set_titles(pane: Widget, title: str | None = None, subtitle: str | None = None) -> None:
    """Set the titles in a pane's border, as plain text. One that stays the same costs nothing: setting it would have the
    whole pane drawn anew."""
    held = getattr(pane, "_plain_titles", (None, None))
    wanted = (held[0] if title is None else title, held[1] if subtitle is None else subtitle)
    if wanted == held:
        return
    if wanted[0] != held[0]:
        pane.border_title = Content(wanted[0] or "")
    if wanted[1] != held[1]:
        pane.border_subtitle = Content(wanted[1] or "")
    pane._plain_titles = wanted  # type: ignore[attr-defined]
