"""Clients whose users may not do everything: what they are refused, and when they are cut off."""

from typing import Any

import pytest

from tests.engine.both import versions
from tests.engine.networking.dialogue import agree, with_engine, with_server
from tests.engine.server.hosted import Hosted, User
from tests.real.servers import RealServer

SCRIPTS = {
    "logging in": """
A: ACL WHOAMI
A: ACL SETUSER ada on >pw ~k* +@read +acl
B: AUTH ada wrong
B: AUTH nobody pw
B: AUTH ada
B: AUTH ada pw
B: ACL WHOAMI
B: AUTH default anything
B: ACL WHOAMI
B: HELLO 3 AUTH ada pw
B: ACL WHOAMI
B: RESET
B: ACL WHOAMI
B: AUTH default x
A: ACL SETUSER ada off
B: AUTH ada pw
A: ACL SETUSER ada on nopass
B: AUTH ada whatever
B: ACL WHOAMI
A: ACL SETUSER ada resetpass
C: AUTH ada whatever
C: AUTH ada ""
A: ACL SETUSER ada >one >two <one
C: AUTH ada one
C: AUTH ada two
A: ACL SETUSER ada off
C: GET k
C: GET z
""",
    "what is refused": """
A: ACL SETUSER ada on nopass ~k* &news* -@all +get +set +mset +auth +subscribe +psubscribe +publish +select|1 +client|id
B: AUTH ada x
B: GET k
B: GET z
B: SET k 1
B: SET z 1
B: MSET k 1 z 2
B: DEL k
B: SELECT 0
B: SELECT 1
B: CLIENT GETNAME
B: CLIENT ID NOT
B: NOSUCH
B: GET
B: PUBLISH news1 m
B: PUBLISH other m
B: PSUBSCRIBE news*
B: PUNSUBSCRIBE
B: PING
B: PSUBSCRIBE news?
B: SUBSCRIBE news1 other
B: RESET
B: DEL k
""",
    "transactions": """
A: ACL SETUSER ada on nopass ~* -@all +get +multi +exec +set +discard
B: AUTH ada x
B: MULTI
B: GET k
B: DEL k
B: EXEC
B: MULTI
B: GET k
B: SET k v
A: ACL SETUSER ada -get
B: EXEC
B: MULTI
B: SET k v
B: SET other v
A: ACL SETUSER ada resetkeys ~k
B: EXEC
B: MULTI
A: ACL SETUSER ada -exec
B: EXEC
B: SET k w
B: DISCARD
""",
    "a user that goes": """
A: ACL SETUSER ada on nopass ~* +@all
B: AUTH ada x
C: AUTH ada x
C: BLPOP q 0
A: ACL DELUSER ada nobody
A: ACL DELUSER ada
A: ACL DELUSER default
D: AUTH ada x
A: ACL SETUSER ada on nopass ~* +@all
E: AUTH ada x
E: ACL DELUSER ada
""",
    "channels that are taken away": """
A: ACL SETUSER ada on nopass ~* resetchannels &a* &b +@all
B: AUTH ada x
B: SUBSCRIBE a1
C: AUTH ada x
C: PSUBSCRIBE a*
D: AUTH ada x
D: SUBSCRIBE b
E: AUTH ada x
A: ACL SETUSER ada &c
A: ACL SETUSER ada resetchannels &a1 &c
A: PUBLISH a1 m
A: PUBLISH b m
E: GET k
A: ACL SETUSER ada allchannels
B: SUBSCRIBE z
A: ACL SETUSER ada resetchannels &z &a1
A: ACL SETUSER ada resetchannels &z
""",
    "killing by user": """
A: ACL SETUSER ada on nopass ~* +@all
B: AUTH ada x
C: PING
A: CLIENT KILL USER nobody
A: CLIENT KILL USER ada
A: CLIENT KILL USER ada
D: AUTH ada x
D: CLIENT KILL USER ada
D: CLIENT KILL USER ada SKIPME no
""",
    "the default user": """
A: CONFIG SET requirepass secret
B: PING
B: AUTH secret
B: PING
A: CONFIG GET requirepass
A: ACL SETUSER default resetpass >other
A: CONFIG GET requirepass
C: AUTH secret
C: AUTH other
D: PING
D: HELLO
A: ACL SETUSER default nopass
D: PING
D: HELLO
D: AUTH x
D: AUTH default x
D: HELLO 3
A: ACL SETUSER default off
E: PING
E: AUTH default x
D: PING
A: ACL SETUSER default on -get
D: GET k
F: GET k
A: ACL SETUSER default +@all
F: GET k
A: CONFIG SET requirepass ""
A: CONFIG GET requirepass
A: ACL LIST
""",
    "what holds a client up": """
A: ACL SETUSER ada on nopass ~* +@all
B: AUTH ada x
B: BLPOP q 0
A: ACL SETUSER ada -blpop
A: RPUSH q v
A: LLEN q
B: PING
C: AUTH ada x
C: BLMOVE q r LEFT LEFT 0
A: DEL q
A: CLIENT PAUSE 100000 WRITE
C: SET k v
A: ACL SETUSER ada -set
A: CLIENT UNPAUSE
C: PING
""",
    "questions and their errors": """
A: ACL SETUSER a\\x20b
A: ACL SETUSER ""
A: ACL USERS
A: ACL DELUSER ""
A: ACL GETUSER nobody
A: ACL GETUSER default
A: ACL GETUSER
A: ACL CAT
A: ACL CAT nosuch
A: ACL CAT a b
A: ACL GENPASS 0
A: ACL GENPASS 4097
A: ACL GENPASS x
A: ACL GENPASS 1 2
A: ACL LOG x
A: ACL LOG 1 2
A: ACL LOG RESET
A: ACL LOG
A: ACL LOG -5
A: ACL LOAD
A: ACL SAVE
A: ACL NOSUCH
A: ACL HELP
A: ACL
A: ACL SETUSER
A: ACL DELUSER
A: HELLO 3
A: ACL SETUSER ada on >pw ~k +get
A: ACL GETUSER ada
A: ACL GETUSER default
A: ACL GETUSER nobody
""",
    "errors are counted": """
A: CONFIG RESETSTAT
A: ACL SETUSER ada on nopass ~k +get +multi +exec
B: AUTH ada x
B: GET z
B: SET k v
B: MULTI
B: SET k v
B: EXEC
B: AUTH ada
B: MULTI
B: GET k
A: ACL SETUSER ada -get
B: EXEC
A: INFO errorstats
""",
}

