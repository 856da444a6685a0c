package ${{ values.package }};

{% if values.database == 'none' %}
import ${{ values.package }}.notes.MemoryNotes;
{% endif %}
import ${{ values.package }}.notes.NoteStore;
{% if values.database == 'none' %}
import java.time.Clock;
{% else %}
import com.zaxxer.hikari.HikariDataSource;
import java.net.URI;
import javax.sql.DataSource;
{% endif %}
{% if values.queue == 'rabbitmq' %}
import org.springframework.amqp.core.TopicExchange;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
{% endif %}
{% if values.database != 'none' %}
import org.springframework.beans.factory.annotation.Value;
{% endif %}
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
{% if values.cache == 'redis' %}
import org.springframework.data.redis.core.StringRedisTemplate;
{% endif %}
{% if values.database != 'none' %}
import org.springframework.jdbc.core.simple.JdbcClient;
{% endif %}
{% if values.cache == 'redis' or values.queue == 'rabbitmq' %}
import tools.jackson.databind.json.JsonMapper;
{% endif %}

/** What the service talks to. */
@Configuration(proxyBeanMethods = false)
class Resources {

    @Bean
    NoteStore notes(
{% set wanted = ['JdbcClient database'] if values.database == 'postgresql' else [] %}
{% set wanted = wanted.concat(['StringRedisTemplate redis']) if values.cache == 'redis' else wanted %}
{% set wanted = wanted.concat(['RabbitTemplate rabbit']) if values.queue == 'rabbitmq' else wanted %}
{% set wanted = wanted.concat(['JsonMapper json']) if values.cache == 'redis' or values.queue == 'rabbitmq' else wanted %}
            ${{ wanted | join(', ') }}) {
{% if values.database == 'postgresql' %}
        NoteStore notes = new PostgresNotes(database);
{% else %}
        NoteStore notes = new MemoryNotes(Clock.systemUTC());
{% endif %}
{% if values.cache == 'redis' %}
        notes = new CachedNotes(notes, redis, json);
{% endif %}
{% if values.queue == 'rabbitmq' %}
        notes = new AnnouncedNotes(notes, rabbit, json);
{% endif %}
        return notes;
    }
{% if values.database == 'postgresql' %}

    /** The platform's URL has the credentials within, which JDBC wants apart. */
    @Bean
    DataSource dataSource(
            @Value("${DATABASE_URL}") URI url, @Value("${spring.application.name}") String name) {
        var pool = new HikariDataSource();
        pool.setJdbcUrl("jdbc:postgresql://" + url.getAuthority().replaceFirst("^.*@", "") + url.getPath());
        var credentials = url.getUserInfo().split(":", 2);
        pool.setUsername(credentials[0]);
        pool.setPassword(credentials.length > 1 ? credentials[1] : "");
        pool.addDataSourceProperty("ApplicationName", name);
        pool.setMaximumPoolSize(10);
        pool.setConnectionTimeout(5_000);
        return pool;
    }
{% endif %}
{% if values.queue == 'rabbitmq' %}

    @Bean
    TopicExchange exchange() {
        return new TopicExchange(AnnouncedNotes.EXCHANGE, true, false);
    }
{% endif %}
}
