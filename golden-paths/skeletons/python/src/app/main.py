"""Puts the service together."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.exceptions import HTTPException

from app import health
from app.notes import routes as notes
from app.resources import Resources, connect
from app.settings import Settings
from app.telemetry import RequestMetrics, current_trace, instrument

type Connect = Callable[[Settings], AbstractAsyncContextManager[Resources]]


def create_app(settings: Settings, connect: Connect = connect) -> FastAPI:
    """Build the application. Tests hand in a `connect` of their own."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connect(settings) as resources:
            app.state.resources = resources
            yield
        provider.shutdown()

    app = FastAPI(title=settings.otel_service_name, version="0.1.0", lifespan=lifespan)
    registry = CollectorRegistry()
    app.add_middleware(RequestMetrics, registry=registry)
    app.include_router(health.router)
    app.include_router(notes.router)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _failed)

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    provider = instrument(app, settings)
    return app


def _problem(status: int, title: str, detail: str | None = None) -> JSONResponse:
    """RFC 9457, with the trace that helps to find the cause."""
    body = {"title": title, "status": status, "detail": detail, "traceId": current_trace()}
    present = {key: value for key, value in body.items() if value is not None}
    return JSONResponse(present, status_code=status, media_type="application/problem+json")


def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    parts = (f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors())
    return _problem(422, "The request is not valid", "; ".join(parts))


def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    return _problem(error.status_code, error.detail)


def _failed(_: Request, error: Exception) -> JSONResponse:
    return _problem(500, "Something went wrong here")
