"""What differs between environments."""

from typing import Literal

from pydantic import Field{% if values.cache == 'redis' or values.queue == 'rabbitmq' or values.database == 'postgresql' %}, SecretStr{% endif %}

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """Environment variables, checked once at start."""

    port: int = Field(default=8080, ge=1, le=65535)
    log_level: Literal["debug", "info", "warn", "error"] = "info"
    otel_service_name: str = "${{ values.name }}"
    otel_exporter_otlp_endpoint: str | None = None
{% if values.database == 'postgresql' %}
    database_url: SecretStr
{% endif %}
{% if values.cache == 'redis' %}
    redis_url: SecretStr
{% endif %}
{% if values.queue == 'rabbitmq' %}
    amqp_url: SecretStr
{% endif %}
