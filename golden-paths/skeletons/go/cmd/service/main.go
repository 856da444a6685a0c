// Command service serves ${{ values.name }} until it is told to stop, then finishes what is open.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"${{ values.module }}/internal/config"
	"${{ values.module }}/internal/httpserver"
	"${{ values.module }}/internal/notes"
{% if values.database == 'postgresql' %}
	"${{ values.module }}/internal/postgres"
{% endif %}
{% if values.queue == 'rabbitmq' %}
	"${{ values.module }}/internal/rabbitmq"
{% endif %}
{% if values.cache == 'redis' %}
	"${{ values.module }}/internal/rediscache"
{% endif %}
	"${{ values.module }}/internal/telemetry"
)

// grace is less than terminationGracePeriodSeconds of the deployment.
const grace = 25 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Getenv); err != nil {
		slog.Error("the service ends", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, getenv func(string) string) (err error) {
	cfg, err := config.FromEnv(getenv)
	if err != nil {
		return err
	}
	slog.SetDefault(telemetry.NewLogger(os.Stdout, cfg.LogLevel))

	flush, err := telemetry.StartTraces(ctx, cfg.ServiceName, cfg.TracesEndpoint)
	if err != nil {
		return fmt.Errorf("start traces: %w", err)
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err = errors.Join(err, flush(ctx))
	}()

	var checks []httpserver.Check
{% if values.database == 'postgresql' %}
	pool, err := postgres.Open(ctx, cfg.DatabaseURL, cfg.ServiceName)
	if err != nil {
		return err
	}
	defer pool.Close()
	var store notes.Store = postgres.NewNotes(pool)
	checks = append(checks, httpserver.Check{Name: "database", Probe: pool.Ping, Required: true})
{% else %}
	var store notes.Store = notes.NewMemory(time.Now)
{% endif %}
{% if values.cache == 'redis' %}

	cache, err := rediscache.Open(cfg.RedisURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cache.Close()) }()
	store = rediscache.NewNotes(store, cache)
	checks = append(checks, httpserver.Check{Name: "cache", Probe: cache.Ping})
{% endif %}
{% if values.queue == 'rabbitmq' %}

	events, err := rabbitmq.Open(ctx, cfg.AMQPURL, cfg.ServiceName)
	if err != nil {
		return err
	}
	defer events.Close()
	store = notes.Announced(store, events)
	checks = append(checks, httpserver.Check{Name: "queue", Probe: events.Ping, Required: true})
{% endif %}

	return serve(ctx, cfg.Port, httpserver.New(store, checks))
}

func serve(ctx context.Context, port int, handler http.Handler) error {
	server := &http.Server{
		Addr:              fmt.Sprintf(":%d", port),
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	failed := make(chan error, 1)
	go func() {
		slog.Info("listening", "port", port)
		failed <- server.ListenAndServe()
	}()
	select {
	case err := <-failed:
		return fmt.Errorf("listen: %w", err)
	case <-ctx.Done():
	}
	slog.Info("stopping")
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	return server.Shutdown(ctx)
}
