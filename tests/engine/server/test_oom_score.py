"""The score for the kernel's killer, as settings want it."""

from pathlib import Path

import pytest

from rinspect.engine.server.oom_score import OomScore
from tests.engine.server.hosted import Hosted


def test_the_score_follows_the_settings_and_comes_back(tmp_path: Path) -> None:
    score = tmp_path / "oom_score_adj"
    score.write_text("22\n")
    with Hosted() as hosted:
        OomScore(hosted.engine.runtime.config, hosted.server.log, score)

        def after(*words: str) -> int:
            assert hosted.execute("CONFIG", "SET", *words) == b"OK"
            return int(score.read_text())

        assert after("oom-score-adj-values", "9 200 800") == 22
        assert after("oom-score-adj", "yes") == 31
        assert after("oom-score-adj-values", "-7 200 800") == 15
        assert after("oom-score-adj", "absolute") == -7
        assert after("oom-score-adj-values", "1500 200 800") == 1000
        assert after("oom-score-adj", "relative") == 1000
        assert after("oom-score-adj", "no") == 22
        score.write_text("5\n")
        assert after("oom-score-adj-values", "1 2 3") == 5


@pytest.mark.parametrize("profile", ["6.2", "7.0"])
def test_a_score_that_may_not_be_had_changes_nothing(tmp_path: Path, profile: str) -> None:
    with Hosted(profile) as hosted:
        OomScore(hosted.engine.runtime.config, hosted.server.log, tmp_path / "none" / "oom_score_adj")
        said = hosted.execute("CONFIG", "SET", "maxclients", "99", "oom-score-adj", "yes")
        if profile == "6.2":
            said = hosted.execute("CONFIG", "SET", "oom-score-adj", "yes")
        assert "Failed to set current oom_score_adj. Check server logs." in str(said)
        assert hosted.execute("CONFIG", "GET", "oom-score-adj") == [b"oom-score-adj", b"no"]
        assert hosted.execute("CONFIG", "GET", "maxclients") == [b"maxclients", b"10000"]
        assert "Unable to change oom_score_adj: No such file or directory" in "".join(hosted.said)
