"""What is to be sent: in order, none lost, at most 64 KB at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine.networking.outgoing import MAX_WRITE, REPLY_CHUNK, Outgoing


class Kernel:
    """Takes as many bytes as it is told to."""

    def __init__(self, *room: int) -> None:
        self.room = list(room)
        self.taken = b""

    def send(self, data: bytes | memoryview) -> int:
        if not self.room:
            raise BlockingIOError
        count = min(len(data), self.room.pop(0))
        self.taken += bytes(data[:count])
        return count


sizes = st.integers(1, 300) | st.sampled_from([REPLY_CHUNK, MAX_WRITE - 1, MAX_WRITE, MAX_WRITE + 1, 3 * MAX_WRITE])


@given(st.lists(sizes, max_size=8), st.lists(st.integers(1, 2 * MAX_WRITE), max_size=40))
def test_everything_leaves_in_order(pieces: list[int], room: list[int]) -> None:
    outgoing, kernel = Outgoing(), Kernel()
    for number, size in enumerate(pieces):
        outgoing.add(bytes([number]) * size)
    everything = b"".join(outgoing.pieces)
    for one in room:
        kernel.room = [one]
        before = len(kernel.taken)
        assert outgoing.send(kernel.send) == len(kernel.taken) - before
        assert outgoing.size == len(everything) - len(kernel.taken)
        assert kernel.taken == everything[: len(kernel.taken)]
    kernel.room = [1 << 30] * 100
    while outgoing.size:
        assert outgoing.send(kernel.send) > 0
    assert kernel.taken == everything
    assert not outgoing.pieces


def test_one_client_is_sent_64_kb_at_once() -> None:
    outgoing, kernel = Outgoing(), Kernel(*[1 << 30] * 9)
    outgoing.add(b"x" * (5 * MAX_WRITE))
    assert outgoing.send(kernel.send) == MAX_WRITE
    outgoing.clear()
    for _ in range(100):
        outgoing.add(b"y" * 1000)
    assert MAX_WRITE - 1000 <= outgoing.send(kernel.send) <= MAX_WRITE + 1000


def test_an_error_loses_nothing() -> None:
    outgoing = Outgoing()
    outgoing.add(b"abc")

    def broken(data: bytes | memoryview) -> int:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        outgoing.send(broken)
    assert outgoing.size == 3


@pytest.mark.parametrize(
    ("size", "in_buffer", "blocks", "list_bytes"),
    [
        (0, 0, 0, 0),
        (REPLY_CHUNK, REPLY_CHUNK, 0, 0),
        (REPLY_CHUNK + 1, REPLY_CHUNK, 1, REPLY_CHUNK + 40),
        (3 * REPLY_CHUNK + 1, REPLY_CHUNK, 3, 3 * (REPLY_CHUNK + 40)),
    ],
)
def test_as_the_server_would_hold_it(size: int, in_buffer: int, blocks: int, list_bytes: int) -> None:
    outgoing = Outgoing()
    outgoing.add(b"x" * size)
    assert (outgoing.in_buffer, outgoing.blocks, outgoing.list_bytes) == (in_buffer, blocks, list_bytes)
