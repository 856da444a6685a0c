package ${{ values.package }}.notes;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * The HTTP interface of notes, as openapi.yaml describes it. The example feature: copy its shape,
 * then delete it.
 */
@RestController
@RequestMapping("/api/v1/notes")
class NoteController {

    record NewNote(@NotBlank @Size(max = 2000) String text) {

        NewNote {
            text = text == null ? null : text.strip();
        }
    }

    record Notes(List<Note> items) {}

    private final NoteStore notes;

    NoteController(NoteStore notes) {
        this.notes = notes;
    }

    @GetMapping
    Notes list(@RequestParam(defaultValue = "20") @Min(1) @Max(100) int limit) {
        return new Notes(notes.newest(limit));
    }

    @PostMapping
    ResponseEntity<Note> create(@RequestBody @Valid NewNote body) {
        var note = notes.add(body.text());
        return ResponseEntity.created(URI.create("/api/v1/notes/" + note.id())).body(note);
    }

    @GetMapping("/{id}")
    Note get(@PathVariable UUID id) {
        return notes.get(id)
                .orElseThrow(
                        () -> new ResponseStatusException(HttpStatus.NOT_FOUND, "There is no such note"));
    }
}
