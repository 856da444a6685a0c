package ${{ values.package }}.notes;

import java.time.Instant;
import java.util.UUID;

/** A note as it is kept. */
public record Note(UUID id, String text, Instant createdAt) {}
