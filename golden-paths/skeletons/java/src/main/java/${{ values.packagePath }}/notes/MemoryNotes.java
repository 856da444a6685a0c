package ${{ values.package }}.notes;

import java.time.Clock;
import java.time.Instant;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedDeque;

/** Keeps notes until the process ends. */
public final class MemoryNotes implements NoteStore {

    private final Deque<Note> notes = new ConcurrentLinkedDeque<>();
    private final Clock clock;

    public MemoryNotes(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Note add(String text) {
        var note = new Note(UUID.randomUUID(), text, Instant.now(clock));
        notes.addFirst(note);
        return note;
    }

    @Override
    public Optional<Note> get(UUID id) {
        return notes.stream().filter(note -> note.id().equals(id)).findFirst();
    }

    @Override
    public List<Note> newest(int limit) {
        return notes.stream().limit(limit).toList();
    }
}
