"""Help for the pane one is in: what it shows, and every key that works there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from rinspect.drawing.line import Line, words, wrap
from rinspect.views.actions import Action, actions_in, key_names
from rinspect.views.lines import LineView
from rinspect.views.titles import set_titles

ABOUT = {
    "keys": "Every key of the selected database with its type, encoding, what MEMORY USAGE says (~ from a few of its "
    "elements), and its TTL. A command that writes a key takes the cursor to it, until f says otherwise.",
    "structure": "How the value is built in memory, drawn as what it is: entries in a row, buckets with chains, nodes, "
    "levels. The part under the cursor of the byte map is lit; a click goes the other way.",
    "memory": "Each kind of allocation with what was asked for, the size class the allocator gave, and what MEMORY USAGE "
    "charges. Below, what the key costs and MEMORY USAGE leaves out, and a fresh copy under each profile.",
    "why": "The rules that keep the value in its encoding, how near each threshold is, and what would flip it: tried on a "
    "scratch copy, so that the figures are real.",
    "changes": "What the last commands did, newest first. Enter shows the bytes as they were then; [ and ] step.",
    "bytes": "One allocation, byte by byte, coloured by what each byte is for. ░░ is slack: given by the allocator, asked "
    "by nobody. →→ is a pointer; enter follows it. The line below says what is under the cursor.",
    "side": "The keys of one side. The one under the cursor is compared with the other side's; x copies the right side's key "
    "into the left, o lists the other side's keys.",
    "compare": "One key on both sides, fact by fact. A difference comes with its cause where one is known. x copies the "
    "right side's key into the left, o lists the other side's keys, c goes to the Explore screen.",
    "loop": "One thread goes round: it prepares for sleep, asks the kernel who is ready, serves them in that order, and then "
    "what is due. Hold it with p, and let it do one event, command or iteration: clients pile up meanwhile. b sets a "
    "breakpoint: command GET, key user:*, client 7, longer 5ms, or several of these together. What a long command cost those "
    "who waited stays on the screen; ≤ stands where the kernel does not tell since when a client's bytes were there.",
    "clients": "Everybody who is connected, with the buffers as bars: bytes that wait to be understood, and replies that wait "
    "to be sent. Below, all that CLIENT LIST says of the one under the cursor. Enter listens to its conversation; only what "
    "is said from then on is heard, and passwords are left out. K ends its connection.",
    "slow": "SLOWLOG, live. An entry that is opened tells the command's complexity with the N of its key, who was served "
    "before it in that iteration, and who waited behind it.",
    "latency": "Everything that takes time on one axis: slow commands, cycles of expiry and eviction, tables that are "
    "rehashed, clients that are blocked; all but the first are collected while the panel is visible. Below, the latency "
    "monitor's events, which latency-monitor-threshold switches on, and how long commands take: each column counts calls up "
    "to twice as long as the one before.",
    "pubsub": "Who listens to which channel or pattern; messages with how many got them; and what happens to keys, whether "
    "notify-keyspace-events has it published or not. Messages and events are collected while the panel is visible.",
    "expiry": "How long keys with a TTL still have; what each active cycle did with the time it was given, and why it "
    "left; who was evicted, by which score out of which pool, and whose command had to wait for that. Collected while the "
    "panel is visible, which makes every write a little slower.",
    "usage": "used_memory from its total down to one kind of allocation, as given by the allocator. The keys are walked in "
    "pieces, at most a twentieth of the time. Below, values that a thread would free, and how many steps that takes.",
    "aof": "Each change is written down as a command before its reply leaves: whoever runs the file again has the keys again. "
    "It goes from a buffer to the file, which outlives the process, and by fsync to the disk, which outlives a machine that "
    "stops. Below, what is appended, newest last, collected while the panel is visible. ▸ stands between what was asked and "
    "what became of it: chance, the clock and waiting are not in the file. What must not be done by halves stands between "
    "MULTI and EXEC.",
    "repl": "Type commands as in redis-cli. Tab completes commands, subcommands, options and key names; several lines can "
    "be pasted. What a command changed stands beside its reply.",
}


_TITLES = {"side": "keys of a side"}


class Help(ModalScreen[None]):
    """The help of one pane."""

    DEFAULT_CSS = """
    Help { align: center middle; background: $background 60%; }
    Help #box { width: 74; max-width: 100%; height: 90%; border: round $primary; background: $surface; padding: 0 1; }
    """
    BINDINGS: ClassVar = [
        Binding("escape,q,question_mark,f1,enter", "dismiss", "close", show=False),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
        Binding("pagedown,space", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, pane: str, keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._pane = pane
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield LineView(id="text")

    def on_mount(self) -> None:
        box = self.query_one("#box")
        set_titles(box, f"Help: {_TITLES.get(self._pane, self._pane)}", "esc closes · j k scroll")
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        view = self.query_one("#text", LineView)
        width = max(30, (view.size.width or 70) - 1)
        view.show(help_lines(self._pane, width, self._keymap))

    def action_scroll(self, rows: int) -> None:
        self.query_one("#text", LineView).action_move(rows)


def help_lines(pane: str, width: int, keymap: Mapping[str, str]) -> list[Line]:
    """The text of a pane's help; `keymap` holds the keys that the user changed."""
    lines = [*wrap(ABOUT.get(pane, ""), width), ()]
    shown: set[str] = set()
    for action in actions_in(pane):
        if action.id not in shown:
            shown.add(action.id)
            lines += _action_lines(action, keymap.get(action.id, action.keys), width)
    return lines


def _action_lines(action: Action, keys: str, width: int) -> list[Line]:
    names = " ".join(key_names(key) for key in keys.split(","))
    first, *rest = wrap(action.help, width - 16)
    head = words((f"{names[:14]:<15} ", "title"))
    return [(*head, *first), *((*words(" " * 16), *line) for line in rest)]
