//! What differs between environments.

use thiserror::Error;

const NAME: &str = "${{ values.name }}";

/// Checked once, at start.
#[derive(Clone)]
pub struct Settings {
    /// Where it listens.
    pub port: u16,
    /// `debug`, `info`, `warn` or `error`.
    pub log_level: String,
    /// The name in traces.
    pub service_name: String,
    /// Where traces go; without it none are sent.
    pub traces_endpoint: Option<String>,
{% if values.database == 'postgresql' %}
    /// `postgresql://user:password@host:5432/name`
    pub database_url: String,
{% endif %}
{% if values.cache == 'redis' %}
    /// `redis://host:6379/0`
    pub redis_url: String,
{% endif %}
{% if values.queue == 'rabbitmq' %}
    /// `amqp://user:password@host:5672/`
    pub amqp_url: String,
{% endif %}
}

/// Every variable that is wrong, with what it should be.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("settings: {}", .0.join("; "))]
pub struct SettingsError(pub Vec<String>);

impl Settings {
    /// Reads variables through `get`.
    ///
    /// # Errors
    /// When variables are missing or wrong.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut wrong = Vec::new();
        let present = |name: &str| get(name).filter(|value| !value.is_empty());
{% if values.database != 'none' or values.cache != 'none' or values.queue != 'none' %}
        let mut required = |name: &str| {
            present(name).unwrap_or_else(|| {
                wrong.push(format!("{name}: not set"));
                String::new()
            })
        };
{% if values.database == 'postgresql' %}
        let database_url = required("DATABASE_URL");
{% endif %}
{% if values.cache == 'redis' %}
        let redis_url = required("REDIS_URL");
{% endif %}
{% if values.queue == 'rabbitmq' %}
        let amqp_url = required("AMQP_URL");
{% endif %}
{% endif %}
        let port = present("PORT").map_or(Some(8080), |port| port.parse().ok());
        if port.is_none_or(|port| port == 0) {
            wrong.push("PORT: want a number from 1 to 65535".to_owned());
        }
        let log_level = present("LOG_LEVEL").unwrap_or_else(|| "info".to_owned());
        if !["debug", "info", "warn", "error"].contains(&log_level.as_str()) {
            wrong.push("LOG_LEVEL: want debug, info, warn or error".to_owned());
        }
        if !wrong.is_empty() {
            return Err(SettingsError(wrong));
        }
        Ok(Self {
            port: port.unwrap_or_default(),
            log_level,
            service_name: present("OTEL_SERVICE_NAME").unwrap_or_else(|| NAME.to_owned()),
            traces_endpoint: present("OTEL_EXPORTER_OTLP_ENDPOINT"),
{% if values.database == 'postgresql' %}
            database_url,
{% endif %}
{% if values.cache == 'redis' %}
            redis_url,
{% endif %}
{% if values.queue == 'rabbitmq' %}
            amqp_url,
{% endif %}
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Settings;

    fn read(changes: &[(&str, &str)]) -> Result<Settings, String> {
        Settings::from_env(|name| {
            let changed = changes.iter().find(|(changed, _)| *changed == name);
            changed
                .map(|(_, value)| (*value).to_owned())
                .or_else(|| name.ends_with("_URL").then(|| "some://where".to_owned()))
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_are_enough() {
        assert_eq!(read(&[]).map(|settings| settings.port), Ok(8080));
    }

    #[test]
    fn every_wrong_variable_is_named() {
        let wrong = read(&[("PORT", "many"), ("LOG_LEVEL", "loud")]).err();
        let wrong = wrong.unwrap_or_default();
        assert!(
            wrong.contains("PORT") && wrong.contains("LOG_LEVEL"),
            "{wrong}"
        );
    }
}
