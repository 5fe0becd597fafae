package project_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocompose/gocompose/project"
)

// stack is a file of n services; needs says which earlier ones each needs.
func stack(n int, needs func(i int) []int) string {
	var b strings.Builder
	b.WriteString("name: bench\nservices:\n")
	for i := range n {
		fmt.Fprintf(&b, `  svc%04d:
    image: registry.example.com/team/app:${TAG:-1.%d}
    command: ["serve", "--port", "80%02d"]
    restart: unless-stopped
    environment:
      LOG_LEVEL: info
      DATABASE_URL: postgres://user:${PW:-x}@db:5432/app
      WORKERS: 4
    ports:
      - "%d:80"
    volumes:
      - data:/var/lib/data
      - ./conf:/etc/conf:ro
    networks:
      - front
    labels:
      com.example.tier: "web"
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost"]
      interval: 10s
      retries: 3
`, i, i, i%100, 10000+i)
		if targets := needs(i); len(targets) > 0 {
			b.WriteString("    depends_on:\n")
			for _, to := range targets {
				fmt.Fprintf(&b, "      svc%04d:\n        condition: service_healthy\n", to)
			}
		}
	}
	b.WriteString("networks:\n  front: {}\nvolumes:\n  data: {}\n")
	return b.String()
}

func chain(i int) []int {
	if i == 0 {
		return nil
	}
	return []int{i - 1}
}

func star(i int) []int {
	if i == 0 {
		return nil
	}
	return []int{0}
}

// dense has layers of ten services that each need the whole layer before.
func dense(i int) []int {
	var targets []int
	for to := (i/10 - 1) * 10; to >= 0 && to < i/10*10; to++ {
		targets = append(targets, to)
	}
	return targets
}

func BenchmarkLoad(b *testing.B) {
	shapes := []struct {
		name  string
		needs func(int) []int
	}{{"chain", chain}, {"star", star}, {"dense", dense}}
	for _, n := range []int{20, 250, 1000} {
		for _, shape := range shapes {
			b.Run(fmt.Sprintf("%s/%d", shape.name, n), func(b *testing.B) {
				benchmarkLoad(b, stack(n, shape.needs))
			})
		}
	}
}

func benchmarkLoad(b *testing.B, text string) {
	path := filepath.Join(b.TempDir(), "compose.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p, ds := project.Load(b.Context(), project.Options{Files: []string{path}})
		if p == nil {
			b.Fatal(ds.Err())
		}
	}
}
