package ${{ values.package }}.notes;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Keeps notes. */
public interface NoteStore {

    Note add(String text);

    Optional<Note> get(UUID id);

    /** At most {@code limit} notes, the newest first. */
    List<Note> newest(int limit);
}
