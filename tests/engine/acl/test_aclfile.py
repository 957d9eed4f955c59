"""What of an ACL file cannot be compared with a server: it would fall over it."""

import pytest

from rinspect.engine import Engine
from rinspect.engine.acl.aclfile import NOTHING_DONE, AclFileError, read


@pytest.mark.parametrize("profile", ["7.0", "8.0"])
def test_a_selector_that_does_not_end(profile: str) -> None:
    users = Engine(profile).users
    with pytest.raises(AclFileError) as error:
        read(b"user ada on\nuser bob on (~a +get", "users.acl", users.new, users.catalog.version)
    assert str(error.value) == f"users.acl:2: Unmatched parenthesis in selector definition.{NOTHING_DONE}"
