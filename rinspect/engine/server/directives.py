"""What lines of a configuration file do that are no settings: rename-command, user, loadmodule."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.config.reader import Directive
from rinspect.engine.engine import Engine
from rinspect.engine.server.users import complaint

NO_MODULES = "No modules can be loaded here"


def act_on(directives: Sequence[Directive], engine: Engine) -> list[Directive]:
    """Do what the lines say, in their order; ConfigFileError at the first that cannot be done.

    Those about users are only looked at: they are returned, for `users.load_at_start`.
    """
    declared: list[Directive] = []
    for directive in directives:
        if directive.words[0] == "rename-command":
            reason = _rename(engine, *directive.words[1:])
        elif directive.words[0] == "user":
            reason = complaint(directive, declared, engine)
            declared.append(directive)
        else:
            reason = NO_MODULES
        if reason:
            raise directive.error(reason, engine.profile)
    return declared


def _rename(engine: Engine, old: str, new: str) -> str:
    names = [name.encode(errors="surrogateescape").upper() for name in (old, new)]
    if names[0] not in engine.commands:
        return "No such command in rename-command"
    if names[1] != names[0] and names[1] in engine.commands:
        return "Target command name already exists"
    engine.commands.rename(*names)
    return ""
