"""`rinspect serve`: what ends it before it has begun."""

from pathlib import Path

import pytest

from rinspect.serving import serve


def test_a_server_that_nobody_could_reach_does_not_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert serve(["--port", "0"]) == 1
    assert "Configured to not listen anywhere, exiting." in "".join(capsys.readouterr())


def test_users_that_cannot_be_had_end_the_start(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    missing = tmp_path / "users.acl"
    assert serve(["--port", "0", "--aclfile", str(missing)]) == 1
    assert f"Aborting Redis startup because of ACL errors: Error loading ACLs, opening file '{missing}'" in "".join(
        capsys.readouterr()
    )
    assert serve(["--port", "0", "--user", "ada", "on", "foo"]) == 1
    assert "Error in user declaration 'ada': Syntax error" in "".join(capsys.readouterr())
