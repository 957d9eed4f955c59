"""What lines of a configuration file do that are no settings: rename-command, user, loadmodule."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.config.reader import Directive
from rinspect.engine.engine import Engine

ONE_USER = "There is only one user here, 'default', who may do everything"
NO_MODULES = "No modules can be loaded here"


def act_on(directives: Sequence[Directive], engine: Engine) -> None:
    """Do what the lines say, in their order; ConfigFileError at the first that cannot be done."""
    for directive in directives:
        reason = _refused(directive, engine)
        if reason:
            raise directive.error(reason, engine.profile)


def _refused(directive: Directive, engine: Engine) -> str:
    """Why a line cannot be obeyed; empty if it could."""
    if directive.words[0] == "rename-command":
        return _rename(engine, *directive.words[1:])
    if directive.words[0] == "user":
        # CONFIG REWRITE writes one such line.
        return "" if list(directive.words) == engine.runtime.config.default_user.split() else ONE_USER
    return NO_MODULES


def _rename(engine: Engine, old: str, new: str) -> str:
    names = [name.encode(errors="surrogateescape").upper() for name in (old, new)]
    if names[0] not in engine.commands:
        return "No such command in rename-command"
    if names[1] != names[0] and names[1] in engine.commands:
        return "Target command name already exists"
    engine.commands.rename(*names)
    return ""
