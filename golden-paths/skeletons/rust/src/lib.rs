//! ${{ values.name }}: settings, telemetry, HTTP interface, and `notes`, the example feature.

{% if values.cache == 'redis' %}
pub mod cache;
{% endif %}
{% if values.queue == 'rabbitmq' %}
pub mod events;
{% endif %}
pub mod health;
pub mod http;
pub mod notes;
{% if values.database == 'postgresql' %}
pub mod postgres;
{% endif %}
pub mod resources;
pub mod settings;
pub mod telemetry;