SINCE_7 = {
    "reading and writing": """
A: ACL SETUSER ada on nopass %R~r* %W~w* ~b* +@all
B: AUTH ada x
B: GET r1
B: SET r1 v
B: SET w1 v
B: SET w1 v GET
B: GETSET w1 v
B: GET w1
B: APPEND w1 v
B: INCR b1
B: COPY r1 w1
B: COPY w1 r1
B: RENAME b1 b2
B: RENAME r1 w1
B: EXISTS w1 r1
B: TYPE x
B: BITFIELD r1 GET u8 0
B: BITFIELD r1 SET u8 0 1
B: LMOVE w1 w2 LEFT LEFT
B: SINTERSTORE w1 r1 r2
B: SINTERSTORE r1 r1
B: ZUNIONSTORE w1 2 r1 r2
B: ZUNIONSTORE w1 x r1
B: MSET w1 1 w2 2
B: DEL w1
B: DEL r1
B: OBJECT ENCODING r1
B: MEMORY USAGE w1
B: SORT r1 STORE w1
B: SORT r1 STORE r2
B: BITFIELD_RO r1 GET u8 0
""",
    "sorting by other keys": """
A: ACL SETUSER ada on nopass %R~s* %W~w* +@all
A: RPUSH s 2 1
B: AUTH ada x
B: SORT s
B: SORT s BY w*
B: SORT s BY nosort
B: SORT s GET #
B: SORT s BY nosort GET x*
B: SORT s GET x* BY w*
B: SORT_RO s GET x*
A: ACL SETUSER ada %R~*
B: SORT s BY w*
B: SORT s GET #
A: ACL SETUSER ada resetkeys %R~s (%R~* -@all +sort)
B: SORT s BY w*
B: SORT_RO s GET #
""",
    "selectors": """
A: ACL SETUSER ada on nopass ~a* +get (~b* +set +del) (+ping &news)
B: AUTH ada x
B: GET a
B: GET b
B: SET b 1
B: SET a 1
B: DEL b a
B: PING
B: FLUSHALL
B: SPUBLISH news m
A: ACL DRYRUN ada GET a
A: ACL DRYRUN ada GET b
A: ACL DRYRUN ada SET c 1
A: ACL DRYRUN ada DEL b a
A: ACL DRYRUN ada PUBLISH news m
A: ACL SETUSER ada +publish
A: ACL DRYRUN ada PUBLISH news m
A: ACL DRYRUN ada FLUSHALL
A: ACL DRYRUN nobody GET a
A: ACL DRYRUN ada NOSUCH
A: ACL DRYRUN ada GET
A: ACL DRYRUN ada GET a b
A: ACL DRYRUN ada CONFIG GET
A: ACL DRYRUN ada CONFIG
A: ACL DRYRUN ada CONFIG NOSUCH
A: ACL DRYRUN ada CONFIG GET x
A: ACL DRYRUN ada
A: ACL SETUSER ada clearselectors -get
A: ACL GETUSER ada
""",
    "shard channels": """
A: ACL SETUSER ada on nopass resetchannels &s1 +@all
B: AUTH ada x
B: SSUBSCRIBE s1
B: SUNSUBSCRIBE
B: SSUBSCRIBE s2
B: SPUBLISH s2 m
B: SSUBSCRIBE s1
A: ACL SETUSER ada resetchannels
""",
}


@versions
@pytest.mark.parametrize("name", SCRIPTS)
def test_both_say_the_same(real_server: RealServer, name: str) -> None:
    agree(SCRIPTS[name], real_server)


@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
@pytest.mark.parametrize("name", SINCE_7)
def test_both_say_the_same_since_7_0(real_server: RealServer, name: str) -> None:
    agree(SINCE_7[name], real_server)


