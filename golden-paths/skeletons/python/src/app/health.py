"""Whether the process lives, and whether it can do its work."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

CHECK_SECONDS = 2.0

log = logging.getLogger(__name__)
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Check:
    """A thing that the service needs. Without an optional one it works, only slower."""

    probe: Callable[[], Awaitable[object]]
    required: bool = True


async def _state(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check.probe()
    except Exception as error:
        fields = {"dependency": name, "error": type(error).__name__}
        log.warning("dependency unavailable", extra={"fields": fields})
        return False
    return True


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the process lives; it asks nobody, so that no outage restarts it."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(request: Request, response: Response) -> dict[str, object]:
    """Ask everything that the service needs."""
    checks: Mapping[str, Check] = request.app.state.resources.checks
    answers = await asyncio.gather(*(_state(name, check) for name, check in checks.items()))
    states = dict(zip(checks, answers, strict=True))
    ready = all(well for name, well in states.items() if checks[name].required)
    if not ready:
        response.status_code = 503
    return {
        "status": "ready" if ready else "unavailable",
        "checks": {name: "ok" if well else "unavailable" for name, well in states.items()},
    }
