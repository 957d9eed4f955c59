"""The REPL: a log of what was asked and answered, and the prompt under it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Static

from rinspect.console.completion import Candidate, Completion, Table, complete, proposed
from rinspect.console.hints import hint
from rinspect.console.history import History
from rinspect.console.words import Unbalanced, split
from rinspect.drawing.line import Line, Segment, count_of, fit, justify, show, text_of, words, wrap
from rinspect.views.actions import bindings
from rinspect.views.lines import LineView
from rinspect.views.log import Log
from rinspect.views.runner import echo
from rinspect.views.titles import set_titles

if TYPE_CHECKING:
    from rinspect.views.browser import Browser

READS = "type a command that reads: GET greeting"
"""What the prompt proposes where nothing may be written."""
LONGEST_USER = 12
"""Cells of a user's name before the prompt."""
MOST_EXPECTED = 5
"""Commands without an answer that are shown."""

_OWN = {b"quit": "app.quit", b"exit": "app.quit", b"help": "screen.help"}
"""Words that redis-cli keeps to itself, and so do we."""


class Prompt(Input):
    """The line being typed."""

    DEFAULT_CSS = """
    Prompt, Prompt:focus { border: none; padding: 0; height: 1; background: transparent; background-tint: transparent; }
    """
    BINDINGS = bindings("repl")

    class Entered(Message):
        """Lines to run, in order."""

        def __init__(self, lines: list[str]) -> None:
            super().__init__()
            self.lines = lines

    class Rejected(Message):
        """The line cannot be run as it stands; the text says why."""

        def __init__(self, reason: str) -> None:
            super().__init__()
            self.reason = reason

    class Edited(Message):
        """The line or the proposals for it changed."""

        def __init__(self, text: str, proposals: Sequence[Candidate] = (), chosen: int = 0) -> None:
            super().__init__()
            self.text = text
            self.proposals = proposals
            self.chosen = chosen
            """The proposal that stands in the line."""

    class Scrolled(Message):
        """The user wants to see other replies."""

        def __init__(self, pages: int) -> None:
            super().__init__()
            self.pages = pages

    class Interrupted(Message):
        """The user gives up waiting."""

    class Left(Message):
        """The user wants back to the panes, perhaps to press a key there."""

        def __init__(self, key: str = "") -> None:
            super().__init__()
            self.key = key

    def __init__(self, history: History, *, id: str | None = None) -> None:
        super().__init__(id=id, placeholder="type a command: SET greeting hello", select_on_focus=False)
        self.cursor_blink = False
        self.past = history
        self.table: Table = {}
        self.key_names: list[bytes] = []
        self.keys_beginning: Callable[[bytes], Awaitable[list[bytes]]] | None = None
        """Finds a few keys by how they begin."""
        self._place: int | None = None
        self._draft = ""
        self._proposals: Completion | None = None
        self._proposed = -1
        self._found: int | None = None
        self._searching = ""

    async def action_submit(self) -> None:
        text = self.value
        try:
            argv = split(text)
        except Unbalanced as error:
            # The line stays, to be mended.
            self.post_message(self.Rejected(f"{error}: not run"))
            return
        if argv:
            self._reset("")
            own = _OWN.get(argv[0].lower()) if len(argv) == 1 else None
            if own is None:
                self.post_message(self.Entered([text]))
            else:
                await self.app.run_action(own, self)

    def _reset(self, text: str) -> None:
        self._place = None
        self._searching = ""
        self.value = text
        self.cursor_position = len(text)

    def _on_paste(self, event: events.Paste) -> None:
        # What was typed and the first pasted line are one; each line but the last is run, the last is left to edit.
        event.stop()
        event.prevent_default()
        self._end_proposals()
        head, tail = self.value[: self.cursor_position], self.value[self.cursor_position :]
        *lines, last = (head + event.text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
        self.value = last + tail
        self.cursor_position = len(last)
        lines = [line for line in lines if line.strip()]
        if lines:
            self.post_message(self.Entered(lines))

    def watch_value(self, value: str) -> None:
        if self._proposed < 0:
            self._proposals = None
        self.post_message(self.Edited(value))

    async def _propose(self) -> Completion:
        """What may stand at the cursor; of keys those on the screen first, then others that begin so."""
        line, cursor = self.value, self.cursor_position
        found = complete(line, cursor, self.table, self.key_names)
        if found.key and self.keys_beginning is not None:
            others = await self.keys_beginning(found.key)
            found = complete(line, cursor, self.table, [*self.key_names, *others])
        return found

    async def action_complete(self, step: int) -> None:
        """Put in the proposal for the word at the cursor; again, the next one."""
        if self._proposals is None:
            self._proposals = await self._propose()
            self._tail = self.value[self.cursor_position :]
        candidates = self._proposals.candidates
        if not candidates:
            self._proposals = None
            return
        self._proposed = (self._proposed + step) % len(candidates)
        word = candidates[self._proposed].text
        alone = len(candidates) == 1
        head = self.value[: self._proposals.start] + word + (" " if alone else "")
        with self.prevent(Input.Changed):
            self.value = head + self._tail
        self.cursor_position = len(head)
        self.post_message(self.Edited(self.value, () if alone else candidates, self._proposed))
        if alone:
            self._end_proposals()

    def _end_proposals(self) -> None:
        self._proposals = None
        self._proposed = -1

    async def _on_key(self, event: events.Key) -> None:
        if event.key != "tab":
            self._end_proposals()
        if event.key not in ("ctrl+r", "up", "down"):
            self._searching = ""
        if event.key.startswith("alt+") and event.is_printable:
            # Nothing here is done with alt; and esc with a key pressed right behind it arrives as this.
            event.stop()
            event.prevent_default()
            self.post_message(self.Left(event.key.removeprefix("alt+")))
            return
        # Textual would look for bindings when the event has climbed up to the application, by when letters typed after
        # it are already here: a script that a terminal sends as plain keys would run other lines than its own.
        if not event.is_printable and await self.app._check_bindings(event.key):
            event.stop()
            event.prevent_default()
        else:
            await super()._on_key(event)

    def action_clear_line(self) -> None:
        self._reset("")
        self.post_message(self.Interrupted())

    def action_log(self, pages: int) -> None:
        self.post_message(self.Scrolled(pages))

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def action_history(self, step: int) -> None:
        lines = self.past.lines
        if self._place is None:
            if step > 0 or not lines:
                return
            self._draft = self.value
            place: int | None = len(lines) - 1
        else:
            place = self._place + step
            if place < 0:
                return
            if place >= len(lines):
                place = None
        self.value = self._draft if place is None else lines[place]
        self._place = place
        self.cursor_position = len(self.value)

    def action_search_history(self) -> None:
        """The newest line that contains what is typed; again, an older one."""
        wanted = self._searching or self.value
        found = self.past.search(wanted, self._found if self._searching else None)
        if found is None:
            return
        self._searching, self._found = wanted, found
        self.value = self.past.lines[found]
        self.cursor_position = len(self.value)


def _fitted(left: Line, right: Line, width: int) -> list[Line]:
    """A line of the log at a width: what we say ourselves is wrapped, replies and commands are cut."""
    if right:
        return [justify(left, right, width)]
    if len(left) == 1 and left[0].kind in ("warn", "bad", "dim"):
        return wrap(left[0].text, width, left[0].kind)
    return [left]


class Repl(Vertical):
    """Log and prompt."""

    DEFAULT_CSS = """
    Repl > #log { height: 1fr; }
    Repl > Horizontal { height: 1; }
    Repl #sign { width: auto; }
    Repl #hint { height: 1; display: none; text-style: dim; }
    """

    def __init__(self, history: History, log: Log, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.past = history
        self.said = log

    def compose(self) -> ComposeResult:
        yield LineView(id="log", follow=True)
        yield Static(id="hint", markup=False)
        with Horizontal():
            yield Static("> ", id="sign", markup=False)
            yield Prompt(self.past, id="prompt")

    @property
    def prompt(self) -> Prompt:
        return self.query_one(Prompt)

    @property
    def log_view(self) -> LineView:
        return self.query_one("#log", LineView)

    async def know(self, browser: Browser) -> None:
        """Learn what can be typed here."""
        self.prompt.table = await browser.source.commands()
        self.prompt.keys_beginning = browser.keys_beginning
        if browser.info is not None and browser.info.read_only:
            self.prompt.placeholder = READS

    def sign_as(self, *users: bytes | None) -> None:
        """Say before the prompt whose rights its commands have, on each of the sources, unless everybody is `default`."""
        names = dict.fromkeys("(nobody)" if user is None else show(user, LONGEST_USER) or '""' for user in users)
        text, sign = "> " if list(names) == ["default"] else f"{'|'.join(names)}> ", self.query_one("#sign", Static)
        if sign.content != text:
            sign.update(text)

    def draw(self) -> None:
        """Show what was added, to its end; called once after a batch."""
        self.draw_by_itself()
        self.log_view.to_end()

    def draw_by_itself(self) -> None:
        """Show what nobody asked for just now: who reads what came before stays there."""
        # A column is kept free for the scrollbar, so that nothing moves when it comes.
        width = max(20, self.content_size.width - 1)
        lines = [line for left, right in self.said.lines for line in _fitted(left, right, width)]
        lines += map(echo, islice(self.said.unanswered(), MOST_EXPECTED))
        more = self.said.missing - MOST_EXPECTED
        if more > 0:
            lines.append(words((f"… {count_of(more, 'line')} more", "dim")))
        self.log_view.show(lines, width=width)

    def on_resize(self) -> None:
        self.draw_by_itself()

    def on_prompt_edited(self, event: Prompt.Edited) -> None:
        width = max(10, self.size.width - 6)
        self.tell(proposed(event.proposals, event.chosen, width) or self._hint(event.text, width))

    def on_prompt_rejected(self, event: Prompt.Rejected) -> None:
        self.tell(f"(error) {event.reason}")

    def tell(self, text: str) -> None:
        """In the border, or over the prompt where there is none."""
        set_titles(self, subtitle=text)
        line = self.query_one("#hint", Static)
        line.update(text, layout=False)
        line.set_class(bool(text), "told")

    def tell_of_waiting(self, reason: str, key: str) -> None:
        """What is waited for, cut so that the key of use then is seen."""
        key = f" · {key}"
        room = max(0, self.size.width - 6 - len(key))
        self.tell(text_of(fit((Segment(f"waiting: {reason}"),), room)) + key)

    def on_prompt_scrolled(self, event: Prompt.Scrolled) -> None:
        self.log_view.action_page(event.pages)

    def _hint(self, text: str, width: int) -> str:
        known = hint(text, self.prompt.table)
        if known is None:
            return ""
        text = f"{known.name} {known.usage}   since {known.since} · {known.complexity}"
        return text_of(fit((Segment(text),), width))
