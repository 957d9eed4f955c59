"""Where users come from when a server starts, and where they are kept: `user` lines of the configuration, or a file of
their own (`aclfile`)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from rinspect.engine.acl import rules
from rinspect.engine.acl.aclfile import AclFileError, read
from rinspect.engine.acl.rules import RuleError, UnmatchedParenthesis, has_spaces, with_whole_selectors
from rinspect.engine.acl.user import User
from rinspect.engine.acl.users import DEFAULT
from rinspect.engine.config.kinds import decoded, encoded
from rinspect.engine.config.reader import Directive
from rinspect.engine.engine import Engine
from rinspect.engine.server.log import Log

NOT_BOTH = (
    "Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is invalid. This setup is"
    " very likely to lead to configuration errors and security holes, please define either an ACL file or declare users"
    " directly in your redis.conf, but not both."
)


class CannotStart(Exception):
    """The users that a configuration names cannot be had; the log says why."""


def complaint(directive: Directive, earlier: Sequence[Directive], engine: Engine) -> str:
    """What is wrong with a `user` line, empty if nothing. Commands that are not known are no matter yet."""
    version = engine.profile.version
    words = directive.words
    if version >= (7, 0) and words[1] in (other.words[1] for other in earlier):
        return _wrong(words[1], rules.DUPLICATE_USER)
    try:
        whole = with_whole_selectors([encoded(word) for word in words[2:]], version)
    except UnmatchedParenthesis as error:
        return _wrong(words[error.place], "Wrong format")  # (7.0 repeats whichever error it met last)
    user = engine.users.new(encoded(words[1]))
    for at, rule in enumerate(whole):
        try:
            user.apply(rule)
        except RuleError as error:
            if str(error) != rules.UNKNOWN_COMMAND:
                # (From 7.0 on it counts from the first rule, and then repeats another word.)
                return _wrong(words[at if version >= (7, 0) else at + 2], str(error))
    return ""


def _wrong(word: str, reason: str) -> str:
    return f"Error in user declaration '{word}': {reason}"


def load_at_start(engine: Engine, declared: Sequence[Directive], log: Log) -> None:
    """Have the users that the configuration names. CannotStart if that is not possible, when the log has been told why."""
    if engine.runtime.config.aclfile and declared:
        log.warning(NOT_BOTH)
        raise CannotStart
    for directive in declared:
        _load(engine, directive, log)
    if engine.runtime.config.aclfile:
        try:
            engine.users.replace(load(engine))
        except AclFileError as error:
            said = f"Aborting Redis startup because of ACL errors: {error}"
            log.warning(said)
            raise CannotStart from None


def _load(engine: Engine, directive: Directive, log: Log) -> None:
    name, *words = map(encoded, directive.words[1:])
    users, version = engine.users, engine.profile.version
    if has_spaces(name):
        _give_up(log, "Spaces not allowed in ACL usernames")
    user = users.new(name)
    if name == DEFAULT or (users.find(name) is not None and version < (7, 0)):
        user.apply(b"reset")
    for rule in with_whole_selectors(words, version):
        try:
            user.apply(rule)
        except RuleError as error:
            _give_up(
                log, f"Error loading ACL rule '{decoded(rule)}' for the user named '{directive.words[1]}': {error}"
            )
    users.put(user)
    _note_if_off(user, log)


def _give_up(log: Log, why: str) -> None:
    log.warning(why)
    log.warning("Critical error while loading ACLs. Exiting.")
    raise CannotStart


def _note_if_off(user: User, log: Log) -> None:
    if not user.enabled:
        said = (
            f"The user '{decoded(user.name)}' is disabled (there is no 'on' modifier in the user description). Make sure this"
            " is not a configuration error."
        )
        log.notice(said)


def load(engine: Engine) -> dict[bytes, User]:
    """The users in the ACL file; AclFileError if it cannot be read, or is wrong."""
    name = engine.runtime.config.aclfile
    try:
        content = Path(name).read_bytes()
    except OSError as error:
        raise AclFileError(f"Error loading ACLs, opening file '{name}': {os.strerror(error.errno or 0)}") from None
    return read(content, name, engine.users.new, engine.profile.version)
