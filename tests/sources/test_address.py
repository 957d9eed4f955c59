"""Where a server is: URLs and redis-cli's flags."""

from __future__ import annotations

import argparse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect import cli, startup
from rinspect.sources.server.address import Address, BadAddress, parse_url


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://", Address()),
        ("redis://example", Address("example")),
        ("redis://example:7000/3", Address("example", 7000, database=3)),
        ("redis://:secret@example", Address("example", password="secret")),
        ("redis://secret@example", Address("example", password="secret")),
        ("redis://ada:secret@example", Address("example", username="ada", password="secret")),
        ("redis://a%40b:s%2Fx%3A@example", Address("example", username="a@b", password="s/x:")),
        ("redis://[::1]:7000", Address("::1", 7000)),
        ("rediss://example", Address("example", tls=True)),
        ("valkey://example", Address("example")),
        ("valkeys://example:1/2", Address("example", 1, database=2, tls=True)),
        ("redis://example?db=4", Address("example", database=4)),
        ("unix:///run/redis.sock", Address(unix="/run/redis.sock")),
        ("unix:///run/a%20b.sock?db=2", Address(unix="/run/a b.sock", database=2)),
        ("unix://ada:secret@/run/redis.sock", Address(unix="/run/redis.sock", username="ada", password="secret")),
    ],
)
def test_urls(url: str, address: Address) -> None:
    assert parse_url(url) == address


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("example:6379", "write redis://host:port/database"),
        ("http://example", "not a scheme"),
        ("REDIS://example", "not a scheme"),
        ("redis://example:port", "not a number"),
        ("redis://example:99999", "not a number"),
        ("redis://example/x", "database"),
        ("unix://", "names the socket's path"),
        ("ada:secret@example", "write redis://"),
        ("http://ada:secret@example", "not a scheme"),
        ("redis://ada:secret@example:port", "not a number"),
        ("redis://ada:secret@example/nodb", "database"),
        ("redis://[::1", "bracket"),
    ],
)
def test_what_is_no_address_says_why_and_repeats_no_password(url: str, says: str) -> None:
    with pytest.raises(BadAddress) as error:
        parse_url(url)
    assert says in str(error.value)
    assert "secret" not in str(error.value)


@given(st.text(max_size=40))
def test_any_url_is_an_address_or_refused(text: str) -> None:
    for url in (text, f"redis://{text}"):
        try:
            address = parse_url(url)
        except BadAddress:
            continue
        assert 0 <= address.port <= 65535
        assert address.database >= 0


def test_a_password_is_in_no_text() -> None:
    address = parse_url("redis://ada:secret@example:7000/1")
    assert "secret" not in repr(address)
    assert address.label == "example:7000"
    assert Address("::1").label == "[::1]:6379"
    assert Address(unix="/run/redis.sock").label == "/run/redis.sock"


# -- flags ------------------------------------------------------------------------------------------------------------


def options(*flags: str) -> argparse.Namespace:
    return cli._screen_parser(cli._common()).parse_args(list(flags))


@pytest.fixture(autouse=True)
def _no_password_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDISCLI_AUTH", raising=False)


@pytest.mark.parametrize(
    ("flags", "address"),
    [
        ([], None),
        (["-h", "example"], Address("example")),
        (["-p", "7000"], Address(port=7000)),
        (["-h", "example", "-p", "7000", "-n", "3"], Address("example", 7000, database=3)),
        (["-s", "/run/redis.sock"], Address(unix="/run/redis.sock")),
        (["-u", "redis://example:1/2"], Address("example", 1, database=2)),
        (
            ["-h", "example", "--tls", "--insecure", "--sni", "name"],
            Address("example", tls=True, insecure=True, sni="name"),
        ),
        (
            ["-h", "example", "--cacert", "a", "--cert", "b", "--key", "c"],
            Address("example", cacert="a", cert="b", key="c"),
        ),
        (["-h", "example", "--user", "ada", "-a", "secret"], Address("example", username="ada", password="secret")),
        (["-h", "example", "--pass", "secret"], Address("example", password="secret")),
    ],
)
def test_flags_of_redis_cli(flags: list[str], address: Address | None) -> None:
    assert startup.address(options(*flags), None) == address


def test_a_source_goes_before_flags_but_keeps_what_it_does_not_say() -> None:
    found = startup.address(options("-p", "7000", "--user", "ada", "-n", "2"), "redis://example")
    assert found == Address("example", 7000, username="ada", database=2)
    assert startup.address(options("-p", "7000"), startup.BUILT_IN) is None


def test_where_a_password_comes_from(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    startup._warn_of_processes.cache_clear()
    monkeypatch.setenv("REDISCLI_AUTH", "from-environment")

    def password(*flags: str, url: str | None = None) -> str:
        found = startup.address(options(*flags), url)
        assert found is not None
        return found.password

    assert password("-h", "example") == "from-environment"
    assert capsys.readouterr().err == ""
    assert password("-h", "example", url="redis://:from-url@example") == "from-url"
    assert "process" in capsys.readouterr().err
    assert password("-h", "example", "-a", "from-flag", url="redis://:from-url@example") == "from-flag"
    assert "from-" not in capsys.readouterr().err
    monkeypatch.setattr("getpass.getpass", lambda prompt: "asked")
    assert password("-h", "example", "--askpass", "-a", "from-flag") == "asked"
