package artifact_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/opencontainers/go-digest"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/gocompose/gocompose/internal/artifact"
)

func origin() artifact.Origin {
	return artifact.Origin{Version: "2.40.3", Created: time.Unix(1e9, 0)}
}

func application() []artifact.File {
	return []artifact.File{
		{Kind: artifact.Compose, Name: "compose.yaml", Content: []byte("services: {}\n")},
		{Kind: artifact.Compose, Name: "over.yaml", Content: []byte("name: x\n")},
		{Kind: artifact.Extended, Name: "ab.yaml", Content: []byte("services: {base: {}}\n")},
		{Kind: artifact.Env, Name: "cd.env", Content: []byte("A=1\n")},
	}
}

// TestManifest holds both forms against what docker-compose 2.40.3 published,
// but for the files and the time.
func TestManifest(t *testing.T) {
	const layers = `"layers":[` +
		`{"mediaType":"application/vnd.docker.compose.file+yaml","digest":"sha256:D0","size":13,"annotations":{"com.docker.compose.file":"compose.yaml","com.docker.compose.version":"2.40.3"},"data":"c2VydmljZXM6IHt9Cg=="},` +
		`{"mediaType":"application/vnd.docker.compose.file+yaml","digest":"sha256:D1","size":8,"annotations":{"com.docker.compose.file":"over.yaml","com.docker.compose.version":"2.40.3"},"data":"bmFtZTogeAo="},` +
		`{"mediaType":"application/vnd.docker.compose.file+yaml","digest":"sha256:D2","size":21,"annotations":{"com.docker.compose.extends":"true","com.docker.compose.file":"ab.yaml","com.docker.compose.version":"2.40.3"},"data":"c2VydmljZXM6IHtiYXNlOiB7fX0K"},` +
		`{"mediaType":"application/vnd.docker.compose.envfile","digest":"sha256:D3","size":4,"annotations":{"com.docker.compose.envfile":"cd.env","com.docker.compose.version":"2.40.3"},"data":"QT0xCg=="}` +
		`],"annotations":{"org.opencontainers.image.created":"2001-09-09T01:46:40Z"}}`
	for version, head := range map[artifact.Version]string{
		artifact.OCI11: `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.docker.compose.project",` +
			`"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"data":"e30="},`,
		artifact.OCI10: `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",` +
			`"config":{"mediaType":"application/vnd.docker.compose.config.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"data":"e30="},`,
	} {
		t.Run(string(version), func(t *testing.T) {
			made, err := artifact.Write(application(), version, origin())
			if err != nil {
				t.Fatal(err)
			}
			want := head + layers
			for i, file := range application() {
				want = strings.Replace(want, fmt.Sprintf("sha256:D%d", i), digest.FromBytes(file.Content).String(), 1)
			}
			if diff := cmp.Diff(want, string(made.Manifest.Data)); diff != "" {
				t.Error(diff)
			}
			if len(made.Blobs) != 5 {
				t.Errorf("%d blobs", len(made.Blobs))
			}
		})
	}
}

func TestRoundTrip(t *testing.T) {
	made, err := artifact.Write(application(), artifact.OCI11, origin())
	if err != nil {
		t.Fatal(err)
	}
	layers, err := artifact.Read(made.Manifest.Data)
	if err != nil {
		t.Fatal(err)
	}
	var contents [][]byte
	for _, layer := range layers {
		contents = append(contents, layer.Data)
	}
	files, err := artifact.Unpack(layers, contents)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]byte{
		"compose.yaml": []byte("services: {}\n\n---\nname: x\n"),
		"ab.yaml":      []byte("services: {base: {}}\n"),
		"cd.env":       []byte("A=1\n"),
	}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Error(diff)
	}
}

// TestLargeManifest leaves files out of a manifest that would be too large with
// them.
func TestLargeManifest(t *testing.T) {
	large := artifact.File{Name: "compose.yaml", Content: bytes.Repeat([]byte("# x\n"), 1<<20)}
	made, err := artifact.Write([]artifact.File{large}, artifact.OCI11, origin())
	if err != nil || len(made.Manifest.Data) > artifact.MaxManifest {
		t.Fatal(err, len(made.Manifest.Data))
	}
	layers, err := artifact.Read(made.Manifest.Data)
	if err != nil || len(layers) != 1 || layers[0].Data != nil || layers[0].Size != 4<<20 {
		t.Errorf("%v, %d layers", err, len(layers))
	}
}

