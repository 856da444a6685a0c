"""What the service talks to: opened at start, closed at the end."""

from collections.abc import AsyncIterator, Mapping
from contextlib import {% if values.database != 'none' or values.cache != 'none' or values.queue != 'none' %}AsyncExitStack, {% endif %}asynccontextmanager
from dataclasses import dataclass, field

{% if values.cache == 'redis' %}
from app.cache import CachedNotes, open_redis
{% endif %}
{% if values.queue == 'rabbitmq' %}
from app.events import AnnouncedNotes, open_events
{% endif %}
from app.health import Check
from app.notes.store import {% if values.database == 'none' %}MemoryNotes, {% endif %}NoteStore
{% if values.database == 'postgresql' %}
from app.postgres import PostgresNotes, open_pool
{% endif %}
from app.settings import Settings


@dataclass(frozen=True)
class Resources:
    """What handlers use, and what readiness asks."""

    notes: NoteStore
    checks: Mapping[str, Check] = field(default_factory=dict)


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[Resources]:
    """Open everything that the settings name."""
{% if values.database != 'none' or values.cache != 'none' or values.queue != 'none' %}
    checks: dict[str, Check] = {}
    async with AsyncExitStack() as stack:
{% if values.database == 'postgresql' %}
        pool = await stack.enter_async_context(open_pool(settings))
        notes: NoteStore = PostgresNotes(pool)
        checks["database"] = Check(notes.ping)
{% else %}
        notes: NoteStore = MemoryNotes()
{% endif %}
{% if values.cache == 'redis' %}
        redis = await stack.enter_async_context(open_redis(settings))
        notes = CachedNotes(notes, redis)
        checks["cache"] = Check(redis.ping, required=False)
{% endif %}
{% if values.queue == 'rabbitmq' %}
        events = await stack.enter_async_context(open_events(settings))
        notes = AnnouncedNotes(notes, events)
        checks["queue"] = Check(events.ping)
{% endif %}
        yield Resources(notes, checks)
{% else %}
    del settings  # nothing to connect to yet
    yield Resources(MemoryNotes())
{% endif %}
