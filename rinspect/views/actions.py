"""Every key and what it does: one table. Bindings, footer, help, palette and the config file's [keys] are views of it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from types import MappingProxyType
from typing import NamedTuple

from textual.binding import Binding, BindingType


class Action(NamedTuple):
    """Something a key does.

    `id` names it in the config file; `where` is the pane or the screen in which it works, `anywhere` for all that take no
    text, `always` for all. `label` is the footer's word for it, `help` the sentence of the help screen. The footer shows
    the actions with the lowest `rank` first, 0 not at all, and those of `ALWAYS` wherever one is.
    """

    id: str
    keys: str
    action: str
    label: str
    help: str
    where: str
    rank: int = 0


ACTIONS: tuple[Action, ...] = (
    # Wherever no text is typed.
    Action("repl", "colon,i", "focus_repl", "repl", "Go to the prompt.", "anywhere", 2),
    Action("help", "question_mark,f1", "help", "help", "Help for the pane you are in.", "anywhere"),
    Action("palette", "ctrl+p", "command_palette", "palette", "Everything that can be done, by name.", "always"),
    Action("quit", "q,ctrl+q", "app.quit", "quit", "Leave rinspect.", "anywhere"),
    Action("next-pane", "tab", "next_pane(1)", "next pane", "Go to the next pane.", "anywhere"),
    Action("previous-pane", "shift+tab", "next_pane(-1)", "pane before", "Go to the pane before.", "anywhere"),
    Action("pane-1", "1", "show_pane('keys')", "keys", "Go to the keys.", "explore"),
    Action("pane-2", "2", "show_pane('structure')", "structure", "How the value is built.", "explore"),
    Action("pane-3", "3", "show_pane('memory')", "memory", "What the key costs, allocation by allocation.", "explore"),
    Action("pane-4", "4", "show_pane('why')", "why", "Why this encoding, and what would change it.", "explore"),
    Action("pane-5", "5", "show_pane('changes')", "changes", "What the last commands did.", "explore"),
    Action("pane-6", "6", "show_pane('bytes')", "bytes", "The bytes of an allocation.", "explore"),
    Action("jump", "ctrl+o", "jump", "jump", "Jump: every pane shows its letter; press it.", "always", 7),
    Action("maximise", "m", "maximise", "maximise", "Give the pane the whole screen, or give it back.", "explore", 6),
    Action("change-back", "left_square_bracket", "step_change(-1)", "change before", "As it was then.", "explore", 5),
    Action("change-on", "right_square_bracket", "step_change(1)", "change after", "The next change.", "explore"),
    Action("now", "escape", "now", "now", "Leave what is open, and go back from a past change to now.", "explore"),
    Action("copy", "y", "copy", "copy", "Copy what the pane shows to the terminal's clipboard.", "anywhere", 6),
    Action("export", "e", "export", "export", "Write the pane as an SVG picture to a file.", "anywhere", 6),
    Action("demo", "d", "demo", "demo data", "Load demo data: one interesting key per encoding.", "explore", 4),
    Action("mode", "c", "app.next_mode", "other screen", "To the next screen: Explore, Compare, Monitor.", "anywhere", 4),
    Action("refresh", "r", "refresh_view", "refresh", "Ask the source again.", "anywhere"),
    Action("regain", "u", "regain", "default user", "Who is locked out by ACL: all rights for the user default.", "anywhere"),
    Action("theme", "t", "next_theme", "theme", "The next theme; among them one with the terminal's own colours.", "anywhere"),
    # What a server does.
    Action("hold", "p", "hold", "hold", "Hold the event loop at the next thing it does, or let it go on.", "monitor", 1),
    Action("step-event", "n", "step('event')", "one event", "Let the held loop serve one event.", "monitor", 2),
    Action("step-command", "x", "step('command')", "one command", "Let the held loop run one command.", "monitor", 3),
    Action("step-iteration", "o", "step('iteration')", "one iteration", "Let it go round once.", "monitor", 4),
    Action("load", "w", "load", "workload", "Start the workload, or stop it: clients over real sockets.", "monitor", 3),
    Action("freeze", "z", "freeze", "freeze", "Have the display stand still; collecting goes on.", "monitor", 8),
    Action("panel-1", "1", "show_panel('loop')", "loop", "The event loop.", "monitor"),
    Action("panel-2", "2", "show_panel('clients')", "clients", "Who is connected.", "monitor"),
    Action("panel-3", "3", "show_panel('slow')", "slow log", "Commands that took long.", "monitor"),
    Action("panel-4", "4", "show_panel('latency')", "latency", "What took time, and when.", "monitor"),
    Action("panel-5", "5", "show_panel('pubsub')", "pub/sub", "Channels, messages, keys' events.", "monitor"),
    Action("panel-6", "6", "show_panel('expiry')", "expiry", "Expiry and eviction.", "monitor"),
    Action("panel-7", "7", "show_panel('usage')", "memory of all", "used_memory, from its total down.", "monitor"),
    Action("panel-8", "8", "show_panel('aof')", "append-only file", "What is written down of each change.", "monitor"),
    Action("back", "escape", "back", "back", "Leave what is open.", "monitor"),
    Action("breakpoint", "b", "breakpoint", "breakpoint", "Set a breakpoint, or take one away by its number.", "loop", 2),
    Action("open-client", "enter", "open_row", "listen", "Listen to what the client and the server say.", "clients", 1),
    Action("sort-clients", "s", "next_order", "sort", "The next order: number, name, idle, age, buffers …", "clients", 1),
    Action("kill-client", "K", "kill", "kill", "End the client's connection; press it twice.", "clients", 2),
    Action("open-slow", "enter", "open_row", "open", "Everything about the entry.", "slow", 1),
    # Two sources.
    Action("copy-key", "x", "copy_key", "copy to the left", "Copy the right side's key into the left side.", "compare", 2),
    Action("other-side", "o", "other_side", "other side's keys", "List the keys of the other side.", "compare", 3),
    # The keys.
    Action("filter", "slash", "screen.filter", "filter", "Show only some keys: a glob, type:hash, enc:listpack.", "keys", 1),
    Action("sort", "s", "screen.sort", "sort", "The next order: recent, name, type, encoding, bytes, TTL.", "keys", 3),
    Action("follow", "f", "screen.follow", "follow", "Go to the key that a command wrote, or stop doing so.", "keys", 4),
    Action("ask-all", "a", "screen.ask_all", "ask all", "Of a server: ask about every key, to sort and filter by it.", "keys"),
    Action("open", "enter", "screen.open", "open", "Go to the key's structure.", "keys"),
    # Inside a value.
    Action("search", "slash", "screen.search", "search", "The way to a member, field, index, id or #rank.", "structure", 1),
    Action("measure", "M", "screen.measure", "measure", "Of a server's key: ask what its payload does not tell.", "value"),
    Action("next-allocation", "n", "screen.allocation(1)", "next block", "The next allocation.", "value", 3),
    Action("previous-allocation", "p", "screen.allocation(-1)", "block before", "The allocation before.", "value"),
    Action("follow-pointer", "enter", "follow_pointer", "follow →", "Go where the pointer points.", "bytes", 1),
    Action("field-on", "w", "field(1)", "field", "The next field.", "bytes", 2),
    Action("field-back", "b", "field(-1)", "field before", "The field before.", "bytes"),
    Action("choose", "enter", "choose", "as it was", "The bytes as they were after this change.", "changes", 1),
    # Moving.
    Action("down", "j,down", "move(1)", "down", "One down.", "moving"),
    Action("up", "k,up", "move(-1)", "up", "One up.", "moving"),
    Action("left", "h,left", "sideways(-1)", "left", "One to the left.", "sideways"),
    Action("right", "l,right", "sideways(1)", "right", "One to the right.", "sideways"),
    Action("page-down", "pagedown,ctrl+d,space", "page(1)", "page down", "A page down.", "moving"),
    Action("page-up", "pageup,ctrl+u", "page(-1)", "page up", "A page up.", "moving"),
    Action("first", "g,home", "end(False)", "first", "To the beginning.", "moving"),
    Action("last", "G,end", "end(True)", "last", "To the end.", "moving"),
    # The prompt.
    Action("complete", "tab", "complete(1)", "complete", "Complete the word; again for the next proposal.", "repl", 1),
    Action("leave-repl", "escape", "leave", "panes", "Leave the prompt for the panes; the line stays.", "repl", 2),
    Action("clear-line", "ctrl+c", "clear_line", "clear", "Clear the line; nothing is run.", "repl", 3),
    Action("older", "up", "history(-1)", "older", "The line before in the history.", "repl", 4),
    Action("newer", "down", "history(1)", "newer", "The next line in the history.", "repl"),
    Action("log-back", "pageup", "log(-1)", "replies", "The replies before.", "repl", 6),
    Action("log-on", "pagedown", "log(1)", "replies on", "The replies after.", "repl"),
    Action("maximise-log", "f3", "screen.maximise_log", "maximise", "Give the replies all of the screen, or not.", "repl", 7),
    Action("search-history", "ctrl+r", "search_history", "search", "Search the history for what is typed.", "repl", 5),
)  # fmt: skip

_PLACES = {
    # pane: the places whose actions work there
    "keys": ("keys", "moving", "explore", "anywhere", "always"),
    "structure": ("structure", "value", "moving", "sideways", "explore", "anywhere", "always"),
    "memory": ("value", "moving", "sideways", "explore", "anywhere", "always"),
    "why": ("moving", "sideways", "explore", "anywhere", "always"),
    "changes": ("changes", "moving", "explore", "anywhere", "always"),
    "bytes": ("bytes", "value", "moving", "sideways", "explore", "anywhere", "always"),
    "repl": ("repl", "always"),
    "side": ("compare", "moving", "anywhere", "always"),
    "compare": ("compare", "moving", "sideways", "anywhere", "always"),
    "loop": ("loop", "monitor", "moving", "sideways", "anywhere", "always"),
    "clients": ("clients", "monitor", "moving", "sideways", "anywhere", "always"),
    "slow": ("slow", "monitor", "moving", "sideways", "anywhere", "always"),
    "latency": ("monitor", "moving", "sideways", "anywhere", "always"),
    "pubsub": ("monitor", "moving", "sideways", "anywhere", "always"),
    "expiry": ("monitor", "moving", "sideways", "anywhere", "always"),
    "usage": ("monitor", "moving", "sideways", "anywhere", "always"),
    "aof": ("monitor", "moving", "sideways", "anywhere", "always"),
}

_BOXES = {
    "filter": [("enter", "to the keys"), ("esc", "all keys again")],
    "search": [("enter", "light the way"), ("esc", "leave")],
    "breakpoint": [("enter", "set it"), ("esc", "leave")],
}
"""What the footer says while something is typed into one of these boxes."""

NONE: Mapping[str, str] = MappingProxyType({})

ALWAYS = ("palette", "help", "quit")
"""The actions that every footer names."""


def actions_in(pane: str) -> list[Action]:
    """What can be done in a pane, its own actions first."""
    places = _PLACES.get(pane, ("anywhere", "always"))
    return [action for place in places for action in ACTIONS if action.where == place]


def footer(
    pane: str, keymap: Mapping[str, str], without: Container[str] = (), first: Mapping[str, str] = NONE
) -> list[tuple[str, str]]:
    """What the footer offers in a pane or a box, the most wanted first: pairs of key and label, but for actions of no use
    now. Those in `first` come before all others, under the words that it has for them."""
    if pane in _BOXES:
        return _BOXES[pane]
    actions = sorted((a for a in actions_in(pane) if a.rank and a.id not in without), key=lambda action: action.rank)
    actions.sort(key=lambda action: list(first).index(action.id) if action.id in first else len(first))
    return [(key_names(keymap.get(a.id, a.keys)), first.get(a.id, a.label)) for a in actions]


def always_offered(pane: str, keymap: Mapping[str, str]) -> list[tuple[str, str]]:
    """What every footer offers, by keys that work in the pane: where one types, a letter is only a letter."""
    typing = pane in _BOXES or pane == "repl"
    found = []
    for action in sorted((a for a in ACTIONS if a.id in ALWAYS), key=lambda action: ALWAYS.index(action.id)):
        keys = keymap.get(action.id, action.keys).split(",")
        key = next((key for key in keys if not typing or key.startswith("ctrl+") or key[1:].isdigit()), None)
        if key is not None:
            found.append((key_names(key), action.label))
    return found


def bindings(*places: str) -> list[BindingType]:
    """The bindings of the actions that work in these places."""
    return [
        Binding(action.keys, action.action, action.label, id=action.id, tooltip=action.help, show=False)
        for action in ACTIONS
        if action.where in places
    ]


def key_names(keys: str) -> str:
    """A key as the footer writes it."""
    first = keys.split(",", maxsplit=1)[0]
    names = {
        "colon": ":", "slash": "/", "question_mark": "?", "left_square_bracket": "[", "right_square_bracket": "]",
        "escape": "esc", "shift+tab": "⇧tab", "pagedown": "pgdn", "pageup": "pgup", "up": "↑", "down": "↓",
        "left": "←", "right": "→",
    }  # fmt: skip
    if first.startswith("ctrl+"):
        return "^" + first[5:]
    return names.get(first, first)
