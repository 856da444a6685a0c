// Package rabbitmq tells others what happened.
package rabbitmq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"${{ values.module }}/internal/notes"
)

const (
	exchange       = "notes"
	confirmTimeout = 5 * time.Second
)

var errAway = errors.New("the broker is away")

// Events publishes to the exchange notes, and connects again after an outage.
type Events struct {
	url     string
	service string

	mu         sync.Mutex
	connection *amqp.Connection
	channel    *amqp.Channel
}

// Open connects once, so that a wrong address is found at start.
func Open(ctx context.Context, url, service string) (*Events, error) {
	events := &Events{url: url, service: service}
	if _, err := events.ready(ctx); err != nil {
		return nil, fmt.Errorf("open the queue: %w", err)
	}
	return events, nil
}

// NoteCreated implements notes.Announcer; the broker confirms the event.
func (e *Events) NoteCreated(ctx context.Context, note notes.Note) error {
	body, err := json.Marshal(note)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, confirmTimeout)
	defer cancel()
	channel, err := e.ready(ctx)
	if err != nil {
		return err
	}
	confirmation, err := channel.PublishWithDeferredConfirmWithContext(ctx, exchange, "note.created", false, false,
		amqp.Publishing{ContentType: "application/json", DeliveryMode: amqp.Persistent, MessageId: note.ID, Body: body})
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	taken, err := confirmation.WaitContext(ctx)
	if err != nil {
		return fmt.Errorf("wait for the broker: %w", err)
	}
	if !taken {
		return errAway
	}
	return nil
}

// Ping fails while the broker is away.
func (e *Events) Ping(ctx context.Context) error {
	_, err := e.ready(ctx)
	return err
}

// Close ends the connection.
func (e *Events) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.connection != nil {
		_ = e.connection.Close()
	}
}

func (e *Events) ready(ctx context.Context) (*amqp.Channel, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.channel != nil && !e.channel.IsClosed() {
		return e.channel, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	properties := amqp.NewConnectionProperties()
	properties.SetClientConnectionName(e.service)
	connection, err := amqp.DialConfig(e.url, amqp.Config{Properties: properties, Dial: amqp.DefaultDial(2 * time.Second)})
	if err != nil {
		return nil, errAway
	}
	channel, err := connection.Channel()
	if err == nil {
		err = channel.Confirm(false)
	}
	if err == nil {
		err = channel.ExchangeDeclare(exchange, amqp.ExchangeTopic, true, false, false, false, nil)
	}
	if err != nil {
		return nil, errors.Join(err, connection.Close())
	}
	if e.connection != nil {
		_ = e.connection.Close()
	}
	e.connection, e.channel = connection, channel
	return channel, nil
}
