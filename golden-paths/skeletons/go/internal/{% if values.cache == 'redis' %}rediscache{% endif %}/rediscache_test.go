package rediscache_test

import (
	"testing"
	"time"

	"${{ values.module }}/internal/notes"
	"${{ values.module }}/internal/rediscache"
)

func TestWithoutRedisNotesAreReadFromTheStore(t *testing.T) {
	cache, err := rediscache.Open("redis://127.0.0.1:1/0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cache.Close() })
	store := rediscache.NewNotes(notes.NewMemory(time.Now), cache)
	made, err := store.Add(t.Context(), "hello")
	if err != nil {
		t.Fatal(err)
	}
	if read, err := store.Get(t.Context(), made.ID); err != nil || read != made {
		t.Errorf("got %v, %v", read, err)
	}
	if cache.Ping(t.Context()) == nil {
		t.Error("a cache that is away must say so")
	}
}
