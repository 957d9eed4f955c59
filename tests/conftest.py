"""What every test may ask for."""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.real.catalog import BUILDS
from tests.real.servers import RealServer, Servers, missing_builds

# A slow machine is no failure, hence no deadlines. The same examples come every time: what a change did not cause must
# not stop it. `make fuzz` looks for new ones.
settings.register_profile("same", deadline=None, derandomize=True, database=None)
settings.register_profile("fuzz", deadline=None, max_examples=1000)
settings.load_profile("same")


@pytest.fixture(scope="session")
def real_servers() -> Iterator[Servers]:
    """The real servers by profile, for a test that needs a certain one or several."""
    servers = Servers()
    yield servers
    servers.stop()


@pytest.fixture(params=[pytest.param(build.profile, id=build.name) for build in BUILDS])
def real_server(request: pytest.FixtureRequest, real_servers: Servers) -> RealServer:
    """Each real server in turn, emptied and with its default settings. ``parametrize("real_server", ["7.0"],
    indirect=True)`` asks for certain ones."""
    return real_servers.get(request.param)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"real_server", "real_servers"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.real)


def pytest_report_header() -> str:
    missing = [f"{build.name} ({build.advice})" for build in missing_builds()]
    return "real servers: " + ("all here" if not missing else "missing " + ", ".join(missing))
