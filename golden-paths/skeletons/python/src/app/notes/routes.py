"""The HTTP interface of notes, as openapi.yaml describes it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from app.notes.model import NewNote, Note, Notes
from app.notes.store import NoteStore

router = APIRouter(prefix="/api/v1/notes", tags=["notes"])


def _store(request: Request) -> NoteStore:
    store: NoteStore = request.app.state.resources.notes
    return store


Store = Annotated[NoteStore, Depends(_store)]


@router.get("", operation_id="listNotes")
async def list_notes(store: Store, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Notes:
    """List the newest notes first."""
    return Notes(items=await store.newest(limit))


@router.post("", status_code=201, operation_id="createNote")
async def create_note(new: NewNote, store: Store, response: Response) -> Note:
    """Keep a note."""
    note = await store.add(new.text)
    response.headers["Location"] = f"/api/v1/notes/{note.id}"
    return note


@router.get("/{note_id}", operation_id="getNote")
async def get_note(note_id: UUID, store: Store) -> Note:
    """Read one note."""
    note = await store.get(note_id)
    if note is None:
        raise HTTPException(404, "There is no such note")
    return note
