r"""quicklist: a long list as a chain of small blobs.

    quicklist | head | tail | count | len | fill, compress |
                 │                 └──────────────┐
                 ▼                                ▼
    quicklistNode | prev | next | entry | … | ⇄ quicklistNode ⇄ …
                              │
                              ▼
                     | listpack of some elements |         a ziplist in 6.2; one big element by itself is a plain node

Elements can be added at both ends without moving much, and only the blob in question is reallocated. How much a node
may hold is its **fill** (see fill.py). Nodes farther than `compress` from both ends may be **compressed** with LZF:

    | length of the compressed data | compressed data … |     quicklistLZF; one that is used is unpacked first

An element that finds its node full **splits** it; afterwards neighbours that fit together are merged:

    [ a b c d ]  [ e f ]      LINSERT AFTER b x, at most 4 a node
    [ a b ]  [ x c d ]  [ e f ]
    [ a b ]  [ x c d ]  [ e f ]       3 + 2 and 2 + 3 are too many for one node: nothing to merge

Four elements, at most two in a node:

    >>> from rinspect.engine import Engine
    >>> quicklist = Quicklist(Engine().runtime, fill=2, depth=0)
    >>> for text in (b"a", b"b", b"1024", b"d"):
    ...     quicklist.push(text)
    >>> [node.blob.data.hex(" ") for node in quicklist.nodes()]
    ['0d 00 00 00 02 00 81 61 02 81 62 02 ff', '0d 00 00 00 02 00 c4 00 02 81 64 02 ff']
    >>> quicklist.insert_beside(b"a", b"x", after=True)      # the node is full: it splits behind a
    <Place.SPLIT: 'split'>
    >>> [node.blob.texts for node in quicklist.nodes()]
    [[b'a'], [b'x', b'b'], [b'1024', b'd']]
"""

from rinspect.engine.encodings.quicklist.editing import Place as Place
from rinspect.engine.encodings.quicklist.fill import Fill as Fill
from rinspect.engine.encodings.quicklist.node import Node as Node
from rinspect.engine.encodings.quicklist.node import Plain as Plain
from rinspect.engine.encodings.quicklist.quicklist import Quicklist as Quicklist
from rinspect.engine.encodings.quicklist.traces import trace_insert as trace_insert
from rinspect.engine.encodings.quicklist.traces import trace_seek as trace_seek
