"""DEBUG's words that are about the server: SLEEP, PAUSE-CRON, LOG, CHANGE-REPL-ID …

What a server with other insides would do, or one that ends where this one must not, is refused and says why.
"""

from __future__ import annotations

import secrets
import time

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.helptext import help_text
from rinspect.engine.commands.server.debug_switches import switched_on
from rinspect.engine.commands.server.debugging import MANY, Handler, debug_command
from rinspect.engine.config.cnumbers import atoi, strtod
from rinspect.engine.config.errors import SettingError
from rinspect.engine.networking.clients import REPLY_PEAK_RESET
from rinspect.engine.numbers import parse_int
from rinspect.engine.persistence import BadFile
from rinspect.engine.replies import NOT_AN_INTEGER, OK, SYNTAX, CommandError, Reply, quotable
from rinspect.engine.server.appendonly.loading import load_files
from rinspect.engine.server.commands.caller import server_of
from rinspect.engine.server.dumpfile import CannotLoad
from rinspect.engine.server.reloading import empty, reload

LONGEST_SLEEP = 1e9
"""Seconds: what the system takes for a sleep at the most, about."""


@debug_command("SLEEP", 1, 1)
def _sleep(call: Call, args: list[bytes]) -> Reply:
    """Hold everybody up for so many seconds."""
    time.sleep(min(max(0.0, strtod(args[0].decode("latin-1"))), LONGEST_SLEEP))
    return OK


@debug_command("LOG", 1, 1)
def _log(call: Call, args: list[bytes]) -> Reply:
    server_of(call).log.warning(f"DEBUG LOG: {quotable(args[0])}")
    return OK


@debug_command("RELOAD", 0, MANY)
def _reload(call: Call, args: list[bytes]) -> Reply:
    """Write all keys and read them back; with NOSAVE, read the file that is there. Within a program they are written to memory:
    who only wants to see what becomes of them there wants no file."""
    words = set(map(bytes.upper, args))
    if words - {b"MERGE", b"NOFLUSH", b"NOSAVE"}:
        raise CommandError("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.")
    emptying, replacing = b"NOFLUSH" not in words, b"MERGE" in words
    server = server_of(call)
    try:
        if b"NOSAVE" not in words and not server.stands_alone:
            reload(call.keyspace, emptying=emptying, replacing=replacing)
            return OK
        if b"NOSAVE" not in words and not server.snapshots.save():
            raise CommandError("ERR")
        if emptying:
            empty(call.keyspace)
        if not server.snapshots.load(replacing=replacing):
            raise CannotLoad(f"there is no file {server.snapshots.file.path}")
    except (BadFile, CannotLoad) as error:
        server.log.warning(str(error))
        raise CommandError("ERR Error trying to load the RDB dump, check server logs.") from None
    return OK


@debug_command("LOADAOF", 0, 0)
def _loadaof(call: Call, args: list[bytes]) -> Reply:
    """Empty the databases and do the commands of the append-only file again."""
    server = server_of(call)
    server.append_only.flush(force=True)
    try:
        server.append_only.files.to_load()  # where it is refused, the keys stay
        empty(call.keyspace)
        load_files(server.engine, server.append_only.files, server.log)
    except CannotLoad as error:
        server.log.warning(str(error))
        why = ", check server logs." if server.stands_alone else f": {error}"
        raise CommandError(f"ERR Error trying to load the AOF files{why}") from None
    server.snapshots.forget_changes()
    server.log.warning("Append Only File loaded by DEBUG LOADAOF")
    return OK


@debug_command("AOF-FLUSH-SLEEP", 1, 1, since=(7, 0))
def _aof_flush_sleep(call: Call, args: list[bytes]) -> Reply:
    server_of(call).append_only.delay = max(0, atoi(args[0].decode("latin-1")))
    return OK


@debug_command("PAUSE-CRON", 1, 1)
def _pause_cron(call: Call, args: list[bytes]) -> Reply:
    server_of(call).cron_paused = switched_on(args[0])
    return OK


@debug_command("REPLYBUFFER", 2, 2, since=(7, 0))
def _replybuffer(call: Call, args: list[bytes]) -> Reply:
    """When the peaks of the buffers of replies begin anew, and whether these are resized at all."""
    clients, what, word = server_of(call).clients, args[0].upper(), args[1]
    if what == b"PEAK-RESET-TIME":
        if word.upper() == b"NEVER":
            clients.reply_peak_reset = -1
        elif word.upper() == b"RESET":
            clients.reply_peak_reset = REPLY_PEAK_RESET
        else:
            milliseconds = parse_int(word)
            if milliseconds is None:
                raise CommandError(NOT_AN_INTEGER)
            clients.reply_peak_reset = milliseconds
    elif what == b"RESIZING":
        clients.reply_buffers_resize = switched_on(word)
    else:
        raise CommandError(SYNTAX)
    return OK


