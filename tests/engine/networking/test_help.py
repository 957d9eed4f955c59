"""Every container's HELP is in the server's own words."""

from tests.engine.both import versions
from tests.engine.server.hosted import Hosted
from tests.real.servers import RealServer

BUILT_IN = ("ACL", "CLIENT", "COMMAND", "CONFIG", "LATENCY", "MEMORY", "OBJECT", "PUBSUB", "SLOWLOG", "XGROUP", "XINFO")


@versions
def test_help_is_worded_as_the_servers(real_server: RealServer) -> None:
    with Hosted(real_server.profile) as hosted:
        for name in BUILT_IN:
            ours, theirs = hosted.execute(name, "HELP"), real_server.execute(name, "HELP")
            assert ours == theirs, name
            assert len(ours) > 4
