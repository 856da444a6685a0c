"""Where notes are kept."""

from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID, uuid4

from app.notes.model import Note


class NoteStore(Protocol):
    """Keeps notes."""

    async def add(self, text: str) -> Note:
        """Keep a new note."""
        ...

    async def get(self, note_id: UUID) -> Note | None:
        """Find one note."""
        ...

    async def newest(self, limit: int) -> list[Note]:
        """Find at most `limit` notes, the newest first."""
        ...

    async def ping(self) -> None:
        """Raise when notes cannot be reached."""
        ...


class MemoryNotes:
    """Keeps notes until the process ends: for tests{% if values.database == 'none' %}, and until there is a database{% endif %}."""

    def __init__(self) -> None:
        """Begin empty."""
        self._notes: dict[UUID, Note] = {}

    async def add(self, text: str) -> Note:
        """Keep a new note."""
        note = Note(id=uuid4(), text=text, created_at=datetime.now(UTC))
        self._notes[note.id] = note
        return note

    async def get(self, note_id: UUID) -> Note | None:
        """Find one note."""
        return self._notes.get(note_id)

    async def newest(self, limit: int) -> list[Note]:
        """Find at most `limit` notes, the newest first."""
        return list(reversed(self._notes.values()))[:limit]

    async def ping(self) -> None:
        """Memory is always there."""
