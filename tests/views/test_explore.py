"""What Explore does when it is typed at: commands and what they change, the keys, the panes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.widgets import Input

from rinspect.console.history import History
from rinspect.drawing.line import Ref
from rinspect.records import Order, Outcome
from rinspect.sources.engine import EngineSource
from rinspect.sources.source import Refused
from tests.sources.connecting import demo_keys
from tests.views.driving import DEMO, MEDIUM, ONE, Driver, engine, exploring, sizes

# -- the core loop: type, and see the bytes move ------------------------------------------------------------------------


@sizes
async def test_typing_a_command_shows_its_reply_and_what_it_changed(size: tuple[int, int]) -> None:
    async with exploring(size=size) as driver:
        assert driver.app.focused is driver.prompt
        await driver.enter(ONE)
        text = driver.text()
        assert "(integer) 2" in text
        assert "new key +80 B" in text
        assert driver.prompt.value == ""
        await driver.enter("HSET user:1 bio x")
        assert "(integer) 1" in driver.text()
        assert "+8 B · listpack" in driver.text()


async def test_keys_typed_one_by_one_arrive() -> None:
    async with exploring() as driver:
        await driver.press("S", "E", "T", "space", "a", "space", "1", "enter")
        assert "> SET a 1" in driver.log()
        assert "OK" in driver.log()
        # Letters that are actions elsewhere are letters here.
        await driver.press(*"qdsfyem12")
        assert driver.prompt.value == "qdsfyem12"


@sizes
async def test_prompt_and_last_change_are_visible_whatever_is_open(size: tuple[int, int]) -> None:
    async with exploring(DEMO, size) as driver:
        await driver.enter("HSET user:1 extra field")
        change = [line for line in driver.lines() if "(integer) 1" in line and "B" in line]
        assert change
        for key in "123456":
            await driver.press("escape", key)
            text = driver.text()
            assert any(line.lstrip(" │").startswith("> ") for line in driver.lines()), key
            assert "(integer) 1" in text, key


async def test_the_changed_key_is_selected_and_its_bytes_are_lit() -> None:
    async with exploring(ONE + "\nSET other 1") as driver:
        await driver.enter("HSET user:1 name Eve")
        assert driver.explore.browser.selected == b"user:1"
        explore = driver.explore
        assert explore.map.allocation is not None
        assert explore.map.allocation.name == "listpack"
        assert explore.map.field is not None
        assert explore.map.field.value == b"Eve"
        assert "user:1 · hash · listpack · 80 B" in driver.text()


async def test_the_byte_map_follows_to_the_node_that_was_written() -> None:
    async with exploring("CONFIG SET stream-node-max-entries 2\nXADD t 1-1 n a") as driver:
        for number, node in (2, 0), (3, 1), (4, 1), (5, 2):
            await driver.enter(f"XADD t {number}-1 n b")
            mapped = driver.explore.map.allocation
            assert mapped is not None
            assert mapped.role == f"value/stream/node[{node}]/listpack"
        await driver.enter("XDEL t 1-1")
        assert driver.explore.browser.allocation is not None
        assert driver.explore.browser.allocation.role == "value/stream/node[0]/listpack"


async def test_errors_stand_where_the_reply_would() -> None:
    async with exploring() as driver:
        await driver.enter("NOSUCH a")
        await driver.enter("SET a")
        assert "(error) ERR unknown command 'NOSUCH'" in driver.log()
        assert "(error) ERR wrong number of arguments for 'set' command" in driver.log()


async def test_a_refusal_is_said_in_its_words() -> None:
    source = engine(ONE)

    async def refuse(argv: Sequence[bytes]) -> Outcome:
        raise Refused("SET may change the server, read-only here. rinspect --write allows it.")

    source.execute = refuse  # type: ignore[method-assign]
    async with exploring(source=source) as driver:
        await driver.enter("SET a 1")
        assert "read-only here" in driver.log()


@pytest.mark.parametrize("line", ["AUTH hunter2", "CONFIG SET requirepass hunter2", "ACL SETUSER ada >hunter2"])
async def test_secrets_are_neither_shown_nor_kept(line: str, tmp_path: Path) -> None:
    history = History(tmp_path / "history")
    async with exploring(history=history) as driver:
        await driver.enter("SET a 1")
        await driver.enter(line)
        assert "hunter2" not in driver.log()
        assert "(hidden)" in driver.log()
        assert history.lines == ["SET a 1"]
        await driver.press("up")
        assert driver.prompt.value == "SET a 1"


async def test_markup_and_control_characters_are_only_text() -> None:
    async with exploring() as driver:
        await driver.enter(r'SET "[bold red]k[/]" "\x1b[31m[link=x]v"')
        await driver.enter('GET "[bold red]k[/]"')
        await driver.enter('RPUSH "[/]" "[@click=app.quit]"')
        text = driver.text()
        assert "[/]" in text
        assert "\x1b" not in text
        for key in "123456":
            await driver.press("escape", key)


async def test_a_big_reply_is_cut() -> None:
    async with exploring("RPUSH k " + " ".join(map(str, range(3000)))) as driver:
        await driver.enter("LRANGE k 0 -1")
        assert "… 2,000 more lines" in driver.log()


# -- the keys ---------------------------------------------------------------------------------------------------------


@sizes
async def test_empty_states_say_what_to_press(size: tuple[int, int]) -> None:
    async with exploring(size=size) as driver:
        text = driver.text()
        assert "No keys yet" in text
        assert "demo" in text
        await driver.press("escape", "d")
        assert driver.explore.keys_view.total > 10
        assert "No keys yet" not in driver.text()


async def test_the_list_is_moved_in() -> None:
    async with exploring("\n".join(f"SET key:{n:03} x" for n in range(200))) as driver:
        await driver.press("escape")
        keys = driver.explore.keys_view
        assert keys.has_focus
        assert keys.row == 0
        await driver.press("j", "down", "k")
        assert keys.row == 1
        await driver.press("G")
        assert keys.row == 199
        assert keys.selected is not None
        assert keys.selected.key == b"key:000"
        assert driver.explore.browser.selected == b"key:000"
        await driver.press("g")
        assert keys.row == 0
        await driver.press("ctrl+d")
        assert keys.row > 10
        await driver.press("enter")
        assert driver.explore.pane == "structure"


def marked(driver: Driver) -> list[bytes]:
    """The keys whose rows are drawn as the one under the cursor."""
    keys = driver.explore.keys_view
    lines = [keys.render_line(y).text for y in range(keys.size.height)]
    return [line.split()[0].removeprefix("▸").encode() for line in lines if line.startswith("▸")]


async def test_the_cursor_is_on_the_key_that_is_shown_or_nowhere() -> None:
    async with exploring("\n".join(f"SET p:{n:03} x" for n in range(300)), size=MEDIUM) as driver:
        await driver.press("escape", "s")  # by name
        await driver.enter("SET p:250 hello")
        assert marked(driver) == [b"p:250"]
        await driver.press("escape", "slash", *"p:1")
        assert marked(driver) == [b"p:100"]
        await driver.enter("SET p:250 again")
        assert driver.explore.browser.selected == b"p:250"
        assert marked(driver) == []
        await driver.press("escape")
        await driver.press("escape", "j")
        assert marked(driver) == [driver.explore.browser.selected]


async def test_a_list_that_was_scrolled_stays_where_it_is() -> None:
    async with exploring("\n".join(f"SET p:{n:03} x" for n in range(300))) as driver:
        await driver.press("escape")
        keys = driver.explore.keys_view
        source = driver.explore.browser.source
        assert isinstance(source, EngineSource)
        other = source.engine.session()
        keys.scroll_to(y=30, animate=False, force=True)
        await driver.settle()
        for number in range(8):
            await source.in_loop(lambda number=number: other.execute([b"SET", b"new:%d" % number, b"x"]))  # type: ignore[misc]
            await driver.explore.refresh_all()
            await driver.settle()
        assert keys.scroll_offset.y == 30
        assert driver.explore.browser.selected == b"p:299"
        await driver.press("j")
        assert driver.explore.browser.selected == b"p:298"
        assert keys.scroll_offset.y < 30


async def test_the_key_in_its_place_is_shown_when_the_one_that_was_is_gone() -> None:
    async with exploring("SET a 1\nSET b 1\nSET c 1") as driver:
        await driver.enter("APPEND b 2")
        await driver.enter("DEL b")
        assert driver.explore.browser.selected in (b"a", b"c")
        assert marked(driver) == [driver.explore.browser.selected]


async def test_filter() -> None:
    async with exploring(DEMO) as driver:
        await driver.press("escape", "slash", *"user")
        keys = driver.explore.keys_view
        assert [row.key for row in keys.rows] == [b"user:1"]
        box = driver.explore.query_one("#filter", Input)
        box.value = "type:zset"
        await driver.settle()
        assert {row.type for row in keys.rows} == {"zset"}
        box.value = "enc:nonsense"
        await driver.settle()
        assert {row.type for row in keys.rows} == {"zset"}
        assert "no enc nonsense" in driver.text()
        box.value = "nothing-at-all"
        await driver.settle()
        assert "No key fits the filter" in driver.text()
        await driver.press("escape")
        # But for the one that expires.
        assert keys.total == len(demo_keys("8.0")) - 1


async def test_another_filter_takes_the_place_of_the_one_before() -> None:
    async with exploring(DEMO) as driver:
        await driver.press("escape", "slash", *"enc:raw", "enter", "slash", *"user")
        assert driver.explore.query_one("#filter", Input).value == "user"


async def test_sort_goes_through_all_orders() -> None:
    async with exploring(DEMO) as driver:
        await driver.press("escape")
        seen = []
        for _ in Order:
            seen.append((driver.explore.browser.order, [row.key for row in driver.explore.keys_view.rows]))
            await driver.press("s")
        assert [order for order, _ in seen] == list(Order)
        assert seen[1][1] == sorted(seen[1][1])
        assert driver.explore.browser.order is Order.RECENT


async def test_following_can_be_left() -> None:
    async with exploring(ONE + "\nSET other 1") as driver:
        await driver.enter("APPEND other 2")
        assert driver.explore.browser.selected == b"other"
        await driver.press("escape", "f")
        await driver.enter("HSET user:1 a b")
        assert driver.explore.browser.selected == b"other"


async def test_the_newest_reply_is_in_sight_when_the_log_first_overflows() -> None:
    async with exploring(size=MEDIUM) as driver:
        await driver.press("escape", "d")
        await driver.enter("SET greeting hello")
        assert driver.explore.repl.log_view.scroll_offset.y == driver.explore.repl.log_view.max_scroll_y > 0


async def test_a_key_that_goes_leaves_the_screen() -> None:
    async with exploring(ONE) as driver:
        await driver.enter("DEL user:1")
        assert "key gone −80 B" in driver.log()
        assert "No keys yet" in driver.text()
        for key in "23456":
            await driver.press("escape", key)


# -- panes ------------------------------------------------------------------------------------------------------------


@sizes
@pytest.mark.parametrize(
    ("key", "pane", "shows"),
    [
        ("1", "keys", "podium"),
        ("2", "structure", "dictEntry 24"),
        ("3", "memory", "MEMORY USAGE … SAMPLES 0"),
        ("4", "why", "hash-max-listpack-entries"),
        ("5", "changes", "HSET user:1"),
        ("6", "bytes", "0000  "),
    ],
)
async def test_panes_by_number(key: str, pane: str, shows: str, size: tuple[int, int]) -> None:
    async with exploring(DEMO, size) as driver:
        await driver.enter("HSET user:1 extra field")
        await driver.press("escape", key, "g")
        assert driver.explore.pane == pane
        assert shows in driver.text()


async def test_tab_goes_round() -> None:
    async with exploring(DEMO) as driver:
        await driver.press("escape")
        seen = []
        for _ in range(4):
            seen.append(driver.explore.pane)
            await driver.press("tab")
            if driver.explore.pane == "repl":
                break
        assert [*seen, driver.explore.pane] == ["keys", "structure", "bytes", "repl"]
        await driver.press("escape", "shift+tab")
        assert driver.explore.pane == "repl"


async def test_bytes_and_structure_are_tied() -> None:
    async with exploring(ONE) as driver:
        await driver.press("escape", "6", "g")
        explore = driver.explore
        assert "the whole listpack takes 27 bytes" in driver.text()
        boxes = {}
        for _ in range(30):
            lit = [s for line in explore.detail.view.lines for s in line if s.kind == "path" and s.ref is not None]
            field = explore.map.field
            if field is not None and field.entry is not None:
                texts = {s.text for s in lit if "─" not in s.text and "▲" not in s.text}
                boxes[field.entry] = texts
            await driver.press("w")
        assert {n for n, texts in boxes.items() if {"name", "Ada", "born", "1815"} & texts} == {0, 1, 2, 3}
        # And the other way: what is pointed at in the structure gets the cursor.
        target = next(s.ref for line in explore.detail.view.lines for s in line if s.text == "born")
        assert isinstance(target, Ref)
        explore.detail.view.post_message(type(explore.detail.view).Pointed(explore.detail.view, target))
        await driver.settle()
        assert explore.map.at == target.offset
        await driver.press("b", "w")
        assert explore.map.at == target.offset


async def test_the_structure_scrolls_to_what_is_under_the_cursor() -> None:
    async with exploring("RPUSH k " + " ".join(f"element:{n}" for n in range(60)), MEDIUM) as driver:
        await driver.press("escape", "6", "g")
        assert "element:59" not in driver.text()
        await driver.press("G", "b", "b", "b", "b")
        assert driver.explore.map.field is not None
        assert driver.explore.map.field.entry == 59
        pane = [line.partition("││")[2] for line in driver.lines()[:8]]
        assert any("element:59" in line for line in pane)


async def test_a_click_in_the_structure_moves_the_cursor() -> None:
    async with exploring(ONE) as driver:
        view = driver.explore.detail.view
        row = next(n for n, line in enumerate(view.lines) if any(s.text == "born" for s in line))
        column = "".join(s.text for s in view.lines[row]).index("born")
        await driver.pilot.click(view, offset=(column + 1, row))
        await driver.settle()
        assert driver.explore.map.field is not None
        assert driver.explore.map.field.entry == 2


async def test_pointers_are_followed_and_allocations_stepped_through() -> None:
    async with exploring(ONE) as driver:
        explore = driver.explore
        await driver.press("escape", "6")
        names = []
        for _ in range(4):
            assert explore.map.allocation is not None
            names.append(explore.map.allocation.name)
            await driver.press("n")
        assert sorted(names) == ["dictEntry", "listpack", "robj", "sds"]
        while explore.browser.allocation is not None and explore.browser.allocation.name != "dictEntry":
            await driver.press("n")
        await driver.press("g", "enter")
        assert explore.browser.allocation is not None
        assert explore.browser.allocation.role == "key"


async def test_changes_are_stepped_through_and_left() -> None:
    async with exploring() as driver:
        for line in ("SET k begun", "APPEND k _on", "DEL k", "SET other x"):
            await driver.enter(line)
        await driver.press("escape", "left_square_bracket")
        explore = driver.explore
        assert explore.browser.changes.past == 3
        assert "change 4 of 4" in driver.text()
        await driver.press("left_square_bracket")
        assert explore.browser.shown is not None
        assert (explore.browser.shown.key, explore.browser.shown.encoding) == (b"k", "raw")
        await driver.press("left_square_bracket", "left_square_bracket", "left_square_bracket")
        assert explore.browser.changes.past == 0
        assert explore.browser.shown.encoding == "embstr"
        await driver.press("right_square_bracket")
        assert explore.browser.changes.past == 1
        await driver.press("escape")
        assert driver.explore.browser.changes.past is None
        assert "change " not in driver.lines()[0]
        await driver.press("5", "j", "enter")
        assert explore.browser.changes.past is not None


async def test_a_search_lights_the_way() -> None:
    script = "ZADD board " + " ".join(f"{n} m{n:03}" for n in range(300))
    async with exploring(script) as driver:
        await driver.press("escape", "2", "slash")
        box = driver.explore.query_one("#search", Input)
        for text, says in (("m204", "rank 204"), ("#250", "m250"), ("#-1", "m299")):
            if not box.has_class("open"):
                await driver.press("slash")
            box.value = text
            await driver.press("enter")
            assert says in driver.text(), text
        await driver.press("slash")
        box.value = "nobody"
        await driver.press("enter")
        assert any("nobody" in notice for notice in driver.notices())


@sizes
@pytest.mark.parametrize(
    ("script", "member", "says"),
    [
        ("ZADD k " + " ".join(f"{n} player:{n:03}" for n in range(300)), "player:204", "rank 204"),
        ("SADD k " + " ".join(f"tag:{n}" for n in range(2000)), "tag:1999", "find: found"),
        ("RPUSH k " + " ".join(f"{n}{'x' * 200}" for n in range(200)), "#100", "seek: node 2"),
    ],
    ids=["skiplist", "hashtable", "quicklist"],
)
async def test_how_a_search_went_is_seen_whatever_part_is(
    script: str, member: str, says: str, size: tuple[int, int]
) -> None:
    async with exploring(script, size) as driver:
        await driver.press("escape", "2", "slash")
        driver.explore.query_one("#search", Input).value = member
        await driver.press("enter")
        assert says in driver.text()
        view = driver.explore.detail.view
        ended = [row for row, line in enumerate(view.lines) if any("path" in s.kind.split(" ") for s in line)]
        assert 0 <= ended[-1] - view.scroll_offset.y < view.scrollable_content_region.height
        for key in ("G", "g", "L", "L", "L"):
            await driver.press(key)
            assert says in driver.text()
        await driver.press("3")
        assert says not in driver.text()


@pytest.mark.parametrize(
    ("script", "member", "says"),
    [
        ("HSET k name Ada born 1815", "born", "2 comparisons"),
        ("SADD k " + " ".join(f"tag:{n}" for n in range(2000)), "tag:1999", "hash & "),
        ("RPUSH k " + " ".join(f"{n}{'x' * 200}" for n in range(200)), "150", "node"),
        ("ZADD k 1 a 2 b", "b", "2 comparisons"),
        ("SADD k 1 2 3 4", "3", "comparison"),
    ],
)
async def test_every_structure_can_be_searched(script: str, member: str, says: str) -> None:
    async with exploring(script) as driver:
        await driver.press("escape", "2", "slash")
        driver.explore.query_one("#search", Input).value = member
        await driver.press("enter")
        assert says in driver.text()
        lit = [s for line in driver.explore.detail.view.lines for s in line if s.kind.startswith("path")]
        assert len(lit) > 1
