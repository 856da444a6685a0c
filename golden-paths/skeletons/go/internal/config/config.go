// Package config reads what differs between environments.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
)

// Config is checked once, at start.
type Config struct {
	Port           int
	LogLevel       slog.Level
	ServiceName    string
	TracesEndpoint string // empty: no traces are sent
{% if values.database == 'postgresql' %}
	DatabaseURL    string
{% endif %}
{% if values.cache == 'redis' %}
	RedisURL       string
{% endif %}
{% if values.queue == 'rabbitmq' %}
	AMQPURL        string
{% endif %}
}

// FromEnv reads the environment and names every variable that is wrong.
func FromEnv(getenv func(string) string) (Config, error) {
	var problems []error
	or := func(name, fallback string) string {
		if value := getenv(name); value != "" {
			return value
		}
		return fallback
	}
	port, err := strconv.Atoi(or("PORT", "8080"))
	if err != nil || port < 1 || port > 65535 {
		problems = append(problems, errors.New("PORT: want a number from 1 to 65535"))
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(or("LOG_LEVEL", "info"))); err != nil {
		problems = append(problems, errors.New("LOG_LEVEL: want debug, info, warn or error"))
	}
{% if values.database != 'none' or values.cache != 'none' or values.queue != 'none' %}
	required := func(name string) string {
		value := getenv(name)
		if value == "" {
			problems = append(problems, fmt.Errorf("%s: not set", name))
		}
		return value
	}
{% endif %}
	cfg := Config{
		Port:           port,
		LogLevel:       level,
		ServiceName:    or("OTEL_SERVICE_NAME", "${{ values.name }}"),
		TracesEndpoint: getenv("OTEL_EXPORTER_OTLP_ENDPOINT"),
{% if values.database == 'postgresql' %}
		DatabaseURL:    required("DATABASE_URL"),
{% endif %}
{% if values.cache == 'redis' %}
		RedisURL:       required("REDIS_URL"),
{% endif %}
{% if values.queue == 'rabbitmq' %}
		AMQPURL:        required("AMQP_URL"),
{% endif %}
	}
	if err := errors.Join(problems...); err != nil {
		return Config{}, fmt.Errorf("settings: %w", err)
	}
	return cfg, nil
}
