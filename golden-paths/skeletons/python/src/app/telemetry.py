"""Traces and RED metrics of every request."""

import logging
import time

from fastapi import FastAPI
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import CollectorRegistry, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import Settings

# Asked every few seconds by the platform: they would bury everything else.
QUIET = {"/healthz", "/readyz", "/metrics"}

log = logging.getLogger("access")


def instrument(app: FastAPI, settings: Settings) -> TracerProvider:
    """Give each request a span; the provider has to be shut down at the end."""
    resource = Resource.create({"service.name": settings.otel_service_name})
    provider = TracerProvider(resource=resource)
    if settings.otel_exporter_otlp_endpoint:
        endpoint = f"{settings.otel_exporter_otlp_endpoint.rstrip('/')}/v1/traces"
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    FastAPIInstrumentor.instrument_app(
        app, tracer_provider=provider, excluded_urls=",".join(sorted(QUIET))
    )
    return provider


class RequestMetrics:
    """Counts and times requests by route, and writes the access log."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        """Wrap `app`; the figures are collected in `registry`."""
        self._app = app
        self._duration = Histogram(
            "http_server_request_duration_seconds",
            "Duration of HTTP requests",
            ["http_request_method", "http_route", "http_response_status_code"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note how it went."""
        if scope["type"] != "http" or scope["path"] in QUIET:
            await self._app(scope, receive, send)
            return
        status = 500
        began = time.perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            seconds = time.perf_counter() - began
            # The pattern, not the path: each id would be a series of its own.
            route = getattr(scope.get("route"), "path", "unmatched")
            self._duration.labels(scope["method"], route, str(status)).observe(seconds)
            fields = {
                "method": scope["method"],
                "route": route,
                "status": status,
                "duration_ms": round(seconds * 1000, 1),
            }
            log.info("request", extra={"fields": fields})


def current_trace() -> str | None:
    """The trace of the request at hand, to be told to whoever reports a problem."""
    span = trace.get_current_span().get_span_context()
    return trace.format_trace_id(span.trace_id) if span.is_valid else None
