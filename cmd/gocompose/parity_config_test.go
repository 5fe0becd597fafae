package main

import (
	"strings"
	"testing"

	"github.com/gocompose/gocompose/internal/enginetest"
)

// TestConfigAsDockerCompose compares what config shows.
func TestConfigAsDockerCompose(t *testing.T) {
	p := newPair(t, digests)
	if err := p.engine.Publish(enginetest.Image{Ref: "postgres:17"}, enginetest.Image{Ref: "redis:8"}); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"config db --resolve-image-digests --format json", "config --lock-image-digests", "config --lock-image-digests db",
		"config --lock-image-digests --format json", "config --lock-image-digests web", "config --lock-image-digests -q",
		"config --lock-image-digests --no-interpolate", "config --resolve-image-digests --no-interpolate",
		"config --lock-image-digests --no-interpolate --format json", "config --no-interpolate web", "config --no-interpolate nope",
		"config --no-interpolate --images", "config --no-interpolate --profiles", "config --variables nope",
		"config --environment --variables", "config --services --lock-image-digests",
	} {
		p.compare(t, line, func(a *answer) {
			if a.Out = strings.TrimSpace(a.Out); !strings.Contains(line, "-digests") || strings.Contains(line, "services") {
				wordsSorted(a)
			}
		})
	}
}

const digests = `
name: digests
services:
  web: {image: "redis:8", profiles: [x]}
  db: {image: "postgres:17", environment: {A: "$$x"}}
  d2: {image: "postgres:17@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
  b: {build: .}
`

// TestAlphaAsDockerCompose compares the experiments, in the order of the lines
// for viz and of the keys for generate.
func TestAlphaAsDockerCompose(t *testing.T) {
	p := newPair(t, two)
	if a := p.ask(t, p.oracle, "up", "-d"); a.Code != 0 {
		t.Fatal(a.Err)
	}
	for _, line := range []string{
		"alpha viz", "alpha viz --image --networks", "alpha viz --ports --spaces --indentation-size 3",
		"alpha viz --indentation-size 0", "alpha viz --indentation-size -1", "alpha viz --indentation-size x",
		"alpha generate two-web-1", "alpha generate special", "alpha generate special two-web-1 --name x",
		"-p y alpha generate special --format json", "alpha generate nope", "alpha generate", "alpha generate --project-dir /nowhere special",
	} {
		p.compare(t, line, wordsSorted)
	}
}
