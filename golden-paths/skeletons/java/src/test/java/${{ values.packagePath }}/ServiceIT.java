package ${{ values.package }};

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
{% if values.database != 'none' or values.cache != 'none' or values.queue != 'none' %}
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
{% endif %}
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The service with what it really talks to; what is not there is skipped, by name. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
{% if values.database == 'postgresql' %}
@EnabledIfEnvironmentVariable(named = "DATABASE_URL", matches = ".+")
{% endif %}
{% if values.cache == 'redis' %}
@EnabledIfEnvironmentVariable(named = "REDIS_URL", matches = ".+")
{% endif %}
{% if values.queue == 'rabbitmq' %}
@EnabledIfEnvironmentVariable(named = "AMQP_URL", matches = ".+")
{% endif %}
class ServiceIT {

    private final HttpClient client = HttpClient.newHttpClient();

    @LocalServerPort private int port;

    private HttpResponse<String> call(String path, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
        if (body != null) {
            request.header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void itLivesAndBecomesReady() throws Exception {
        assertThat(call("/healthz", null).statusCode()).isEqualTo(200);
        var ready = call("/readyz", null);
        assertThat(ready.statusCode()).as(ready.body()).isEqualTo(200);
    }

    @Test
    void aNoteIsKeptAndRequestsAreCounted() throws Exception {
        var made = call("/api/v1/notes", "{\"text\": \"remember\"}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        var path = made.headers().firstValue("Location").orElseThrow();
        for (var read = 0; read < 2; read++) {
            assertThat(call(path, null).body()).contains("remember");
        }

        assertThat(call("/metrics", null).body())
                .contains("http_server_requests_seconds_bucket")
                .contains("uri=\"/api/v1/notes/{id}\"");
    }
}
