package config_test

import (
	"strings"
	"testing"

	"${{ values.module }}/internal/config"
)

func environment(changes map[string]string) func(string) string {
	whole := map[string]string{
		"DATABASE_URL": "postgresql://localhost/app",
		"REDIS_URL":    "redis://localhost",
		"AMQP_URL":     "amqp://localhost",
	}
	for name, value := range changes {
		whole[name] = value
	}
	return func(name string) string { return whole[name] }
}

func TestDefaults(t *testing.T) {
	cfg, err := config.FromEnv(environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Port != 8080 || cfg.ServiceName != "${{ values.name }}" {
		t.Errorf("got %+v", cfg)
	}
}

func TestEveryWrongVariableIsNamed(t *testing.T) {
	_, err := config.FromEnv(environment(map[string]string{"PORT": "many", "LOG_LEVEL": "loud"}))
	if err == nil {
		t.Fatal("want an error")
	}
	for _, name := range []string{"PORT", "LOG_LEVEL"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%v does not name %s", err, name)
		}
	}
}
