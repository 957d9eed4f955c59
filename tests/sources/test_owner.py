"""Who takes their own rights away, and who may come back."""

from __future__ import annotations

import pytest

from rinspect.engine.replies import OK, CommandError
from rinspect.sources.source import Refused
from tests.sources.test_engine_source import opened, run


@pytest.mark.parametrize(
    ("commands", "locked_out"),
    [
        ("", False),
        ("ACL SETUSER default -@all", True),
        ("ACL SETUSER default -@all +acl|setuser", False),
        # Who is logged in stays so, until the connection is another one.
        ("ACL SETUSER default off", False),
        ("ACL SETUSER default off;RESET", True),
        ("ACL SETUSER default resetpass;RESET", True),
        ("CONFIG SET requirepass x;RESET", True),
        ("ACL SETUSER bob on nopass;AUTH bob x", False),
        ("ACL SETUSER bob on nopass;CONFIG SET requirepass x;AUTH bob x", True),
        ("ACL SETUSER eve on nopass +@all;ACL SETUSER default -@all", False),
        ("ACL SETUSER eve nopass +@all;ACL SETUSER default -@all", True),
    ],
)
async def test_the_engine_is_always_its_users(commands: str, locked_out: bool) -> None:
    async with opened() as source:
        for reply in await run(source, commands.replace(";", "\n")):
            assert not isinstance(reply, CommandError)
        assert bool((await source.info()).notice) == locked_out
        if not locked_out:
            with pytest.raises(Refused):
                await source.regain()
            return
        await source.regain()
        info = await source.info()
        assert (info.notice, info.user) == ("", b"default")
        assert await run(source, "ACL SETUSER default on\nSET a 1") == [OK, OK]