func TestNames(t *testing.T) {
	for name, good := range map[string]bool{
		"a.env": true, ".env": true, "a b.env": false, "0db8.yaml": true, "-": true, "a+b@c~d.yaml": true,
		"": false, ".": false, "..": false, "...": false, "a.": false, "../x": false, "/etc/passwd": false, "a/b": false, `a\b`: false,
		`..\x`: false, `C:\x`: false, "C:x": false, `\\server\share\x`: false, "//server/share": false, "a:stream": false,
		"x\x00.env": false, "x\n.env": false, " x": false, "x ": false, "ä.env": false, "ﬀ.env": false, "x\u202egnp.env": false,
		"CON": false, "con.env": false, "Aux.yaml": false, "nul": false, "COM1.env": false, "lpt9": false, "conin$": false,
		"common.env": true, "com10.env": true, "a*": false, "a?": false, "<a>": false, `"a"`: false, "a|b": false,
		strings.Repeat("x", 128): true, strings.Repeat("x", 129): false, "\xff.env": false,
	} {
		_, err := artifact.Read(manifest(t, func(m *v1.Manifest) {
			m.Layers = append(m.Layers, layer("application/vnd.docker.compose.envfile", map[string]string{"com.docker.compose.envfile": name}))
		}))
		if (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
		if err != nil && !errors.Is(err, artifact.ErrInvalid) {
			t.Errorf("%q: %v is not ErrInvalid", name, err)
		}
	}
}

func layer(mediaType string, annotations map[string]string) v1.Descriptor {
	content := []byte("services: {}\n")
	return v1.Descriptor{
		MediaType: mediaType, Digest: digest.FromBytes(content), Size: int64(len(content)), Data: content, Annotations: annotations,
	}
}

// manifest is a good one with a change.
func manifest(t *testing.T, change func(*v1.Manifest)) []byte {
	t.Helper()
	made, err := artifact.Write(application()[:1], artifact.OCI11, origin())
	if err != nil {
		t.Fatal(err)
	}
	var m v1.Manifest
	if err := json.Unmarshal(made.Manifest.Data, &m); err != nil {
		t.Fatal(err)
	}
	change(&m)
	body, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// TestLeavesOut ignores layers of other kinds, as docker compose does.
func TestLeavesOut(t *testing.T) {
	layers, err := artifact.Read(manifest(t, func(m *v1.Manifest) {
		m.Layers = append(m.Layers, v1.Descriptor{MediaType: "application/x-gzip", Digest: "x", Size: 1 << 60},
			layer("application/vnd.docker.compose.file+yaml", nil))
	}))
	if err != nil || len(layers) != 2 {
		t.Errorf("%d layers, %v", len(layers), err)
	}
}

func TestIndex(t *testing.T) {
	made, err := artifact.Write(application(), artifact.OCI11, origin())
	if err != nil {
		t.Fatal(err)
	}
	index, err := artifact.Images(made.Manifest, []v1.Descriptor{made.Manifest}, origin())
	if err != nil {
		t.Fatal(err)
	}
	inside, err := artifact.InIndex(index.Data)
	if err != nil || inside != made.Manifest.Digest {
		t.Error(inside, err)
	}
	for _, bad := range []string{"", "[]", `{"manifests": []}`, `{"manifests": [{"artifactType": "application/vnd.docker.compose.project", "digest": "sha256:../x"}]}`} {
		if inside, err := artifact.InIndex([]byte(bad)); !errors.Is(err, artifact.ErrInvalid) {
			t.Errorf("%s: %q, %v", bad, inside, err)
		}
	}
}

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]artifact.Version{"": artifact.OCI11, "1.1": artifact.OCI11, "1.0": artifact.OCI10} {
		if got, err := artifact.ParseVersion(text); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	if _, err := artifact.ParseVersion("2"); err == nil || !strings.Contains(err.Error(), "unsupported OCI version: 2") {
		t.Error(err)
	}
}

// FuzzRead: whatever a manifest says, the files of what is not refused are
// plain files in one directory, also where small letters are capitals.
func FuzzRead(f *testing.F) {
	made, err := artifact.Write(application(), artifact.OCI11, origin())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(made.Manifest.Data)
	f.Add(bytes.ReplaceAll(made.Manifest.Data, []byte("cd.env"), []byte("../cd.env")))
	f.Add(bytes.ReplaceAll(made.Manifest.Data, []byte("cd.env"), []byte(`..\\cd.env`)))
	f.Fuzz(func(t *testing.T, manifest []byte) {
		layers, err := artifact.Read(manifest)
		if err != nil {
			return
		}
		contents := make([][]byte, len(layers))
		for i, layer := range layers {
			contents[i] = layer.Data
		}
		files, err := artifact.Unpack(layers, contents)
		if err != nil {
			return
		}
		folded := map[string]bool{}
		for name := range files {
			if !filepath.IsLocal(name) || strings.ContainsAny(name, "/\\:\x00") || folded[strings.ToLower(name)] {
				t.Errorf("a file named %q", name)
			}
			folded[strings.ToLower(name)] = true
		}
	})
}
