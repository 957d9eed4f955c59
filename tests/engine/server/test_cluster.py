"""What a server says of clusters that is in none: dialogues against servers."""

import rinspect.engine.server  # noqa: F401 (declares the commands about the server)
from tests.engine.both import Both, versions
from tests.real.servers import RealServer

DIALOGUE = """
CLUSTER
CLUSTER INFO
CLUSTER INFO x
CLUSTER HELP
CLUSTER NOTHING
CLUSTER NOTHING x y z
CLUSTER KEYSLOT
CLUSTER KEYSLOT k
CLUSTER COUNTKEYSINSLOT x
CLUSTER RESET NOTHING
CLUSTER SETSLOT 1
CLUSTER SETSLOT x NOTHING
CLUSTER MYSHARDID
ASKING
ASKING x
READONLY
READWRITE
READWRITE x
MULTI
READONLY
CLUSTER NODES
EXEC
MULTI
CLUSTER NOTHING
CLUSTER NODES x
EXEC
"""


@versions
def test_whoever_asks_for_a_cluster_is_refused(real_server: RealServer) -> None:
    Both(real_server).run(DIALOGUE)
