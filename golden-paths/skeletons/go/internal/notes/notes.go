// Package notes is the example feature: it keeps short texts. Copy its shape,
// then delete it.
package notes

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// MaxText is the length of the longest text, in characters.
const MaxText = 2000

var (
	// ErrNotFound says that there is no such note.
	ErrNotFound = errors.New("there is no such note")
	// ErrText says that a text cannot be a note.
	ErrText = fmt.Errorf("text: want 1 to %d characters", MaxText)
)

// Note is a note as it is kept.
type Note struct {
	ID        string    `json:"id"`
	Text      string    `json:"text"`
	CreatedAt time.Time `json:"createdAt"`
}

// Store keeps notes.
type Store interface {
	// Add keeps a new note; the text was checked by CleanText.
	Add(ctx context.Context, text string) (Note, error)
	// Get finds one note, or returns ErrNotFound.
	Get(ctx context.Context, id string) (Note, error)
	// Newest finds at most limit notes, the newest first.
	Newest(ctx context.Context, limit int) ([]Note, error)
}

// CleanText takes blanks off both ends, or returns ErrText.
func CleanText(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || utf8.RuneCountInString(text) > MaxText {
		return "", ErrText
	}
	return text, nil
}

// ValidID tells whether id is a UUID in its usual form.
func ValidID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i, char := range id {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (char == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", char) {
			return false
		}
	}
	return true
}

// Memory keeps notes until the process ends.
type Memory struct {
	now   func() time.Time
	mu    sync.RWMutex
	notes []Note
}

// NewMemory begins empty.
func NewMemory(now func() time.Time) *Memory { return &Memory{now: now} }

// Add implements Store.
func (m *Memory) Add(_ context.Context, text string) (Note, error) {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails: it ends the program instead
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	note := Note{
		ID:        fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]),
		Text:      text,
		CreatedAt: m.now().UTC(),
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notes = append(m.notes, note)
	return note, nil
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, id string) (Note, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	at := slices.IndexFunc(m.notes, func(note Note) bool { return note.ID == id })
	if at < 0 {
		return Note{}, ErrNotFound
	}
	return m.notes[at], nil
}

// Newest implements Store.
func (m *Memory) Newest(_ context.Context, limit int) ([]Note, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	newest := slices.Clone(m.notes[max(0, len(m.notes)-limit):])
	slices.Reverse(newest)
	return newest, nil
}
