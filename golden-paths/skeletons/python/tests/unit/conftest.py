"""The whole application over memory."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from fastapi.testclient import TestClient

from app.health import Check
from app.main import create_app
from app.notes.store import MemoryNotes
from app.resources import Resources
from app.settings import Settings


class Outage:
    """A dependency that can be switched off."""

    down = False

    async def probe(self) -> None:
        if self.down:
            raise ConnectionError


@pytest.fixture
def settings() -> Settings:
    return Settings.model_construct(otel_service_name="test", log_level="info", port=8080)


@pytest.fixture
def outage() -> Outage:
    return Outage()


@pytest.fixture
def client(settings: Settings, outage: Outage) -> Iterator[TestClient]:
    @asynccontextmanager
    async def connect(_: Settings) -> AsyncIterator[Resources]:
        checks = {
            "store": Check(outage.probe),
            "extra": Check(outage.probe, required=False),
        }
        yield Resources(MemoryNotes(), checks)

    with TestClient(create_app(settings, connect), raise_server_exceptions=False) as client:
        yield client
