{% set needed = ['DATABASE_URL'] if values.database == 'postgresql' else [] %}
{% set needed = needed.concat(['REDIS_URL']) if values.cache == 'redis' else needed %}
{% set needed = needed.concat(['AMQP_URL']) if values.queue == 'rabbitmq' else needed %}
"""The service with what it really talks to; what is not there is skipped, by name."""

import os
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings

NEEDED: list[str] = ${{ needed | dump | replace('","', '", "') }}
MISSING = [name for name in NEEDED if name not in os.environ]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not set: {', '.join(MISSING)}")


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings())) as client:
        yield client


def test_it_becomes_ready(client: TestClient) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200, answer.text
    assert set(answer.json()["checks"].values()) <= {"ok"}


def test_a_note_survives_a_new_connection(client: TestClient) -> None:
    made = client.post("/api/v1/notes", json={"text": "remember"}).json()

    for _ in range(2):
        assert client.get(f"/api/v1/notes/{made['id']}").json() == made
    assert client.get("/api/v1/notes?limit=1").json()["items"] == [made]
