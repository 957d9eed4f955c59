"""`rinspect serve`: what ends it before it has begun."""

import pytest

from rinspect.serving import serve


def test_a_server_that_nobody_could_reach_does_not_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert serve(["--port", "0"]) == 1
    assert "Configured to not listen anywhere, exiting." in "".join(capsys.readouterr())
