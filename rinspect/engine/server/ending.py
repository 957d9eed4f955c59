"""How the server ends: by SHUTDOWN or a signal, with a last snapshot or without."""

from __future__ import annotations

from rinspect.engine.server.server import Server

GOODBYE = "Redis is now ready to exit, bye bye..."


def end(server: Server, asked: str, words: frozenset[str] = frozenset()) -> bool:
    """End the server; False, and the log says why, if it goes on. `asked` is what the log says first; `words` are SHUTDOWN's,
    in small letters: without `save` and `nosave` the settings decide whether there is a last snapshot."""
    log, snapshots = server.log, server.snapshots
    (log.notice if server.engine.profile.version >= (7, 2) else log.warning)(asked)
    append_only = server.append_only
    if append_only.rewriting.child is not None:
        if append_only.waits and "force" not in words:
            log.warning("Writing initial AOF, can't exit")
            return False
        log.warning("There is a child rewriting the AOF. Killing it!")
        append_only.rewriting.kill()
    if append_only.on:
        log.notice("Calling fsync() on the AOF file.")
        append_only.sync_now()
    if snapshots.child is not None:
        log.warning("There is a child saving an .rdb. Killing it!")
        snapshots.kill()
    if "save" in words or (server.engine.runtime.config.save and "nosave" not in words):
        log.notice("Saving the final RDB snapshot before exiting.")
        if not snapshots.save():
            if "force" not in words:
                log.warning("Error trying to save the DB, can't exit.")
                return False
            log.warning("Error trying to save the DB. Exit anyway.")
    log.warning(GOODBYE)
    server.loop.stop()
    return True


def end_by_signal(server: Server, name: str) -> None:
    """The same at a signal, SIGTERM or SIGINT; where it goes on, the log says so too."""
    config, words = server.engine.runtime.config, frozenset[str]()
    if server.engine.profile.version >= (7, 0):
        words = frozenset(config.shutdown_on_sigint if name == "SIGINT" else config.shutdown_on_sigterm)
    if not end(server, f"Received {name} scheduling shutdown...", words):
        said = f"{name} received but errors trying to shut down the server, check the logs for more information"
        server.log.warning(said)
