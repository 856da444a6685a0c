{% set needed = ['DATABASE_URL'] if values.database == 'postgresql' else [] %}
{% set needed = needed.concat(['REDIS_URL']) if values.cache == 'redis' else needed %}
{% set needed = needed.concat(['AMQP_URL']) if values.queue == 'rabbitmq' else needed %}
//go:build integration

// Package tests runs the built service with what it really talks to.
package tests

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

var needed = []string{${{ needed | dump | replace('","', '", "') | replace('[', '') | replace(']', '') }}}

func TestTheServiceFromStartToEnd(t *testing.T) {
	for _, name := range needed {
		if os.Getenv(name) == "" {
			t.Skipf("%s is not set", name)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	binary := filepath.Join(t.TempDir(), "service")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "../cmd/service").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	port := freePort(t)
	service := exec.CommandContext(ctx, binary)
	service.Env = append(os.Environ(), fmt.Sprintf("PORT=%d", port))
	service.Stdout, service.Stderr = os.Stderr, os.Stderr
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	for tries := 0; get(t, base+"/readyz", nil) != http.StatusOK; tries++ {
		if tries > 100 {
			t.Fatal("it does not become ready")
		}
		time.Sleep(100 * time.Millisecond)
	}

	response, err := http.Post(base+"/api/v1/notes", "application/json", strings.NewReader(`{"text": "remember"}`))
	if err != nil {
		t.Fatal(err)
	}
	made, _ := io.ReadAll(response.Body)
	response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		t.Fatalf("got %d %s", response.StatusCode, made)
	}
	for range 2 { // from the store, then from the cache where there is one
		var read, want map[string]any
		if status := get(t, base+response.Header.Get("Location"), &read); status != http.StatusOK {
			t.Fatalf("got %d", status)
		}
		if err := json.Unmarshal(made, &want); err != nil || read["id"] != want["id"] || read["text"] != want["text"] {
			t.Errorf("want %s, got %v", made, read)
		}
	}

	if err := service.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := service.Wait(); err != nil {
		t.Errorf("it does not end in peace: %v", err)
	}
}

func get(t *testing.T, url string, into any) int {
	t.Helper()
	response, err := http.Get(url) //nolint:noctx // bounded by the test
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	if into != nil {
		if err := json.NewDecoder(response.Body).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	return response.StatusCode
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
