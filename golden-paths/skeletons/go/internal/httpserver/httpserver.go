// Package httpserver is the HTTP interface, as openapi.yaml describes it.
package httpserver

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/trace"

	"${{ values.module }}/internal/notes"
)

const (
	maxBody      = 64 << 10
	checkTimeout = 2 * time.Second
)

// Check is a thing that the service needs. Without one that is not required it
// works, only slower.
type Check struct {
	Name     string
	Probe    func(context.Context) error
	Required bool
}

// New puts the routes together, with traces, metrics and the access log.
func New(store notes.Store, checks []Check) http.Handler {
	registry := prometheus.NewRegistry()
	duration := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "http_server_request_duration_seconds",
		Help:    "Duration of HTTP requests",
		Buckets: prometheus.DefBuckets,
	}, []string{"http_request_method", "http_route", "http_response_status_code"})
	registry.MustRegister(duration)

	api := http.NewServeMux()
	api.HandleFunc("GET /api/v1/notes", list(store))
	api.HandleFunc("POST /api/v1/notes", create(store))
	api.HandleFunc("GET /api/v1/notes/{id}", get(store))

	// What the platform asks every few seconds would bury everything else.
	root := http.NewServeMux()
	root.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	root.HandleFunc("GET /readyz", ready(checks))
	root.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	root.Handle("/", otelhttp.NewHandler(observed(api, duration), "http"))
	return root
}

func list(store notes.Store) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		limit := 20
		if given := r.URL.Query().Get("limit"); given != "" {
			number, err := strconv.Atoi(given)
			if err != nil || number < 1 || number > 100 {
				problem(w, r, http.StatusUnprocessableEntity, "limit: want a number from 1 to 100")
				return
			}
			limit = number
		}
		found, err := store.Newest(r.Context(), limit)
		if err != nil {
			failed(w, r, err)
			return
		}
		answer(w, http.StatusOK, map[string][]notes.Note{"items": append([]notes.Note{}, found...)})
	}
}

func create(store notes.Store) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
			problem(w, r, http.StatusUnsupportedMediaType, "Content-Type: want application/json")
			return
		}
		var body struct {
			Text string `json:"text"`
		}
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&body); err != nil {
			problem(w, r, http.StatusUnprocessableEntity, "body: "+err.Error())
			return
		}
		text, err := notes.CleanText(body.Text)
		if err != nil {
			problem(w, r, http.StatusUnprocessableEntity, "body."+err.Error())
			return
		}
		note, err := store.Add(r.Context(), text)
		if err != nil {
			failed(w, r, err)
			return
		}
		w.Header().Set("Location", "/api/v1/notes/"+note.ID)
		answer(w, http.StatusCreated, note)
	}
}

func get(store notes.Store) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("id")
		if !notes.ValidID(id) {
			problem(w, r, http.StatusUnprocessableEntity, "id: want a UUID")
			return
		}
		note, err := store.Get(r.Context(), id)
		switch {
		case errors.Is(err, notes.ErrNotFound):
			problem(w, r, http.StatusNotFound, err.Error())
		case err != nil:
			failed(w, r, err)
		default:
			answer(w, http.StatusOK, note)
		}
	}
}

func ready(checks []Check) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
		defer cancel()
		errs := make([]error, len(checks))
		var group sync.WaitGroup
		for i, check := range checks {
			group.Go(func() { errs[i] = check.Probe(ctx) })
		}
		group.Wait()

		status, word := http.StatusOK, "ready"
		states := make(map[string]string, len(checks))
		for i, check := range checks {
			states[check.Name] = "ok"
			if errs[i] == nil {
				continue
			}
			states[check.Name] = "unavailable"
			slog.WarnContext(ctx, "dependency unavailable", "dependency", check.Name, "error", errs[i])
			if check.Required {
				status, word = http.StatusServiceUnavailable, "unavailable"
			}
		}
		answer(w, status, map[string]any{"status": word, "checks": states})
	}
}

// observed times each request by its route, and writes the access log.
func observed(next http.Handler, duration *prometheus.HistogramVec) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, recorder := time.Now(), &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			if cause := recover(); cause != nil {
				slog.ErrorContext(r.Context(), "panic", "cause", cause)
				problem(recorder, r, http.StatusInternalServerError, "something went wrong here")
			}
			// The pattern, not the path: each id would be a series of its own.
			route := r.Pattern
			if route == "" {
				route = "unmatched"
			}
			took := time.Since(began)
			duration.WithLabelValues(r.Method, route, strconv.Itoa(recorder.status)).Observe(took.Seconds())
			slog.InfoContext(r.Context(), "request", "method", r.Method, "route", route,
				"status", recorder.status, "duration_ms", took.Milliseconds())
		}()
		next.ServeHTTP(recorder, r)
		trace.SpanFromContext(r.Context()).SetName(r.Pattern)
	})
}

type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The client is gone when this fails; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(body)
}

// problem answers as RFC 9457 has it, with the trace that helps to find the cause.
func problem(w http.ResponseWriter, r *http.Request, status int, detail string) {
	body := map[string]any{"title": http.StatusText(status), "status": status, "detail": detail}
	if span := trace.SpanContextFromContext(r.Context()); span.IsValid() {
		body["traceId"] = span.TraceID().String()
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func failed(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "request failed", "error", err)
	problem(w, r, http.StatusInternalServerError, "something went wrong here")
}
