package distribution_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/distribution/reference"
	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/gocompose/gocompose/internal/distribution"
	"github.com/gocompose/gocompose/internal/registrytest"
)

func named(t *testing.T, text string) reference.Named {
	t.Helper()
	ref, err := reference.ParseDockerRef(text)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func serve(t *testing.T, handler http.Handler) (host string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func blobOf(text string) v1.Descriptor {
	return v1.Descriptor{Digest: digest.FromString(text), Size: int64(len(text)), Data: []byte(text)}
}

func client(credentials distribution.Credentials) *distribution.Client {
	return &distribution.Client{UserAgent: "test", Credentials: func(context.Context, string) (distribution.Credentials, error) {
		return credentials, nil
	}}
}

// TestAuthentication pushes and pulls with each kind of credentials.
func TestAuthentication(t *testing.T) {
	password := distribution.Credentials{User: "me", Password: "pw"}
	for _, test := range []struct {
		name    string
		options registrytest.Options
		given   distribution.Credentials
		denied  bool
	}{
		{"none", registrytest.Options{}, distribution.Credentials{}, false},
		{"basic", registrytest.Options{User: "me", Password: "pw"}, password, false},
		{"basic, wrong", registrytest.Options{User: "me", Password: "other"}, password, true},
		{"basic, missing", registrytest.Options{User: "me"}, distribution.Credentials{}, true},
		{"token", registrytest.Options{User: "me", Password: "pw", Tokens: true}, password, false},
		{"token, wrong", registrytest.Options{User: "me", Password: "other", Tokens: true}, password, true},
		{"identity token", registrytest.Options{User: "me", IdentityToken: "id", Tokens: true}, distribution.Credentials{IdentityToken: "id"}, false},
		{"registry token", registrytest.Options{User: "me", Tokens: true}, distribution.Credentials{RegistryToken: "a-token"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			host := serve(t, registrytest.New(test.options))
			repository := client(test.given).Pusher(named(t, host+"/app:1"))
			defer repository.Close()
			err := repository.PushBlob(t.Context(), blobOf("hello"))
			if test.denied {
				if !distribution.IsDenied(err) || strings.Contains(err.Error(), "pw") {
					t.Fatalf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := repository.Blob(t.Context(), blobOf("hello"))
			if err != nil || string(got) != "hello" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// TestCredentialsStay: a registry that is verified cannot send the user's
// credentials to a token service that is not.
func TestCredentialsStay(t *testing.T) {
	asked := false
	insecure := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="http://`+insecure+`/token",service="x"`)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "https://")
	c := client(distribution.Credentials{User: "me", Password: "pw"})
	c.Insecure = []string{host}
	_, err := c.Puller(named(t, host+"/app:1")).Manifest(t.Context(), "1")
	if err == nil || !strings.Contains(err.Error(), "less secure") || asked {
		t.Errorf("asked %v, error %v", asked, err)
	}
}

// TestLocations: an upload does not go where the registry's own address is more
// secure, and credentials do not go to another host.
func TestLocations(t *testing.T) {
	var authorization []string
	other := serve(t, http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		authorization = append(authorization, request.Header.Get("Authorization"))
		w.WriteHeader(http.StatusCreated)
	}))
	handler := http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		switch {
		case request.Header.Get("Authorization") == "":
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
		case request.Method == http.MethodHead:
			w.WriteHeader(http.StatusNotFound)
		default:
			w.Header().Set("Location", "http://"+other+"/upload")
			w.WriteHeader(http.StatusAccepted)
		}
	})
	c := client(distribution.Credentials{User: "me", Password: "pw"})
	if err := c.Pusher(named(t, serve(t, handler)+"/app")).PushBlob(t.Context(), blobOf("x")); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{""}, authorization); diff != "" {
		t.Error(diff)
	}
	server := httptest.NewTLSServer(handler)
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "https://")
	c.Insecure = []string{host}
	err := c.Pusher(named(t, host+"/app")).PushBlob(t.Context(), blobOf("x"))
	if err == nil || !strings.Contains(err.Error(), "less secure") {
		t.Errorf("error %v", err)
	}
}

// TestOnlyLoopbackIsPlain: other registries are not spoken to without TLS.
func TestOnlyLoopbackIsPlain(t *testing.T) {
	host := serve(t, registrytest.New(registrytest.Options{}))
	_, port, _ := strings.Cut(host, ":")
	for domain, plain := range map[string]bool{"127.0.0.1": true, "localhost": true, "0.0.0.0": false} {
		_, err := client(distribution.Credentials{}).Puller(named(t, domain+":"+port+"/app:1")).Manifest(t.Context(), "1")
		if distribution.IsNotFound(err) != plain {
			t.Errorf("%s: %v", domain, err)
		}
	}
	c := client(distribution.Credentials{})
	c.Insecure = []string{"0.0.0.0:" + port}
	if _, err := c.Puller(named(t, "0.0.0.0:"+port+"/app:1")).Manifest(t.Context(), "1"); !distribution.IsNotFound(err) {
		t.Errorf("insecure: %v", err)
	}
}

// TestCopy copies an image for several platforms, within a registry and between
// two.
func TestCopy(t *testing.T) {
	from := registrytest.New(registrytest.Options{})
	blobs := []v1.Descriptor{from.PutBlob("base/app", []byte("config")), from.PutBlob("base/app", []byte("layer"))}
	image, err := json.Marshal(v1.Manifest{MediaType: v1.MediaTypeImageManifest, Config: blobs[0], Layers: []v1.Descriptor{
		blobs[1], {MediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Digest: digest.FromString("elsewhere"), URLs: []string{"https://x"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	child := v1.Descriptor{MediaType: v1.MediaTypeImageManifest, Digest: from.Put("base/app", "child", v1.MediaTypeImageManifest, image), Size: int64(len(image))}
	index, err := json.Marshal(v1.Index{MediaType: v1.MediaTypeImageIndex, Manifests: []v1.Descriptor{child}})
	if err != nil {
		t.Fatal(err)
	}
	from.Put("base/app", "1", v1.MediaTypeImageIndex, index)
	to := registrytest.New(registrytest.Options{})
	fromHost, toHost := serve(t, from), serve(t, to)
	for _, test := range []struct {
		target *registrytest.Registry
		host   string
	}{{from, fromHost}, {to, toHost}} {
		c := client(distribution.Credentials{})
		copied, err := c.Pusher(named(t, test.host+"/team/shop")).Copy(t.Context(), c.Puller(named(t, fromHost+"/base/app")), "1")
		if err != nil {
			t.Fatal(err)
		}
		if copied.Data != nil || copied.Digest != digest.FromBytes(index) {
			t.Errorf("copied %+v", copied)
		}
		if got := test.target.Manifest("team/shop", child.Digest.String()); !bytes.Equal(got, image) {
			t.Errorf("%s: the image is %q", test.host, got)
		}
		if mounted := !strings.Contains(strings.Join(test.target.Requests(), "\n"), "PUT team/shop/blobs/"); mounted != (test.host == fromHost) {
			t.Errorf("%s: mounted %v", test.host, mounted)
		}
	}
}
