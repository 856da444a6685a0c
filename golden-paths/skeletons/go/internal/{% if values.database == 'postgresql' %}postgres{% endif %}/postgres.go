// Package postgres keeps notes in PostgreSQL.
package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"${{ values.module }}/internal/notes"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Open connects, and brings the tables up to date. Replicas that start together
// take turns.
func Open(ctx context.Context, url, service string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("DATABASE_URL: want postgresql://user:password@host:5432/name")
	}
	config.ConnConfig.RuntimeParams["application_name"] = service
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := migrate(ctx, pool); err != nil {
		pool.Close()
		return nil, fmt.Errorf("bring the tables up to date: %w", err)
	}
	return pool, nil
}

func migrate(ctx context.Context, pool *pgxpool.Pool) (err error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	db := stdlib.OpenDBFromPool(pool)
	defer func() { err = errors.Join(err, db.Close()) }()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// Notes keeps notes in the table notes.
type Notes struct{ pool *pgxpool.Pool }

// NewNotes uses the connections of pool.
func NewNotes(pool *pgxpool.Pool) *Notes { return &Notes{pool} }

// Add implements notes.Store.
func (n *Notes) Add(ctx context.Context, text string) (notes.Note, error) {
	rows, _ := n.pool.Query(ctx, "INSERT INTO notes (text) VALUES ($1) RETURNING id::text, text, created_at", text)
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[notes.Note])
}

// Get implements notes.Store.
func (n *Notes) Get(ctx context.Context, id string) (notes.Note, error) {
	rows, _ := n.pool.Query(ctx, "SELECT id::text, text, created_at FROM notes WHERE id = $1::uuid", id)
	note, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[notes.Note])
	if errors.Is(err, pgx.ErrNoRows) {
		return notes.Note{}, notes.ErrNotFound
	}
	return note, err
}

// Newest implements notes.Store.
func (n *Notes) Newest(ctx context.Context, limit int) ([]notes.Note, error) {
	rows, _ := n.pool.Query(ctx, "SELECT id::text, text, created_at FROM notes ORDER BY created_at DESC, id LIMIT $1", limit)
	return pgx.CollectRows(rows, pgx.RowToStructByPos[notes.Note])
}
