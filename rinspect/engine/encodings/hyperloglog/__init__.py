r"""HyperLogLog: how many different elements were seen, in 16384 registers and within one percent.

    | H Y L L | encoding | 00 00 00 | cardinality u64 | registers … |        a string like any other; little endian

Nothing of an element is kept but what its hash says: which register it goes to (14 bits), and how rare it is (the place
of the lowest set bit in the rest). A register keeps the rarest it has seen.

`encoding` 0 is **dense**: 6 bits a register, 12304 bytes in all. 1 is **sparse**: opcodes for runs of registers that have
the same value, good while most have none.

    00nnnnnn            ZERO   1 … 64 registers are 0
    01nnnnnn n8         XZERO  1 … 16384 registers are 0
    1vvvvvrr            VAL    1 … 4 registers have a value, 1 … 32

Sparse becomes dense, for good, when it would be longer than hll-sparse-max-bytes or a register goes above 32.
`cardinality` is what PFCOUNT found last; its highest bit says that it is stale.

Ada, Grace and Alan, never counted yet:

    >>> data = bytearray(EMPTY)
    >>> for element in (b"Ada", b"Grace", b"Alan"):
    ...     index, value = place(element)
    ...     spot = sparse.find(data, HEADER, index)
    ...     sparse.splice(data, spot, sparse.replacement(data, spot, index, value))
    >>> set_stale(data)
    >>> data.hex(" ")
    '48 59 4c 4c 01 00 00 00 00 00 00 00 00 00 00 80 4d 4e 88 54 82 90 52 e2 80 4b 47'

    48 59 4c 4c              "HYLL"
    01                       sparse
    00 00 00                 unused
    00 00 00 00 00 00 00 80  no cardinality yet: bit 63 says that this is stale
    4d 4e                    01|001101 01001110: XZERO, 0xd4e + 1 = 3407 registers are 0
    88                       1|00010|00: VAL, register 3407 has 2 + 1 = 3: Grace, one of 2^3
    54 82                    XZERO 5251
    90                       VAL 5, register 8659: Ada, one of 2^5
    52 e2                    XZERO 4835
    80                       VAL 1, register 13495: Alan, one of 2
    4b 47                    XZERO 2888: the last register is 16383
"""

from rinspect.engine.encodings.hyperloglog import sparse as sparse
from rinspect.engine.encodings.hyperloglog.hashing import place as place
from rinspect.engine.encodings.hyperloglog.header import EMPTY as EMPTY
from rinspect.engine.encodings.hyperloglog.header import HEADER as HEADER
from rinspect.engine.encodings.hyperloglog.header import set_stale as set_stale
