// Package registrytest is an OCI registry in memory, as an [http.Handler], for
// tests.
package registrytest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// Options say what the registry wants. The zero value takes all from anyone.
type Options struct {
	// User and Password are asked for where there is a user: directly, or with
	// Tokens by a token service, which also takes IdentityToken.
	User, Password, IdentityToken string
	Tokens                        bool
	// OnlyOCI10 refuses manifests with the type of an artifact.
	OnlyOCI10 bool
}

// Registry is the registry. It is safe for concurrent use.
type Registry struct {
	options Options

	mu        sync.Mutex
	blobs     map[string][]byte // by repository@digest
	manifests map[string]stored // by repository:tag and repository@digest
	requests  []string
}

type stored struct {
	mediaType string
	content   []byte
}

// New makes an empty registry.
func New(o Options) *Registry {
	return &Registry{options: o, blobs: map[string][]byte{}, manifests: map[string]stored{}}
}

// Manifest is what was pushed under a tag or digest; nil where nothing was.
func (r *Registry) Manifest(repository, tagOrDigest string) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.manifests[repository+" "+tagOrDigest].content
}

// Put stores a manifest as if it had been pushed.
func (r *Registry) Put(repository, tag, mediaType string, content []byte) digest.Digest {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := digest.FromBytes(content)
	r.manifests[repository+" "+tag] = stored{mediaType, content}
	r.manifests[repository+" "+id.String()] = stored{mediaType, content}
	return id
}

// PutBlob stores a blob as if it had been pushed.
func (r *Registry) PutBlob(repository string, content []byte) v1.Descriptor {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := digest.FromBytes(content)
	r.blobs[repository+" "+id.String()] = content
	return v1.Descriptor{MediaType: "application/octet-stream", Digest: id, Size: int64(len(content))}
}

// Requests are those since the last call, as "GET team/app/manifests/1".
func (r *Registry) Requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	requests := r.requests
	r.requests = nil
	return requests
}

const token = "a-token"

func (r *Registry) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if request.URL.Path == "/token" {
		r.token(w, request)
		return
	}
	path := strings.TrimPrefix(request.URL.Path, "/v2/")
	r.requests = append(r.requests, request.Method+" "+path)
	if !r.allowed(request) {
		challenge := `Basic realm="test"`
		if r.options.Tokens {
			challenge = fmt.Sprintf(`Bearer realm="http://%s/token",service="test"`, request.Host)
		}
		w.Header().Set("WWW-Authenticate", challenge)
		fail(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
		return
	}
	for _, part := range []struct {
		mark  string
		serve func(w http.ResponseWriter, request *http.Request, repository, rest string)
	}{{"/blobs/uploads/", r.upload}, {"/blobs/", r.blob}, {"/manifests/", r.manifest}} {
		if repository, rest, ok := strings.Cut(path, part.mark); ok {
			part.serve(w, request, repository, rest)
			return
		}
	}
	http.NotFound(w, request)
}

func (r *Registry) allowed(request *http.Request) bool {
	if r.options.User == "" {
		return true
	}
	if r.options.Tokens {
		return request.Header.Get("Authorization") == "Bearer "+token
	}
	return r.knows(request)
}

func (r *Registry) knows(request *http.Request) bool {
	user, password, ok := request.BasicAuth()
	return ok && user == r.options.User && password == r.options.Password
}

func (r *Registry) token(w http.ResponseWriter, request *http.Request) {
	r.requests = append(r.requests, request.Method+" token "+request.FormValue("scope"))
	given := request.FormValue("refresh_token")
	if !r.knows(request) && (given == "" || given != r.options.IdentityToken) {
		fail(w, http.StatusUnauthorized, "UNAUTHORIZED", "incorrect username or password")
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"access_token": token})
}

func (r *Registry) upload(w http.ResponseWriter, request *http.Request, repository, _ string) {
	query := request.URL.Query()
	if request.Method == http.MethodPost {
		if content, ok := r.blobs[query.Get("from")+" "+query.Get("mount")]; ok {
			r.blobs[repository+" "+query.Get("mount")] = content
			w.WriteHeader(http.StatusCreated)
			return
		}
		w.Header().Set("Location", "/v2/"+repository+"/blobs/uploads/1?state=x")
		w.WriteHeader(http.StatusAccepted)
		return
	}
	body, err := io.ReadAll(request.Body)
	if id := digest.FromBytes(body); err != nil || query.Get("digest") != id.String() || query.Get("state") != "x" {
		fail(w, http.StatusBadRequest, "DIGEST_INVALID", "not what it is said to be")
		return
	}
	r.blobs[repository+" "+query.Get("digest")] = body
	w.WriteHeader(http.StatusCreated)
}

func (r *Registry) blob(w http.ResponseWriter, _ *http.Request, repository, id string) {
	content, ok := r.blobs[repository+" "+id]
	if !ok {
		fail(w, http.StatusNotFound, "BLOB_UNKNOWN", "blob unknown")
		return
	}
	_, _ = w.Write(content)
}

func (r *Registry) manifest(w http.ResponseWriter, request *http.Request, repository, name string) {
	if request.Method == http.MethodPut {
		r.putManifest(w, request, repository, name)
		return
	}
	found, ok := r.manifests[repository+" "+name]
	if !ok {
		fail(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "manifest unknown")
		return
	}
	w.Header().Set("Content-Type", found.mediaType)
	w.Header().Set("Docker-Content-Digest", digest.FromBytes(found.content).String())
	_, _ = w.Write(found.content)
}

// putManifest wants what a manifest names to be there.
func (r *Registry) putManifest(w http.ResponseWriter, request *http.Request, repository, name string) {
	body, err := io.ReadAll(request.Body)
	var m struct {
		v1.Manifest
		Manifests []v1.Descriptor `json:"manifests"`
	}
	if err != nil || json.Unmarshal(body, &m) != nil || r.options.OnlyOCI10 && m.ArtifactType != "" {
		fail(w, http.StatusBadRequest, "MANIFEST_INVALID", "manifest invalid")
		return
	}
	for _, blob := range m.Layers {
		if _, ok := r.blobs[repository+" "+blob.Digest.String()]; !ok && len(blob.URLs) == 0 {
			fail(w, http.StatusBadRequest, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry")
			return
		}
	}
	for _, child := range m.Manifests {
		if _, ok := r.manifests[repository+" "+child.Digest.String()]; !ok {
			fail(w, http.StatusBadRequest, "MANIFEST_UNKNOWN", "manifest unknown to registry")
			return
		}
	}
	entry := stored{request.Header.Get("Content-Type"), body}
	r.manifests[repository+" "+name] = entry
	r.manifests[repository+" "+digest.FromBytes(body).String()] = entry
	w.WriteHeader(http.StatusCreated)
}

func fail(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []map[string]string{{"code": code, "message": message}}})
}