@debug_command("CHANGE-REPL-ID", 0, 0)
def _change_repl_id(call: Call, args: list[bytes]) -> Reply:
    server = server_of(call)
    server.log.notice("Changing replication IDs after receiving DEBUG change-repl-id")
    server.replication_id = secrets.token_hex(20)
    return OK


@debug_command("CONFIG-REWRITE-FORCE-ALL", 0, 0)
def _config_rewrite_force_all(call: Call, args: list[bytes]) -> Reply:
    try:
        call.runtime.config.rewrite(everything=True)
    except SettingError as error:
        raise CommandError(f"ERR CONFIG-REWRITE-FORCE-ALL failed: {error}") from None
    return OK


@debug_command("HELP", 0, 0)
def _help(call: Call, args: list[bytes]) -> Reply:
    return help_text(call, "DEBUG", HELP)


HELP = """\
AOF-FLUSH-SLEEP <microsec>
    Server will sleep before flushing the AOF.
CHANGE-REPL-ID
    Change the replication IDs of the instance.
CONFIG-REWRITE-FORCE-ALL
    Like CONFIG REWRITE but writes all configuration options, including
    keywords not listed in original configuration file or default values.
DIGEST
    Output a hex signature representing the current DB content.
DIGEST-VALUE <key> [<key> ...]
    Output a hex signature of the values of all the specified keys.
ERROR <string>
    Return a Redis protocol error with <string> as message. Useful for clients
    unit tests to simulate Redis errors.
LOADAOF
    Write what is to be appended, empty the databases, and load the append-only
    file.
LOG <message>
    Write <message> to the server log.
HTSTATS <dbid> [full]
    Return hash table statistics of the specified Redis database.
HTSTATS-KEY <key> [full]
    Like HTSTATS but for the hash table stored at <key>'s value.
OBJECT <key>
    Show low level info about `key` and associated value.
PAUSE-CRON <0|1>
    Stop periodic cron job processing.
POPULATE <count> [<prefix>] [<size>]
    Create <count> string keys named key:<num>. If <prefix> is specified then
    it is used instead of the 'key' prefix.
PROTOCOL <type>
    Reply with a test value of the specified type. <type> can be: string,
    integer, double, bignum, null, array, set, map, attrib, push, verbatim,
    true, false.
QUICKLIST-PACKED-THRESHOLD <size>
    Sets the threshold for elements to be inserted as plain vs packed nodes.
    Setting to 0 restores to default.
RELOAD [MERGE] [NOFLUSH] [NOSAVE]
    Write every key in the form that an RDB file has it in, and read it back.
    NOSAVE: read the file that is there. NOFLUSH: do not empty the databases
    before. MERGE: a key that is there makes room for the one that is read.
SDSLEN <key>
    Show low level SDS string info representing `key` and value.
SET-ACTIVE-EXPIRE <0|1>
    Setting it to 0 disables expiring keys in background when they are not
    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the
    default.
SET-SKIP-CHECKSUM-VALIDATION <0|1>
    Enables or disables checksum checks for RESTORE's payload.
SLEEP <seconds>
    Stop the server for <seconds>. Decimals allowed.
STRINGMATCH-TEST
    Run a fuzz tester against the stringmatchlen() function.
STRUCTSIZE
    Return the size of different Redis core C structures."""

CRASH = "this server ends by SHUTDOWN or a signal only"
NO_REPLICAS = "this server has no replicas"
NO_PAGES = "this server's allocator is a model, without pages"
NO_CLUSTER = "this server is in no cluster"
NO_SCRIPTS = "this server runs no scripts"
REFUSED = {
    **dict.fromkeys(("ASSERT", "CRASH-AND-RECOVER", "LEAK", "OOM", "PANIC", "RESTART", "SEGFAULT"), CRASH),
    **dict.fromkeys(("MALLCTL", "MALLCTL-STR"), NO_PAGES),
    **dict.fromkeys(("CLUSTERLINK", "DROP-CLUSTER-PACKET-FILTER"), NO_CLUSTER),
    "REPLICATE": NO_REPLICAS,
    "SET-DISABLE-DENY-SCRIPTS": NO_SCRIPTS,
    "DICT-RESIZING": "this server's tables are always resized",
}
"""What is not to be had here, and why."""


def _refusal(name: str, why: str) -> Handler:
    def refuse(call: Call, args: list[bytes]) -> Reply:
        raise CommandError(f"ERR DEBUG {name} is not supported: {why}.")

    return refuse


for _name, _why in REFUSED.items():
    debug_command(_name, 0, MANY)(_refusal(_name, _why))
