"""The commands that rules speak of, and their categories."""

import pytest

import rinspect.engine.server  # noqa: F401 (declares the commands about connections and the server)
from rinspect.engine.acl.catalog import CATEGORIES, Catalog
from rinspect.engine.acl.elsewhere import others
from rinspect.engine.profile import PROFILES, profile_named
from tests.engine.both import versions
from tests.engine.server.hosted import Hosted
from tests.real.servers import RealServer


@versions
def test_it_knows_what_the_server_knows(real_server: RealServer) -> None:
    """Also what there is not here."""
    theirs = {}
    for info in real_server.execute("COMMAND"):
        for name, *_, categories in (one[:7] for one in (info, *(info[9] if len(info) > 9 else ()))):
            theirs[name.decode().lower()] = {category.decode()[1:] for category in categories}
    assert Catalog(profile_named(real_server.profile)).categories == theirs


@versions
def test_categories_and_what_is_in_them(real_server: RealServer) -> None:
    with Hosted(real_server.profile) as hosted:
        assert hosted.execute("ACL", "CAT") == real_server.execute("ACL", "CAT")
        for category in CATEGORIES:
            ours, theirs = (
                execute("ACL", "CAT", category.upper()) for execute in (hosted.execute, real_server.execute)
            )
            assert sorted(ours) == sorted(theirs)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_category_is_one_of_the_servers(profile: str) -> None:
    catalog = Catalog(profile_named(profile))
    assert set().union(*catalog.categories.values()) == set(CATEGORIES)


def test_what_came_with_which_version() -> None:
    names = {profile: set(others(facts.version)) for profile, facts in PROFILES.items()}
    assert "stralgo" in names["6.2"] - names["7.0"]
    assert "fcall" in names["7.0"] - names["6.2"]
    assert names["7.0"] == names["7.2"] == names["7.4"]
    assert "vadd" in names["8.0"] - names["7.4"]
    assert not any("|" in name for name in names["6.2"])


def test_a_command_is_known_by_the_name_it_was_born_with() -> None:
    with Hosted("7.2") as hosted:
        hosted.engine.commands.rename(b"GET", b"FETCH")
        hosted.engine.commands.rename(b"KEYS", b"")
        assert hosted.execute("ACL", "SETUSER", "ada", "on", "nopass", "~k", "+get", "+keys") == b"OK"
        assert "Unknown command" in str(hosted.execute("ACL", "SETUSER", "ada", "+fetch"))
        ada = hosted.another()
        ada.execute("AUTH", "ada", "x")
        assert ada.execute("FETCH", "k") is None
        assert "'set' command" in str(ada.execute("SET", "k", "v"))
