"""What a note is."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints
from pydantic.alias_generators import to_camel

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class NewNote(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(extra="forbid")

    text: Text


class Note(BaseModel):
    """A note as it is kept."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, populate_by_name=True)

    id: UUID
    text: str
    created_at: datetime


class Notes(BaseModel):
    """A page of notes."""

    items: list[Note]
