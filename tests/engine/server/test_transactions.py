"""A transaction's time: what its commands see of it, and what it is said to have taken."""

from rinspect.engine import Engine
from tests.engine.both import plain, versions
from tests.engine.server.hosted import Hosted
from tests.real.servers import RealServer


@versions
def test_all_commands_see_the_same_moment(real_server: RealServer) -> None:
    script = ["SET k v PX 200", "MULTI", "DEBUG SLEEP 0.25", "GET k", "EXISTS k", "EXEC", "GET k"]
    session = Engine(real_server.profile).session()
    theirs = [plain(real_server.execute(*line.split())) for line in script]
    ours = [plain(session.execute([word.encode() for word in line.split()])) for line in script]
    assert ours == theirs
    assert ours[-2:] == [[b"OK", b"v", 1], None]


def test_exec_takes_as_long_as_what_it_runs() -> None:
    with Hosted() as hosted:
        told: list[tuple[str, int]] = []
        hosted.engine.heed_slow(lambda session, command, argv, took: told.append((command.name, took)), 1000)
        command = hosted.engine.commands[b"PING"]
        quick = command.handler

        def slow(*words: object) -> object:
            hosted.clock.advance(2)
            return quick(*words)

        command.handler = slow  # type: ignore[assignment]
        hosted.execute("MULTI")
        hosted.execute("PING")
        hosted.execute("PING")
        hosted.execute("EXEC")
        assert told == [("PING", 2000), ("PING", 2000), ("EXEC", 4000)]
