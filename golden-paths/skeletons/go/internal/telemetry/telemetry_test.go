package telemetry_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel"

	"${{ values.module }}/internal/telemetry"
)

func TestALogLineKnowsItsTrace(t *testing.T) {
	flush, err := telemetry.StartTraces(t.Context(), "test", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flush(t.Context()) })
	ctx, span := otel.Tracer("test").Start(t.Context(), "work")
	defer span.End()

	var out bytes.Buffer
	telemetry.NewLogger(&out, slog.LevelInfo).InfoContext(ctx, "안녕")

	var line map[string]string
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line["msg"] != "안녕" || line["trace_id"] != span.SpanContext().TraceID().String() {
		t.Errorf("got %v", line)
	}
}
