package ${{ values.package }}.notes;

import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.emptyOrNullString;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.post;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.content;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.jsonPath;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import java.time.Clock;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Bean;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.ResultActions;

@WebMvcTest(NoteController.class)
class NoteControllerTest {

    @TestConfiguration
    static class Memory {

        @Bean
        NoteStore notes() {
            return new MemoryNotes(Clock.systemUTC());
        }
    }

    @Autowired private MockMvc mvc;

    private ResultActions send(String body) throws Exception {
        return mvc.perform(
                post("/api/v1/notes").contentType(MediaType.APPLICATION_JSON).content(body));
    }

    @Test
    void aNoteThatWasKeptCanBeRead() throws Exception {
        var made = send("{\"text\": \"  buy milk \"}").andExpect(status().isCreated()).andReturn();
        var location = made.getResponse().getHeader("Location");

        mvc.perform(get(location))
                .andExpect(status().isOk())
                .andExpect(jsonPath("$.text").value("buy milk"));
    }

    @Test
    void theNewestNoteComesFirst() throws Exception {
        for (var text : new String[] {"one", "two", "three"}) {
            send("{\"text\": \"" + text + "\"}");
        }

        mvc.perform(get("/api/v1/notes").param("limit", "2"))
                .andExpect(jsonPath("$.items[*].text").value(contains("three", "two")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"text\": \" \"}", "{\"text\": \"a\", \"by\": \"me\"}", "text"})
    void whatIsNoNoteIsRefusedWithTheReason(String body) throws Exception {
        send(body)
                .andExpect(status().isUnprocessableContent())
                .andExpect(content().contentTypeCompatibleWith(MediaType.APPLICATION_PROBLEM_JSON))
                .andExpect(jsonPath("$.detail").value(not(emptyOrNullString())));
    }

    @Test
    void aNoteThatIsNotThereIsAProblem() throws Exception {
        mvc.perform(get("/api/v1/notes/" + UUID.randomUUID()))
                .andExpect(status().isNotFound())
                .andExpect(jsonPath("$.detail").value("There is no such note"));
    }
}
