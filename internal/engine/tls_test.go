package engine_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/gocompose/gocompose/internal/engine"
	"github.com/gocompose/gocompose/internal/enginetest"
)

// authority signs certificates.
type authority struct {
	template *x509.Certificate
	pair
}

// pair is a certificate and its key, in PEM form.
type pair struct {
	cert, key string
	private   *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	a := authority{template: &x509.Certificate{
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour),
	}}
	a.pair = signed(t, a.template, nil)
	return a
}

// signed makes a certificate that by signs, or it signs itself.
func signed(t *testing.T, template *x509.Certificate, by *authority) pair {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	parent, signer := template, private
	if by != nil {
		parent, signer = by.template, by.private
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, parent, &private.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	encoded := func(kind string, data []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	return pair{cert: encoded("CERTIFICATE", cert), key: encoded("EC PRIVATE KEY", der), private: private}
}

// server is for an engine on this machine.
func (a authority) server(t *testing.T, until time.Duration, names ...string) pair {
	t.Helper()
	template := &x509.Certificate{
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(until), DNSNames: names,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if len(names) == 0 {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	return signed(t, template, &a)
}

func (a authority) client(t *testing.T, until time.Duration) pair {
	t.Helper()
	return signed(t, &x509.Certificate{
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(until),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, &a)
}

// secured is the address of a listener that takes TLS with certificates of
// clients that a signed, and joins what it gets to the engine at host.
func (a authority) secured(t *testing.T, server pair, host string) string {
	t.Helper()
	own, err := tls.X509KeyPair([]byte(server.cert), []byte(server.key))
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM([]byte(a.cert))
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{own}, ClientCAs: clients,
		ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go join(conn, strings.TrimPrefix(host, "unix://"))
		}
	}()
	return "tcp://" + listener.Addr().String()
}

func join(conn net.Conn, socket string) {
	defer func() { _ = conn.Close() }()
	if conn.(*tls.Conn).Handshake() != nil { //nolint:noctx // the other side is in this process
		return
	}
	engine, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer func() { _ = engine.Close() }()
	go func() { _, _ = io.Copy(engine, conn) }()
	_, _ = io.Copy(conn, engine)
}

func TestConnectOverTLS(t *testing.T) {
	_, host := serve(t, enginetest.Options{})
	ours, theirs := newAuthority(t), newAuthority(t)
	good, client := ours.server(t, time.Hour), ours.client(t, time.Hour)
	address := ours.secured(t, good, host)
	localhost := strings.Replace(address, "127.0.0.1", "localhost", 1)
	expired := ours.secured(t, ours.server(t, -time.Hour), host)
	old, foreign := ours.client(t, -time.Hour), theirs.client(t, time.Hour)
	verify := map[string]string{"DOCKER_TLS_VERIFY": "1"}
	for _, test := range []struct {
		name    string
		address string
		files   map[string]string
		env     map[string]string
		want    []string // parts of the error; none for a connection
	}{
		{name: "certificates", address: address, env: verify,
			files: map[string]string{"ca.pem": ours.cert, "cert.pem": client.cert, "key.pem": client.key}},
		{name: "not verified", address: expired, env: map[string]string{"DOCKER_TLS": "1"},
			files: map[string]string{"cert.pem": client.cert, "key.pem": client.key}},
		{name: "no authority", address: address, env: verify,
			want: []string{"x509: certificate signed by unknown authority; put the certificate of the authority", "into ca.pem in $DIR"}},
		{name: "another authority", address: address, env: verify, files: map[string]string{"ca.pem": theirs.cert},
			want: []string{"x509: certificate signed by unknown authority", "$DIR/ca.pem is not of the authority"}},
		{name: "expired", address: expired, env: verify, files: map[string]string{"ca.pem": ours.cert},
			want: []string{"x509: certificate has expired", "have the engine's certificate renewed"}},
		{name: "another name", address: localhost, env: verify, files: map[string]string{"ca.pem": ours.cert},
			want: []string{"x509: ", "localhost", "use a host name or address that is in the engine's certificate"}},
		{name: "no client certificate", address: address, env: verify, files: map[string]string{"ca.pem": ours.cert},
			want: []string{"certificate required; the engine wants a client certificate: put cert.pem and key.pem in $DIR"}},
		{name: "expired client certificate", address: address, env: verify,
			files: map[string]string{"ca.pem": ours.cert, "cert.pem": old.cert, "key.pem": old.key},
			want:  []string{"remote error: tls: ", "the engine does not take the client certificate $DIR/cert.pem: see that it has not expired"}},
		{name: "another's client certificate", address: address, env: verify,
			files: map[string]string{"ca.pem": ours.cert, "cert.pem": foreign.cert, "key.pem": foreign.key},
			want:  []string{"remote error: tls: ", "the engine does not take the client certificate $DIR/cert.pem"}},
		{name: "no key", address: address, env: verify, files: map[string]string{"ca.pem": ours.cert, "cert.pem": client.cert},
			want: []string{"the client certificate $DIR/cert.pem has no key: put key.pem beside it"}},
		{name: "no certificate", address: address, env: verify, files: map[string]string{"key.pem": client.key},
			want: []string{"the key $DIR/key.pem has no client certificate"}},
		{name: "another key", address: address, env: verify,
			files: map[string]string{"cert.pem": client.cert, "key.pem": foreign.key},
			want:  []string{"the client certificate $DIR/cert.pem with the key $DIR/key.pem: tls: private key does not match"}},
		{name: "an authority that is none", address: address, env: verify, files: map[string]string{"ca.pem": "?"},
			want: []string{"$DIR/ca.pem holds no certificate in PEM form"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := dockerDir(t, test.files)
			env := map[string]string{"DOCKER_HOST": test.address, "DOCKER_CERT_PATH": dir}
			for name, value := range test.env {
				env[name] = value
			}
			check(t, engine.Options{Getenv: environment(t, env)}, dir, test.want)
		})
	}
}

// check connects, and wants an error with all of these parts, or none.
func check(t *testing.T, o engine.Options, dir string, want []string) {
	t.Helper()
	c, err := engine.Connect(t.Context(), o)
	if err == nil {
		_, err = c.API().ContainerList(t.Context(), container.ListOptions{})
	}
	if len(want) == 0 && err != nil {
		t.Fatal(err)
	}
	for _, part := range want {
		if part = strings.ReplaceAll(filepath.FromSlash(part), "$DIR", dir); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error %v\nwant %s", err, part)
		}
	}
}

// TestTLSOnOneSide asks an engine without TLS for it, and the other way round.
func TestTLSOnOneSide(t *testing.T) {
	secured := httptest.NewUnstartedServer(http.NotFoundHandler())
	secured.Config.ErrorLog = log.New(io.Discard, "", 0)
	secured.StartTLS()
	defer secured.Close()
	dir := dockerDir(t, map[string]string{
		contextFile("meta", "bare", "meta.json"): `{"Name":"bare","Endpoints":{"docker":{"Host":"tcp://` + secured.Listener.Addr().String() + `"}}}`,
	})
	asks := environment(t, map[string]string{"DOCKER_HOST": "tcp://" + secured.Listener.Addr().String()})
	check(t, engine.Options{Getenv: asks}, "", []string{
		"it wants TLS, and was asked without; set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH"})
	check(t, engine.Options{Getenv: asks, Flags: engine.Flags{ConfigDir: dir, Context: "bare"}}, "", []string{
		` (docker context "bare"): it wants TLS, and was asked without; make the context anew with its certificates`})
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	address := "tcp://" + plain.Listener.Addr().String()
	env := environment(t, map[string]string{"DOCKER_TLS_VERIFY": "1", "DOCKER_HOST": address})
	check(t, engine.Options{Getenv: env}, "", []string{"server gave HTTP response to HTTPS client; this port takes no TLS"})
}

// TestFlagsGoFirst chooses by the options of the docker command.
func TestFlagsGoFirst(t *testing.T) {
	_, host := serve(t, enginetest.Options{})
	ours := newAuthority(t)
	client := ours.client(t, time.Hour)
	address := ours.secured(t, ours.server(t, time.Hour), host)
	dir := dockerDir(t, map[string]string{
		"mine/ca.pem": ours.cert, "mine/cert.pem": client.cert, "mine/key.pem": client.key,
		contextFile("meta", "far", "meta.json"):    `{"Name":"far","Endpoints":{"docker":{"Host":"` + address + `"}}}`,
		contextFile("tls", "far", "docker/ca.pem"): ours.cert, contextFile("tls", "far", "docker/cert.pem"): client.cert,
		contextFile("tls", "far", "docker/key.pem"): client.key,
	})
	elsewhere := map[string]string{"DOCKER_HOST": "tcp://127.0.0.1:1", "DOCKER_CONTEXT": "nope"}
	mine := func(name string) string { return filepath.Join(dir, "mine", name) }
	for _, test := range []struct {
		name  string
		flags engine.Flags
		want  []string
	}{
		{name: "context", flags: engine.Flags{ConfigDir: dir, Context: "far"}},
		{name: "host", flags: engine.Flags{ConfigDir: dir, Host: host}},
		{name: "host and files", flags: engine.Flags{
			Host: address, TLSVerify: true, CA: mine("ca.pem"), Cert: mine("cert.pem"), Key: mine("key.pem")}},
		{name: "host and files, not verified", flags: engine.Flags{
			Host: address, TLS: true, Cert: mine("cert.pem"), Key: mine("key.pem")}},
		{name: "a file that is not there", flags: engine.Flags{Host: address, TLSVerify: true, CA: mine("none.pem")},
			want: []string{"the CA of the engine: open " + mine("none.pem")}},
		{name: "both", flags: engine.Flags{Host: host, Context: "far"},
			want: []string{"conflicting options: cannot specify both --host and --context"}},
		{name: "unknown context", flags: engine.Flags{ConfigDir: dir, Context: "x"},
			want: []string{`docker context "x" does not exist in ` + dir + ": give --context another (there are: default, far)"}},
		{name: "default context", flags: engine.Flags{ConfigDir: dir, Context: "default"}, want: []string{"tcp://127.0.0.1:1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			check(t, engine.Options{Getenv: environment(t, elsewhere), Flags: test.flags}, "", test.want)
		})
	}
}
