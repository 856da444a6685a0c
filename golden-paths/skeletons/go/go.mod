module ${{ values.module }}

go 1.26.0

require (
{% if values.database == 'postgresql' %}
	github.com/jackc/pgx/v5 v5.12.0
	github.com/pressly/goose/v3 v3.29.0
{% endif %}
	github.com/prometheus/client_golang v1.25.0
{% if values.queue == 'rabbitmq' %}
	github.com/rabbitmq/amqp091-go v1.16.0
{% endif %}
{% if values.cache == 'redis' %}
	github.com/redis/go-redis/v9 v9.23.0
{% endif %}
	go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp v0.72.0
	go.opentelemetry.io/otel v1.47.0
	go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp v1.47.0
	go.opentelemetry.io/otel/sdk v1.47.0
	go.opentelemetry.io/otel/trace v1.47.0
)

require (
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cenkalti/backoff/v5 v5.0.3 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/felixge/httpsnoop v1.1.0 // indirect
	github.com/go-logr/logr v1.4.4 // indirect
	github.com/go-logr/stdr v1.2.2 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/grpc-ecosystem/grpc-gateway/v2 v2.30.0 // indirect
{% if values.database == 'postgresql' %}
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/mfridman/interpolate v0.0.2 // indirect
{% endif %}
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/prometheus/client_model v0.6.3 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
{% if values.database == 'postgresql' %}
	github.com/sethvargo/go-retry v0.5.0 // indirect
{% endif %}
	go.opentelemetry.io/auto/sdk v1.2.1 // indirect
	go.opentelemetry.io/otel/exporters/otlp/otlptrace v1.47.0 // indirect
	go.opentelemetry.io/otel/log v1.47.0 // indirect
	go.opentelemetry.io/otel/metric v1.47.0 // indirect
	go.opentelemetry.io/proto/otlp v1.11.0 // indirect
{% if values.cache == 'redis' %}
	go.uber.org/atomic v1.12.0 // indirect
{% endif %}
{% if values.database == 'postgresql' %}
	go.uber.org/multierr v1.11.0 // indirect
{% endif %}
{% if not (values.database == 'postgresql') %}
	golang.org/x/net v0.59.0 // indirect
{% endif %}
{% if values.database == 'postgresql' %}
	golang.org/x/net v0.61.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
{% endif %}
{% if not (values.database == 'postgresql') %}
	golang.org/x/sys v0.48.0 // indirect
{% endif %}
{% if values.database == 'postgresql' %}
	golang.org/x/sys v0.49.0 // indirect
{% endif %}
{% if not (values.database == 'postgresql') %}
	golang.org/x/text v0.42.0 // indirect
{% endif %}
{% if values.database == 'postgresql' %}
	golang.org/x/text v0.43.0 // indirect
{% endif %}
{% if not (values.database == 'postgresql') %}
	google.golang.org/genproto/googleapis/api v0.0.0-20260928230214-8a89bd6388cc // indirect
{% endif %}
{% if values.database == 'postgresql' %}
	google.golang.org/genproto/googleapis/api v0.0.0-20261005182115-fad411399dd8 // indirect
{% endif %}
{% if not (values.database == 'postgresql') %}
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260928230214-8a89bd6388cc // indirect
{% endif %}
{% if values.database == 'postgresql' %}
	google.golang.org/genproto/googleapis/rpc v0.0.0-20261005182115-fad411399dd8 // indirect
{% endif %}
{% if not (values.database == 'postgresql') %}
	google.golang.org/grpc v1.83.2 // indirect
{% endif %}
{% if values.database == 'postgresql' %}
	google.golang.org/grpc v1.84.0 // indirect
{% endif %}
	google.golang.org/protobuf v1.36.12 // indirect
)
