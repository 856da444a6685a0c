import json
import logging

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import TracerProvider
from pydantic import ValidationError

from app.logs import JsonFormatter
from app.settings import Settings

from .conftest import Outage


def test_the_process_lives_whatever_else_is_down(client: TestClient, outage: Outage) -> None:
    outage.down = True

    assert client.get("/healthz").status_code == 200


def test_readiness_names_what_is_down(client: TestClient, outage: Outage) -> None:
    assert client.get("/readyz").json()["status"] == "ready"

    outage.down = True
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"store": "unavailable", "extra": "unavailable"}


def test_requests_are_counted_by_route_and_status(client: TestClient) -> None:
    client.get("/api/v1/notes/00000000-0000-0000-0000-000000000000")

    figures = client.get("/metrics").text

    labels = 'http_request_method="GET",http_response_status_code="404"'
    route = 'http_route="/api/v1/notes/{note_id}"'
    assert f"http_server_request_duration_seconds_count{{{labels},{route}}} 1.0" in figures


def test_a_log_line_is_json_with_its_trace() -> None:
    record = logging.LogRecord("app", logging.INFO, __file__, 1, "안녕 %s", ("you",), None)
    with TracerProvider().get_tracer("test").start_as_current_span("work") as span:
        line = json.loads(JsonFormatter().format(record))

    assert line["message"] == "안녕 you"
    assert line["trace_id"] == f"{span.get_span_context().trace_id:032x}"


def test_a_wrong_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")

    with pytest.raises(ValidationError, match="port"):
        Settings()
