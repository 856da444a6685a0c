// Package rediscache keeps notes that were read in Redis for a while. Without
// Redis the service is slower, not wrong.
package rediscache

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"${{ values.module }}/internal/notes"
)

const keep = 5 * time.Minute

// Cache is a connection to Redis.
type Cache struct{ client *redis.Client }

// Open connects lazily: a cache that is away does not stop the service from
// starting.
func Open(url string) (*Cache, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("REDIS_URL: want redis://host:6379/0")
	}
	options.DialTimeout = 500 * time.Millisecond
	options.ReadTimeout = 500 * time.Millisecond
	options.WriteTimeout = 500 * time.Millisecond
	options.MaxRetries = -1
	return &Cache{redis.NewClient(options)}, nil
}

// Ping asks Redis for an answer.
func (c *Cache) Ping(ctx context.Context) error { return c.client.Ping(ctx).Err() }

// Close ends the connection.
func (c *Cache) Close() error { return c.client.Close() }

// NewNotes asks cache before store.
func NewNotes(store notes.Store, cache *Cache) notes.Store { return cached{store, cache} }

type cached struct {
	notes.Store
	cache *Cache
}

func (c cached) Get(ctx context.Context, id string) (notes.Note, error) {
	key := "${{ values.name }}:note:" + id
	kept, err := c.cache.client.Get(ctx, key).Bytes()
	if err == nil {
		var note notes.Note
		if err = json.Unmarshal(kept, &note); err == nil {
			return note, nil
		}
	}
	if !errors.Is(err, redis.Nil) {
		slog.WarnContext(ctx, "cache not read", "error", err)
	}
	note, err := c.Store.Get(ctx, id)
	if err != nil {
		return notes.Note{}, err
	}
	if body, err := json.Marshal(note); err == nil {
		if err := c.cache.client.Set(ctx, key, body, keep).Err(); err != nil {
			slog.WarnContext(ctx, "cache not written", "error", err)
		}
	}
	return note, nil
}