REFUSALS = """
A: ACL SETUSER ada on >pw ~k* resetchannels &news +get +mget +multi +exec +set +publish +client|id +config|get +blpop
B: AUTH ada wrong
B: AUTH nobody pw
B: auth nobody pw
B: HELLO 2 AUTH ada wrong
B: AUTH ada pw
B: GET z
B: GET z
B: MGET k z
B: DEL k
B: CONFIG SET port 1
B: CONFIG GET port
B: PUBLISH news m
B: PUBLISH other m
B: PUBLISH other m
B: MULTI
B: GET z
B: DEL k
B: EXEC
B: MULTI
B: GET k
B: SET k v
A: ACL SETUSER ada resetkeys ~q
B: EXEC
B: GET z
"""


def entries(log: Any) -> list[dict[str, Any]]:
    """The entries of ACL LOG, with what is the same at every time, and for every connection."""
    assert isinstance(log, list)
    found = []
    for flat in log:
        entry = {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}
        client = dict(word.split("=", 1) for word in entry.pop("client-info").decode().split())
        entry["client"] = {name: client[name] for name in ("name", "db", "multi", "cmd", "user", "argv-mem", "flags")}
        entry["client"]["flags"] = entry["client"]["flags"].replace("U", "")
        assert float(entry.pop("age-seconds")) >= 0
        moments = [entry.pop(name, 0) for name in ("timestamp-created", "timestamp-last-updated")]
        assert moments == sorted(moments)
        found.append(entry)
    return found


@versions
def test_what_was_refused_is_told(real_server: RealServer) -> None:
    with Hosted(real_server.profile, real_server.allocator) as hosted:
        with_engine(REFUSALS, hosted)
        ours = entries(hosted.execute("ACL", "LOG", 100))
        short = hosted.execute("ACL", "LOG", 2), hosted.execute("ACL", "LOG")
        hosted.execute("ACL", "LOG", "RESET")
        assert hosted.execute("ACL", "LOG") == []
    with_server(REFUSALS, real_server)
    theirs = entries(real_server.execute("ACL", "LOG", 100))
    for entry in theirs:
        if "entry-id" in entry:
            entry["entry-id"] -= theirs[-1]["entry-id"] - ours[-1]["entry-id"]
    assert ours == theirs
    assert len(ours) == 11
    assert [len(log) for log in short] == [2, 10]


def test_the_same_again_is_counted_for_a_minute() -> None:
    with Hosted("7.2") as hosted:
        for milliseconds in (0, 60_000, 60_001):
            hosted.clock.advance(milliseconds)
            hosted.execute("AUTH", "ada", "wrong")
        log = entries(hosted.execute("ACL", "LOG"))
        assert [(entry["count"], entry["entry-id"]) for entry in log] == [(1, 1), (2, 0)]
        hosted.execute("CONFIG", "SET", "acllog-max-len", 1)
        hosted.execute("AUTH", "bob", "wrong")
        assert [entry["username"] for entry in entries(hosted.execute("ACL", "LOG"))] == [b"bob"]


def test_refusals_are_counted() -> None:
    with Hosted("7.2") as hosted:
        with_engine(REFUSALS, hosted)
        assert hosted.server.clients.access.refused == {"auth": 4, "command": 3, "key": 7, "channel": 2}
        info = hosted.execute("INFO", "stats").decode()
        assert "acl_access_denied_auth:4\r\nacl_access_denied_cmd:3\r\nacl_access_denied_key:7\r\n" in info


@versions
def test_what_of_users_stands_in_the_slow_log(real_server: RealServer) -> None:
    commands = (
        ["SETUSER", "ada", ">pw"],
        ["GETUSER", "ada"],
        ["DELUSER", "ada"],
        ["LIST"],
    )
    with Hosted("7.4" if real_server.profile == "8.0" else real_server.profile) as hosted:
        shown = []
        for execute in (hosted.execute, real_server.execute):
            execute("CONFIG", "SET", "slowlog-log-slower-than", "0")
            execute("SLOWLOG", "RESET")
            for words in commands:
                execute("ACL", *words)
            execute("AUTH", "ada", "pw")
            shown.append([entry[3] for entry in execute("SLOWLOG", "GET")])
    assert shown[0] == shown[1]


def is_guarded(user: User) -> bool:
    return user.client.guarded


def test_a_client_is_looked_at_only_while_it_has_to_be() -> None:
    with Hosted("8.0") as hosted:
        ada = hosted.another()
        hosted.execute("ACL", "SETUSER", "ada", "on", "nopass", "+@all", "~*", "&*")
        ada.execute("AUTH", "ada", "x")
        assert is_guarded(ada) is False
        hosted.execute("ACL", "SETUSER", "ada", "-get")
        assert is_guarded(ada) is True
        hosted.execute("ACL", "SETUSER", "ada", "(+@all ~* &*)")
        assert is_guarded(ada) is False
        hosted.execute("ACL", "SETUSER", "default", "resetkeys")
        assert is_guarded(hosted.user) is True
        assert ada.execute("GET", "k") is None
        hosted.execute("ACL", "DELUSER", "ada")
        assert not ada.connected
