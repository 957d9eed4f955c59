"""SORT: the elements of a list, set or sorted set, by their own value or by other keys."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.keyspecs import sort_options
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import parse_double
from rinspect.engine.profile import Profile
from rinspect.engine.replies import WRONGTYPE, CommandError, Reply
from rinspect.engine.values.hash import HashValue
from rinspect.engine.values.list import ListValue
from rinspect.engine.values.set import SetValue
from rinspect.engine.values.string import StringValue
from rinspect.engine.values.value import Value
from rinspect.engine.values.zset import ZsetValue

Look = Callable[[bytes], Value | None]
"""How keys are looked up: see Database."""

_GRAMMAR = (
    "key [BY by-pattern:pattern]+ [LIMIT offset:int count:int] [GET get-pattern:pattern]* [order=ASC|DESC]+"
    " [sorting=ALPHA]"
)
_DECIMAL = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\Z", re.IGNORECASE)
_COMPLEXITY = (
    "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements."
    " When the elements are not sorted, complexity is O(N)."
)


def _elements(look: Look, key: bytes) -> tuple[list[bytes], ListValue | SetValue | ZsetValue | None]:
    value = look(key)
    if value is None:
        return [], None
    if isinstance(value, ZsetValue):
        # The server sorts along the skiplist, and makes one where there is none: a sorted set that was sorted stays one.
        value.unpack("SORT was used on it")
    if isinstance(value, ListValue | SetValue | ZsetValue):
        return list(value), value
    raise CommandError(WRONGTYPE)


def _lookup(look: Look, pattern: bytes, element: bytes) -> bytes | None:
    """The string that `pattern` names once its `*` is the element: a key, or `key->field` of a hash; "#" is the element."""
    if pattern == b"#":
        return element
    star = pattern.find(b"*")
    if star < 0:
        return None
    arrow = pattern.find(b"->", star)
    field = pattern[arrow + 2 :] if arrow >= 0 else b""
    name = pattern[:arrow] if field else pattern
    value = look(name[:star] + element + name[star + 1 :])
    if field:
        return value.get(field) if isinstance(value, HashValue) else None
    return value.bytes() if isinstance(value, StringValue) else None


def _number(text: bytes, profile: Profile) -> float | None:
    """What SORT reads from all of a text, up to a NUL: 0 from nothing.

    8.0 has a reader of its own, which knows neither blanks nor hexadecimal digits, and takes what is too large for
    infinite and what is too small for 0. Before, C's strtod refuses both, and whatever is too small to be exact.
    """
    text, _, _ = text.partition(b"\0")
    if not text:
        return 0.0
    if profile.version >= (8, 0):
        return float(text) if _DECIMAL.match(text) else None if b"x" in text.lower() else parse_double(text)
    value = parse_double(text.lstrip(b" \t\n\v\f\r"))
    return None if value and abs(value) < sys.float_info.min else value


def _weigher(look: Look, profile: Profile, by: bytes | None, alpha: bool) -> Callable[[bytes], object]:
    """What an element is sorted by. A missing weight is 0, or before all others in ALPHA."""

    def weight(element: bytes) -> object:
        text = element if by is None else _lookup(look, by, element)
        if alpha:
            return (text is not None, text or b"", element)
        number = 0.0 if text is None else _number(text, profile)
        if number is None:
            raise CommandError("ERR One or more scores can't be converted into double")
        return (number, element)

    return weight


def _check_rights(call: Call) -> None:
    """BY and GET read keys that nobody can tell before: from 7.0 on they are for users who may read every key."""
    user, argv = call.session.user, call.runtime.running
    if user is None or user.may_everything or argv is None or call.runtime.profile.version < (7, 0):
        return
    command = call.commands[argv[0].upper()]
    for option, place in sort_options(argv):
        names_keys = option == b"GET" or (option == b"BY" and b"*" in argv[place])
        if names_keys and not user.reads_every_key(command, argv):
            raise CommandError(f"ERR {option.decode()} option of SORT denied due to insufficient ACL permissions.")


def _sorted(
    call: Call,
    key: bytes,
    patterns: Sequence[bytes],
    limit: tuple[int, int] | None,
    gets: Sequence[bytes],
    orders: Sequence[str],
    alpha: bool,
    stored: bool,
) -> list[bytes | None]:
    _check_rights(call)
    look = call.db.lookup_source if stored else call.db.lookup
    elements, value = _elements(look, key)
    descending = orders[-1:] == ["DESC"]
    by = patterns[-1] if patterns else None
    # One pattern without a star is enough, whatever follows.
    unsorted = any(b"*" not in pattern for pattern in patterns)
    if unsorted and isinstance(value, SetValue) and stored:
        # A stored result must not depend on the order in which a hashtable happens to be.
        unsorted, by, alpha = False, None, True
    if not unsorted:
        elements.sort(key=_weigher(look, call.runtime.profile, by, alpha), reverse=descending)  # type: ignore[arg-type]
    elif descending and isinstance(value, ListValue | ZsetValue):
        elements.reverse()
    if limit is not None:
        start, count = max(0, limit[0]), limit[1]
        elements = elements[start:] if count < 0 else elements[start : start + count]
    if not gets:
        return list(elements)
    return [_lookup(look, pattern, element) for element in elements for pattern in gets]


@command(
    "SORT",
    f"{_GRAMMAR} [STORE destination:key]",
    group="generic",
    since="1.0.0",
    flags="write denyoom movablekeys",
    access="RO access;OW update",
    acl="set sortedset list dangerous -keyspace",
    complexity=_COMPLEXITY,
    summary="Sorts the elements in a list, a set, or a sorted set, optionally storing the result.",
)
def sort(
    call: Call,
    key: bytes,
    by: Sequence[bytes] = (),
    limit: tuple[int, int] | None = None,
    gets: Sequence[bytes] = (),
    orders: Sequence[str] = (),
    alpha: bool | None = None,
    store: bytes | None = None,
) -> Reply:
    result = _sorted(call, key, by, limit, gets, orders, bool(alpha), store is not None)
    if store is None:
        return list(result)
    if result:
        call.db.put(store, ListValue.from_elements(call.runtime, [element or b"" for element in result]))
        call.db.dirty += len(result) - 1
    else:
        call.db.peek(store)
        call.db.delete(store)
    return len(result)


@command(
    "SORT_RO",
    _GRAMMAR,
    group="generic",
    since="7.0.0",
    flags="readonly movablekeys",
    access="RO access",
    acl="set sortedset list dangerous -keyspace",
    complexity=_COMPLEXITY,
    summary="Returns the sorted elements of a list, a set, or a sorted set.",
)
def sort_ro(
    call: Call,
    key: bytes,
    by: Sequence[bytes] = (),
    limit: tuple[int, int] | None = None,
    gets: Sequence[bytes] = (),
    orders: Sequence[str] = (),
    alpha: bool | None = None,
) -> Reply:
    return list(_sorted(call, key, by, limit, gets, orders, bool(alpha), False))
