package httpserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"${{ values.module }}/internal/httpserver"
	"${{ values.module }}/internal/notes"
)

type reply struct {
	*httptest.ResponseRecorder
	body map[string]any
}

func call(t *testing.T, handler http.Handler, method, path, body string) reply {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	answer := reply{ResponseRecorder: recorder}
	if strings.Contains(recorder.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal(recorder.Body.Bytes(), &answer.body); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return answer
}

func service(checks ...httpserver.Check) http.Handler {
	return httpserver.New(notes.NewMemory(time.Now), checks)
}

func TestANoteThatWasKeptCanBeRead(t *testing.T) {
	handler := service()
	made := call(t, handler, "POST", "/api/v1/notes", `{"text": "  buy milk "}`)
	if made.Code != http.StatusCreated || made.body["text"] != "buy milk" {
		t.Fatalf("got %d %v", made.Code, made.body)
	}
	read := call(t, handler, "GET", made.Header().Get("Location"), "")
	if read.Code != http.StatusOK || read.body["id"] != made.body["id"] {
		t.Errorf("got %d %v", read.Code, read.body)
	}
}

func TestTheNewestNoteComesFirst(t *testing.T) {
	handler := service()
	for _, text := range []string{"one", "two", "three"} {
		call(t, handler, "POST", "/api/v1/notes", `{"text": "`+text+`"}`)
	}
	listed := call(t, handler, "GET", "/api/v1/notes?limit=2", "").body["items"].([]any)
	if len(listed) != 2 || listed[0].(map[string]any)["text"] != "three" {
		t.Errorf("got %v", listed)
	}
}

func TestWhatIsWrongIsRefusedWithTheReason(t *testing.T) {
	for name, test := range map[string]struct {
		method, path, body string
		status             int
	}{
		"empty":     {"POST", "/api/v1/notes", `{"text": " "}`, 422},
		"too long":  {"POST", "/api/v1/notes", `{"text": "` + strings.Repeat("x", 2001) + `"}`, 422},
		"no JSON":   {"POST", "/api/v1/notes", `text`, 422},
		"unknown":   {"POST", "/api/v1/notes", `{"text": "a", "by": "me"}`, 422},
		"limit":     {"GET", "/api/v1/notes?limit=1000", "", 422},
		"no UUID":   {"GET", "/api/v1/notes/1", "", 422},
		"not there": {"GET", "/api/v1/notes/00000000-0000-4000-8000-000000000000", "", 404},
	} {
		t.Run(name, func(t *testing.T) {
			answer := call(t, service(), test.method, test.path, test.body)
			if answer.Code != test.status || answer.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("got %d %v", answer.Code, answer.body)
			}
			if answer.body["detail"] == "" {
				t.Error("no reason is given")
			}
		})
	}
}

func TestReadinessNamesWhatIsDown(t *testing.T) {
	down := func(context.Context) error { return errors.New("away") }
	up := func(context.Context) error { return nil }
	for name, test := range map[string]struct {
		check  httpserver.Check
		status int
		state  string
	}{
		"all well":         {httpserver.Check{Name: "store", Probe: up, Required: true}, 200, "ok"},
		"required is down": {httpserver.Check{Name: "store", Probe: down, Required: true}, 503, "unavailable"},
		"optional is down": {httpserver.Check{Name: "store", Probe: down}, 200, "unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := call(t, service(test.check), "GET", "/readyz", "")
			if state := answer.body["checks"].(map[string]any)["store"]; answer.Code != test.status || state != test.state {
				t.Errorf("got %d %v", answer.Code, answer.body)
			}
			if live := call(t, service(test.check), "GET", "/healthz", ""); live.Code != http.StatusOK {
				t.Errorf("liveness follows readiness: %d", live.Code)
			}
		})
	}
}

func TestRequestsAreCountedByRouteAndStatus(t *testing.T) {
	handler := service()
	call(t, handler, "GET", "/api/v1/notes/00000000-0000-4000-8000-000000000000", "")
	figures := call(t, handler, "GET", "/metrics", "").ResponseRecorder.Body.String()
	want := `http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="404",http_route="GET /api/v1/notes/{id}"} 1`
	if !strings.Contains(figures, want) {
		t.Errorf("%s is not in\n%s", want, figures)
	}
}
