from uuid import uuid4

import pytest
from fastapi.testclient import TestClient


def test_a_note_that_was_kept_can_be_read(client: TestClient) -> None:
    made = client.post("/api/v1/notes", json={"text": "  buy milk "})

    assert made.status_code == 201
    assert made.json()["text"] == "buy milk"
    assert client.get(made.headers["Location"]).json() == made.json()


def test_the_newest_note_comes_first(client: TestClient) -> None:
    for text in ("one", "two", "three"):
        client.post("/api/v1/notes", json={"text": text})

    listed = client.get("/api/v1/notes", params={"limit": 2}).json()["items"]

    assert [note["text"] for note in listed] == ["three", "two"]


@pytest.mark.parametrize(
    "body", [{}, {"text": " "}, {"text": "x" * 2001}, {"text": "a", "by": "me"}]
)
def test_what_is_no_note_is_refused_with_the_reason(
    client: TestClient, body: dict[str, str]
) -> None:
    answer = client.post("/api/v1/notes", json=body)

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "body." in answer.json()["detail"]


def test_a_note_that_is_not_there_is_a_problem(client: TestClient) -> None:
    answer = client.get(f"/api/v1/notes/{uuid4()}")

    assert answer.status_code == 404
    assert answer.json()["title"] == "There is no such note"
