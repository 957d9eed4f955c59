"""list: a few elements in one listpack, many in a quicklist.

    listpack    robj ─▶ | bytes | count | element | element | FF |        from 7.2 on, while it fits into one node
    quicklist   robj ─▶ quicklist ⇄ nodes ─▶ blobs                        before 7.2 always

A listpack becomes a quicklist *before* elements are added, if it would exceed `list-max-listpack-size` with all of the
command's elements. It turns back after a removal, when one packed node is left that takes no more than half the limit.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import takewhile

from rinspect.engine.encodings.compact import Compact, Listpack, Ziplist
from rinspect.engine.encodings.quicklist import Plain, Quicklist, trace_insert, trace_seek
from rinspect.engine.encodings.quicklist.chain import QUICKLIST_SIZE
from rinspect.engine.encodings.quicklist.fill import Fill, fill_of
from rinspect.engine.layout import Layout, Step, Trace, Window
from rinspect.engine.numbers import parse_int
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.blob_layout import blob_allocation, blob_run, trace_entries
from rinspect.engine.values.quicklist_layout import QuicklistLayout
from rinspect.engine.values.value import ROBJ_SIZE, Value, averaged, blob_charge, robj_run

Body = Compact | Quicklist


class ListValue(Value):
    """A list. `body` is the structure that it is in at the time.

    (A bare ziplist is only found in payloads of servers before 3.2.)
    """

    type = "list"
    __slots__ = ("body",)

    def __init__(self, runtime: Runtime, body: Body | None = None) -> None:
        super().__init__(runtime)
        if body is None:
            body = Listpack() if runtime.profile.small_list_is_listpack else configured_quicklist(runtime)
        self.body: Body = body

    @classmethod
    def from_elements(cls, runtime: Runtime, elements: Iterable[bytes]) -> ListValue:
        """As SORT … STORE builds its result: a quicklist that is appended to, in the end a listpack if it fits."""
        configured = runtime.profile.quicklist.sort_heeds_settings
        body = configured_quicklist(runtime) if configured else Quicklist(runtime, -2, 0)
        for element in elements:
            body.push(element)
        value = cls(runtime, body)
        value._try_listpack(halved=False)
        return value

    # -- reading ------------------------------------------------------------------------------------------------------

    @property
    def encoding(self) -> str:
        return self.body.encoding

    def __len__(self) -> int:
        return len(self.body)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.elements())

    def elements(self) -> list[bytes]:
        """All elements, read as a command reads them (that may compress nodes, or leave them unpacked)."""
        return self.slice(0, len(self.body))

    def slice(self, first: int, count: int, *, backwards: bool = False) -> list[bytes]:
        """`count` elements from `first` on, forwards or backwards; all of them must be there."""
        body = self.body
        if isinstance(body, Quicklist):
            return body.slice(first, count, backwards=backwards)
        if backwards:
            return body.texts[first - count + 1 : first + 1][::-1]
        return body.texts[first : first + count]

    def range(self, start: int, stop: int) -> list[bytes]:
        """The elements from `start` to `stop`, as LRANGE counts: negative ones from the end, out of range cut off."""
        length = len(self.body)
        if start < 0:
            start = max(start + length, 0)
        if stop < 0:
            stop += length
        elif stop >= length:
            stop = length - 1
        return self.slice(start, stop - start + 1) if start <= stop else []

    def at(self, index: int) -> bytes | None:
        """Element `index` (negative: from the end); None if there is none."""
        body = self.body
        if isinstance(body, Quicklist):
            return body.at(index)
        length = len(body)
        return body.texts[index] if -length <= index < length else None

    def positions(self, element: bytes, rank: int, limit: int, longest: int) -> list[int]:
        """Indexes of elements that equal `element`, from match number `rank` on (negative: counted from the end).

        At most `limit` of them (0: all), looking at no more than `longest` elements (0: all).
        """
        backwards = rank < 0
        skip = abs(rank) - 1
        found: list[int] = []
        base = 0
        longest = longest or len(self.body)
        with closing(self._runs(backwards)) as runs:
            for texts in runs:
                here = texts[::-1] if backwards else texts
                matches = (base + at for at, text in enumerate(here) if text == element)
                for index in takewhile(lambda index: index < longest, matches):
                    if skip:
                        skip -= 1
                        continue
                    found.append(index)
                    if len(found) == limit:
                        break
                base += len(here)
                # The search looks at one element more, to see that it is too many: that may be in the next node.
                if base > longest or len(found) == limit > 0:
                    break
        return [len(self.body) - 1 - index for index in found] if backwards else found

    def _runs(self, backwards: bool) -> Generator[list[bytes]]:
        """The elements node by node, each node in use meanwhile."""
        body = self.body
        if isinstance(body, Quicklist):
            with closing(body.walk(backwards=backwards)) as nodes:
                for node in nodes:
                    yield node.blob.texts
        else:
            yield body.texts

    # -- adding and replacing -----------------------------------------------------------------------------------------

    def push(self, elements: Sequence[bytes], *, head: bool, size: int | None = None) -> int:
        """Add elements at one end, one after the other; how many there are then.

        `size` is what they count for when the encoding is chosen, if not all their bytes.
        """
        body = self.body
        if body.__class__ is not Quicklist:
            body = self._body_for(sum(map(len, elements)) if size is None else size, len(elements))
        if isinstance(body, Quicklist):
            for element in elements:
                body.push(element, head)
            return body.count
        push = body.prepend if head else body.append
        for element in elements:
            push(element)
        return len(body.texts)

    def insert_beside(self, pivot: bytes, element: bytes, *, after: bool) -> bool:
        """Put an element after or before the first one that equals `pivot`; whether there is one."""
        # The encoding is chosen before the pivot is looked for.
        body = self._body_for(len(element), 1)
        if isinstance(body, Quicklist):
            if self.runtime.observers:
                body.owner = self.own_serial()
            return body.insert_beside(pivot, element, after=after) is not None
        index = body.find(pivot)
        if index < 0:
            return False
        body.insert(index + after, element)
        return True

    def replace(self, index: int, element: bytes) -> bool:
        """Put an element in the place of another (negative index: from the end); whether there is one."""
        # The new element counts as an additional one here, and a list may become a quicklist for an index out of range.
        body = self._body_for(len(element), 1)
        if isinstance(body, Quicklist):
            if self.runtime.observers:
                body.owner = self.own_serial()
            if not body.replace(index, element):
                return False
            self.shrink()
            return True
        length = len(body)
        if not -length <= index < length:
            return False
        body.replace(index % length, element)
        return True

    # -- removing -----------------------------------------------------------------------------------------------------
    # Whoever removes calls `shrink` in the end.

    def pop(self, *, head: bool) -> bytes:
        """Take the first or the last element; there must be one."""
        body = self.body
        if body.__class__ is Quicklist:
            return body.pop(head=head)
        return body.pop_first() if head else body.pop_last()  # type: ignore[union-attr]

    def hands_on_number(self, *, head: bool) -> bool:
        """Whether the first or the last element is handed on as a number, without a length, when it moves to another list: so
        quicklists do with what they have stored as integers."""
        body = self.body
        if not isinstance(body, Quicklist):
            return False
        end = body.head if head else body.tail
        assert end is not None
        return not end.is_plain and parse_int(end.blob.texts[0 if head else -1]) is not None

    def pop_range(self, count: int, *, head: bool) -> list[bytes]:
        """Take `count` elements, or as many as there are, from one end."""
        length = len(self.body)
        count = min(count, length)
        taken = self.slice(0 if head else length - 1, count, backwards=not head)
        self.body.delete(0 if head else length - count, count)
        return taken

    def remove(self, element: bytes, count: int) -> int:
        """Delete the first `count` elements that equal `element` (negative: the last; 0: all); how many there were."""
        body = self.body
        if isinstance(body, Quicklist):
            return body.remove(element, abs(count), backwards=count < 0)
        matches = [index for index, text in enumerate(body.texts) if text == element]
        if count:
            matches = matches[:count] if count > 0 else matches[count:]
        for index in reversed(matches):
            body.delete(index)
        return len(matches)

    def trim(self, start: int, stop: int) -> None:
        """Keep only the elements from `start` to `stop`, as LRANGE counts them."""
        length = len(self.body)
        first = max(start + length if start < 0 else start, 0)
        last = min(stop + length if stop < 0 else stop, length - 1)
        if first > last:
            self.body.delete(0, length)
            return
        behind = length - 1 - last
        self.body.delete(0, first)
        self.body.delete(len(self.body) - behind, behind)

    # -- encodings ----------------------------------------------------------------------------------------------------

    def _body_for(self, size: int, count: int) -> Body:
        """Get ready for so many more bytes and elements: the body, a quicklist if they are too many for a listpack."""
        body = self.body
        if isinstance(body, Quicklist):
            return body
        fill = self._fill()
        size += len(body.data)
        count += len(body.texts)
        if fill.exceeded(size, count):
            self.to_quicklist(_exceeds(fill, size, count))
        return self.body

    def _fill(self) -> Fill:
        return fill_of(self.runtime.config.list_max_listpack_size, self.runtime.profile)

    def to_quicklist(self, reason: str) -> None:
        """Make a listpack a quicklist, whose first node it becomes."""
        pack = self.body
        assert not isinstance(pack, Quicklist)
        before = pack.encoding
        self.body = configured_quicklist(self.runtime)
        if len(pack):
            self.body.append_blob(pack)
        self.encoding_changed(before, reason)

    def shrink(self) -> bool:
        """After a removal: make a quicklist a listpack again, if what is left is small; whether anything is left."""
        body = self.body
        if body.__class__ is not Quicklist:
            return len(body) > 0
        if body.nodes_count == 1:
            self._try_listpack(halved=True)
        return body.nodes_count > 0

    def _try_listpack(self, *, halved: bool) -> None:
        body = self.body
        if not isinstance(body, Quicklist) or not self.runtime.profile.small_list_is_listpack:
            return
        node = body.head
        if body.nodes_count != 1 or node is None or not isinstance(node.blob, Listpack):
            return
        fill = self._fill()
        size, count = node.blob.nbytes, len(node)
        if not (fill.fits_half(size, count) if halved else fill.fits(size, count)):
            return
        self.body = node.blob
        share = "half of " if halved else ""
        what = f"{size} bytes" if fill.setting < 0 else f"{count} elements"
        limit = f"{share}list-max-listpack-size {fill.setting}"
        self.encoding_changed("quicklist", f"one node is left, and its {what} are no more than {limit} allows")

    def settle(self) -> ListValue:
        """Blobs take this version's form; then a list of one small node becomes a listpack.

        (A bare ziplist becomes a quicklist, and stays one.)
        """
        body = self.body
        if isinstance(body, Ziplist):
            self.body = quicklist = configured_quicklist(self.runtime)
            for text in body.texts:
                quicklist.push(text)
            return self
        if isinstance(body, Listpack):
            if not self.runtime.profile.small_list_is_listpack:
                self._take_over([body])
            return self
        blobs = [node.blob for node in body.nodes()]
        if not all(isinstance(blob, Plain | body.blob_class) for blob in blobs):
            self._take_over(blobs)
        self._try_listpack(halved=False)
        return self

    def _take_over(self, blobs: Iterable[Compact | Plain]) -> None:
        """Become a quicklist of these blobs, in this version's form."""
        self.body = quicklist = configured_quicklist(self.runtime)
        for blob in blobs:
            same = isinstance(blob, Plain | quicklist.blob_class)
            quicklist.append_blob(blob if same else quicklist.blob_class(blob.texts))

    def copy(self) -> ListValue:
        return ListValue(self.runtime, self.body.copy())

    # -- looking ------------------------------------------------------------------------------------------------------

    def charged(self, samples: int = 0) -> int:
        body, runtime = self.body, self.runtime
        if not isinstance(body, Quicklist):
            return ROBJ_SIZE + blob_charge(runtime, body.nbytes)[1]
        nodes = min(samples or body.nodes_count, body.nodes_count)
        seen = body.charged() if nodes == body.nodes_count else body.charged_first(nodes)
        if runtime.profile.list_samples_elements:
            elements = body.count if nodes == body.nodes_count else body.count_first(nodes)
            return averaged(ROBJ_SIZE + QUICKLIST_SIZE, seen, elements, body.count)
        return averaged(ROBJ_SIZE + QUICKLIST_SIZE, seen, nodes, body.nodes_count)

    def allocated(self) -> int:
        body, usable = self.body, self.runtime.usable
        if not isinstance(body, Quicklist):
            return usable(ROBJ_SIZE) + usable(body.nbytes)
        nodes = body.nodes_count * usable(self.runtime.profile.quicklist_node_size)
        blobs = sum(totals.size_class for totals in body.totals().values())
        return usable(ROBJ_SIZE) + usable(QUICKLIST_SIZE) + nodes + blobs

    def layout(self, window: Window) -> Layout:
        """Elements, in the sense of the window, are entries of a listpack, or nodes of a quicklist."""
        body, own = self.body, robj_run(self.runtime)
        if not isinstance(body, Quicklist):
            blob = blob_allocation(body, self.runtime, window, names=("element",))
            robj = self.robj(blob.serial, pointer_note=f"to the {body.encoding}")
            fill = self._fill()
            facts: dict[str, object] = {"fill": fill.setting, "limit": fill.size}
            runs = (own, blob_run(body, self.runtime))
            return Layout("list", body.encoding, len(body), window, (robj, blob), runs, facts=facts)
        view = QuicklistLayout(body, self.runtime)
        robj = self.robj(view.serial, pointer_note="to the quicklist")
        allocations = (robj, *view.allocations(window))
        all_runs = (own, *view.runs())
        rounding = self.charged() - sum(run.charged for run in all_runs)
        return Layout(
            "list", "quicklist", body.nodes_count, window, allocations, all_runs, rounding, facts=view.facts()
        )

    def trace_index(self, index: int) -> Trace:
        """The way to element `index` of a quicklist. Changes nothing."""
        body = self.body
        if isinstance(body, Quicklist):
            return trace_seek(body, index)
        element = self.at(index)
        if element is None:
            return Trace("seek", (), 0, "out of range")
        place = index % len(body)
        step = Step(f"entry {place}", element.decode("utf-8", "backslashreplace"), "found by counting")
        return Trace("seek", (step,), 0, f"entry {place} of the listpack")

    def trace_insert(self, pivot: bytes, element: bytes, *, after: bool) -> Trace:
        """How LINSERT would go. Changes nothing."""
        body = self.body
        if isinstance(body, Quicklist):
            return trace_insert(body, pivot, element, after=after)
        return trace_entries(body, pivot)


def configured_quicklist(runtime: Runtime) -> Quicklist:
    """An empty quicklist with the settings of the moment."""
    return Quicklist(runtime, runtime.config.list_max_listpack_size, runtime.config.list_compress_depth)


def _exceeds(fill: Fill, size: int, count: int) -> str:
    if size > fill.size:
        return f"{size} bytes > {fill.size}, by list-max-listpack-size {fill.setting}"
    return f"{count} elements > {fill.count}, by list-max-listpack-size {fill.setting}"
