package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// built is a service whose image is built, pushed and pulled.
const built = `
services:
  web:
    image: %s
    build:
      dockerfile_inline: |
        FROM gocompose-test/sleep
        LABEL org.gocompose.test=%s
`

// TestRegistryWithPassword pushes to a registry on loopback that asks for a
// password, and pulls from there.
func TestRegistryWithPassword(t *testing.T) {
	host := os.Getenv("GOCOMPOSE_TEST_DOCKER_HOST")
	if host == "" {
		t.Skip("GOCOMPOSE_TEST_DOCKER_HOST does not name an engine")
	}
	r := newRealPlace(t, host)
	pushAndPull(t, r, registryServer{address: "127.0.0.1:0"}.start(t))
}

// TestRegistryWithCertificate does the same by TLS, with a certificate that the
// engine is configured to trust at this one address.
func TestRegistryWithCertificate(t *testing.T) {
	host, certificates, network := os.Getenv("GOCOMPOSE_TEST_DOCKER_HOST_NEW"), os.Getenv("GOCOMPOSE_TEST_REGISTRY_TLS"), os.Getenv("GOCOMPOSE_TEST_NETNS_NEW")
	if host == "" || certificates == "" || network == "" {
		t.Skip("GOCOMPOSE_TEST_DOCKER_HOST_NEW, _NETNS_NEW and _REGISTRY_TLS do not name an engine and a certificate that it trusts")
	}
	server := registryServer{
		address: "192.0.2.1:5443",
		security: fmt.Sprintf("tls: {certificate: %q, key: %q}",
			filepath.Join(certificates, "registry.crt"), filepath.Join(certificates, "registry.key")),
		network: []string{"nsenter", "--net=" + network, "--"},
	}
	r := newRealPlace(t, host)
	pushAndPull(t, r, server.start(t))

	server.address = "192.0.2.1:0" // where the engine trusts nobody
	image := server.start(t) + "/" + r.name + ":1"
	r.write(t, fmt.Sprintf("services: {web: {image: %q}}", image))
	said := r.fails(t, "pull")
	for _, want := range []string{"service web: image " + image, "x509: ", "hint: "} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	if strings.Contains(said, "Retrying") {
		t.Errorf("it was tried again:\n%s", said)
	}
}

// pushAndPull is the way of an image through a registry that asks for a password.
func pushAndPull(t *testing.T, r *realPlace, address string) {
	t.Helper()
	image := address + "/team/" + r.name + ":1"
	r.write(t, fmt.Sprintf(built, image, r.name))
	t.Cleanup(func() {
		r.write(t, fmt.Sprintf(built, image, r.name))
		r.must(t, "down", "-t", "0", "--rmi", "all")
	})
	r.must(t, "build")
	refused := []string{"service web: image " + image + ": registry " + address + ": ", "hint: check the image's name, and log in to its registry with docker login"}
	says := func(said string, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !strings.Contains(said, want) {
				t.Errorf("no %q in\n%s", want, said)
			}
		}
		if strings.Contains(said, "Retrying") {
			t.Errorf("it was tried again:\n%s", said)
		}
	}
	says(r.fails(t, "push"), refused...)
	r.logIn(t, address, "wrong")
	says(r.fails(t, "push"), refused...)
	says(r.fails(t, "pull"), refused...)
	r.logIn(t, address, registryPassword)
	says(r.must(t, "push"), " Image "+image+" Pushing\n", " Image "+image+" Pushed\n")
	r.removeImage(t, image)
	says(r.must(t, "pull"), " Image "+image+" Pulled\n")
	r.removeImage(t, image)
	says(r.must(t, "up", "-d", "--no-build"), " Image "+image+" Pulled\n", "-web-1 Started\n")
	says(r.must(t, "up", "-d", "--pull", "always"), " Image "+image+" Pulled\n", "-web-1 Running\n")
}
