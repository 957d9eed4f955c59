"""Exports: pictures are well-formed and hold the text, documents hold every figure."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.drawing.document import Data, layout_data, look_data, text_or_hex
from rinspect.drawing.line import Segment, joined, words
from rinspect.drawing.sheet import look_sheet
from rinspect.drawing.svg import MARGIN, svg
from tests.drawing.gallery import CASES, Case, exhibit

SVG = "{http://www.w3.org/2000/svg}"
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(picture).iter(f"{SVG}text")]


@cases
def test_pictures_hold_the_text(case: Case) -> None:
    shown = exhibit(case)
    lines = look_sheet(shown.look, shown.why, shown.rebuilt, 100)
    found = texts(svg(lines, "a title"))
    assert found[0] == "a title"
    wanted = joined(lines).split()
    assert "".join(found[1:]).replace(" ", "") == "".join(wanted).replace(" ", "")


def test_pictures_are_as_wide_as_their_text() -> None:
    picture = ET.fromstring(svg([words("x" * 50), words("short")], "title"))
    width = float(picture.attrib["width"])
    assert width > 50 * 8 + 2 * MARGIN
    assert float(ET.fromstring(svg([words("x")], "title", columns=100)).attrib["width"]) > width
    for element in picture.iter(f"{SVG}text"):
        assert float(element.attrib["x"]) + float(element.attrib.get("textLength", 0)) <= width


@given(st.text(max_size=30))
def test_any_title_and_text_is_escaped(text: str) -> None:
    shown = "".join(c if c.isprintable() else "?" for c in text)
    if shown.strip():
        assert shown in texts(svg([(Segment(shown),)], shown))


def test_marked_stretches_have_a_background() -> None:
    picture = ET.fromstring(svg([(Segment("ab", "payload cursor"), Segment("cd", "payload changed"), Segment("ef"))]))
    assert len(list(picture.iter(f"{SVG}rect"))) == 3


def round_trip(data: Data) -> Any:
    return json.loads(json.dumps(data, ensure_ascii=False, allow_nan=False))


@cases
def test_documents_are_json_and_their_sums_agree(case: Case) -> None:
    shown = exhibit(case)
    data = round_trip(look_data(shown.look, shown.why, shown.rebuilt))
    layout = data["layout"]
    for figure in ("asked", "size_class"):
        assert sum(run[figure] for run in layout["runs"]) == layout[figure]
    assert sum(run["charged"] for run in layout["runs"]) + layout["rounding"] == layout["charged"]
    assert layout["charged"] == data["memory_usage"]["computed"] == shown.look.computed
    for allocation in layout["allocations"]:
        stored = bytes.fromhex(allocation["bytes"]["hex"])
        for field in allocation["fields"]:
            assert field["offset"] + field["size"] <= allocation["size_class"]
        assert allocation["bytes"]["offset"] + len(stored) <= allocation["size_class"]
    serials = {allocation["serial"] for allocation in layout["allocations"]}
    assert len(serials) == len(layout["allocations"])


def keys_of(value: object, path: str = "") -> set[str]:
    if isinstance(value, dict):
        return {f"{path}.{key}" for key in value} | {
            k for key, one in value.items() for k in keys_of(one, f"{path}.{key}")
        }
    if isinstance(value, list):
        return {key for item in value for key in keys_of(item, path + "[]")}
    return set()


SCHEMA = """
    key text hex database type encoding elements expires_at_ms memory_usage computed certainty reported difference
    not_counted name bytes why layout asked size_class charged rounding window first count facts runs rule allocations
    sentence thresholds what now limit setting flips command becomes before after notes rebuilt profile
"""


def test_the_schema_is_stable() -> None:
    """Scripts rely on these names: add some, take none away."""
    shown = exhibit(next(case for case in CASES if case.name == "hash-listpack"))
    data = round_trip(look_data(shown.look, shown.why, shown.rebuilt))
    outer = {**data, "layout": {**data["layout"], "facts": None, "allocations": None}}
    assert {name.rpartition(".")[2] for name in keys_of(outer)} == set(SCHEMA.split())
    allocation = data["layout"]["allocations"][-1]
    assert " ".join(allocation) == "serial role name asked size_class charged rule shape element bytes fields"
    assert " ".join(allocation["fields"][0]) == "offset size name value kind entry points_to note"


def test_figures_that_json_does_not_know_are_texts() -> None:
    shown = exhibit(Case("inf", "ZADD k inf a -inf b", settings=("zset-max-listpack-entries 0",)))
    scores = [
        field["value"]
        for allocation in round_trip(layout_data(shown.look.layout))["allocations"]
        for field in allocation["fields"]
        if field["name"] == "score"
    ]
    assert scores == [0.0, "-inf", "inf"]


@given(st.binary(max_size=40))
def test_bytes_are_text_where_they_can_be(data: bytes) -> None:
    found = round_trip(text_or_hex(data))
    assert bytes.fromhex(found["hex"]) == data
    assert found.get("text", "").encode() in (data, b"")


def test_a_binary_key_is_hexadecimal() -> None:
    look = exhibit(CASES[0]).look._replace(key=b"\xff\x00")
    assert look_data(look)["key"] == {"hex": "ff00"}
