package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// startRegistry starts Debian's docker-registry on a port of its own, with TLS:
// docker-compose 2.40.3 does not speak to it without. The variable is for those
// who are to trust it.
func startRegistry(t *testing.T) (address, trust string) {
	t.Helper()
	const variable = "GOCOMPOSE_TEST_REGISTRY"
	program := os.Getenv(variable)
	if program == "" {
		t.Skipf("%s does not name docker-registry", variable)
	}
	dir := t.TempDir()
	certificate := writeCertificate(t, dir)
	config := fmt.Sprintf("version: 0.1\nlog: {level: info}\nstorage: {filesystem: {rootdirectory: %s}}\n"+
		"http: {addr: '127.0.0.1:0', tls: {certificate: %s, key: %s}}\n",
		filepath.Join(dir, "data"), certificate, filepath.Join(dir, "key.pem"))
	path := filepath.Join(dir, "config.yml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "serve", path) //nolint:gosec // the test environment names it
	log, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed
	})
	listening := regexp.MustCompile(`listening on (127\.0\.0\.1:\d+)`)
	for lines := bufio.NewScanner(log); lines.Scan(); {
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			go func() {
				for lines.Scan() { // so that it can go on writing
				}
			}()
			return found[1], "SSL_CERT_FILE=" + certificate
		}
	}
	t.Fatal("docker-registry has not started to listen")
	return "", ""
}

func writeCertificate(t *testing.T, dir string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: certificate}, "key.pem": {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "cert.pem")
}

// published is a project with all that an artifact can hold. docker-compose
// 2.40.3 only finds what extended files extend where that is a block.
func published() map[string]string {
	return map[string]string{
		"compose.yaml": `
name: shop
services:
  web:
    image: app:${TAG:-1}
    extends:
      file: base/base.yaml
      service: base
    env_file: conf/web.env
    environment: {DIRECT: "1"}
    configs: [settings]
  list:
    image: app:1
    env_file:
      - conf/web.env
      - path: none.env
        required: false
configs:
  settings: {content: "a=${TAG:-1}"}
`,
		"over.yaml":      "services:\n  web: {labels: {over: '1'}, ports: ['80']}\n",
		"base/base.yaml": "services:\n  base:\n    labels: {base: '1'}\n",
		"conf/web.env":   "FROM_FILE=1\n",
	}
}

func (p *pair) writeAll(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(p.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPublishedBothWays: what either program publishes, either reads, and to the
// same effect.
func TestPublishedBothWays(t *testing.T) {
	p := newPair(t, "")
	address, trust := startRegistry(t)
	p.env = append(p.env, trust)
	p.writeAll(t, published())
	var want string
	for _, version := range []string{"", "1.0", "1.1"} {
		for name, publisher := range map[string]string{"theirs": p.oracle, "ours": p.self(t)} {
			reference := fmt.Sprintf("%s/team/shop:%s%s", address, name, version)
			line := []string{"-f", "compose.yaml", "-f", "over.yaml", "publish", "-y", "--with-env", "--oci-version", version, reference}
			if a := p.ask(t, publisher, line...); a.Code != 0 || !strings.Contains(a.Err, reference+" published") {
				t.Fatalf("%s %q: %d\n%s", name, line, a.Code, a.Err)
			}
			for _, reader := range []string{p.oracle, p.self(t)} {
				a := p.ask(t, reader, "-f", "oci://"+reference, "config")
				if a.Code != 0 {
					t.Fatalf("%s reads %s: %s", reader, reference, a.Err)
				}
				if want == "" {
					want = a.Out
				}
				if diff := cmp.Diff(want, a.Out); diff != "" {
					t.Errorf("%s reads %s otherwise:\n%s", reader, reference, diff)
				}
			}
		}
	}
	if !strings.Contains(want, "FROM_FILE") || !strings.Contains(want, "over:") || !strings.Contains(want, "base:") {
		t.Errorf("this is not all of it:\n%s", want)
	}
}

// TestPublishRefusals: both programs refuse the same, by their exit statuses.
func TestPublishRefusals(t *testing.T) {
	p := newPair(t, "")
	address, trust := startRegistry(t)
	p.env = append(p.env, trust)
	p.writeAll(t, map[string]string{
		"env.yaml":     "services:\n  web: {image: app:1, environment: {A: '1'}}\n",
		"build.yaml":   "services:\n  web: {build: .}\n",
		"include.yaml": "include: [env.yaml]\n",
		"plain.yaml":   "services:\n  web: {image: app:1}\n",
	})
	repository := address + "/x:1"
	for _, line := range []string{
		"-f env.yaml publish " + repository,
		"-f env.yaml publish -y " + repository,
		"-f build.yaml publish -y " + repository,
		"-f include.yaml publish -y " + repository,
		"-f plain.yaml publish " + repository,
		"-f plain.yaml publish --oci-version 9 " + repository,
		"-f plain.yaml publish UPPER:1",
		"-f plain.yaml publish 127.0.0.1:1/x:1",
		"-f plain.yaml publish",
		"-f plain.yaml publish --dry-run " + repository,
		"-f oci://" + address + "/none:1 config -q",
		"-f oci:// config -q",
	} {
		theirs, ours := p.both(t, strings.Fields(line)...)
		if theirs.Code != ours.Code {
			t.Errorf("%s: theirs %d, ours %d\n%s\n%s", line, theirs.Code, ours.Code, theirs.Err, ours.Err)
		}
	}
}

// TestRemoteStackOnEngines brings a stack up from a registry with either
// program, and hands it over to the other: no container is replaced.
func TestRemoteStackOnEngines(t *testing.T) {
	onPairs(t, func(t *testing.T, r *realPlace, p *pair) {
		address, trust := startRegistry(t)
		r.env = append(r.env, trust)
		r.write(t, `
services:
  web:
    image: gocompose-test/sleep
    environment: {GREETING: "${GREETING:-hello}"}
    stop_signal: KILL
`)
		r.must(t, "publish", "-y", "--with-env", address+"/stack:1")
		stack := "oci://" + address + "/stack:1"
		first := ""
		for _, program := range []string{p.oracle, p.self(t), p.oracle} {
			if a := p.ask(t, program, "-f", stack, "up", "-d", "-y"); a.Code != 0 {
				t.Fatalf("%s: %s", program, a.Err)
			}
			a := p.ask(t, program, "-f", stack, "ps", "-q")
			if first == "" {
				first = a.Out
			}
			if a.Out != first || first == "" {
				t.Errorf("%s: containers %q, then %q %s", program, first, a.Out, a.Err)
			}
		}
		if a := p.ask(t, p.self(t), "-f", stack, "down", "-t", "0"); a.Code != 0 {
			t.Error(a.Err)
		}
	})
}
