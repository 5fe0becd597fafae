package engine

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// unreachable explains why the first request failed.
func (e Endpoint) unreachable(err error) error {
	classified := Classify(err)
	switch kind := KindOf(classified); {
	case strings.Contains(err.Error(), saysTLS):
		err = errors.New("it wants TLS, and was asked without")
	case kind != Unreachable && kind != Gone:
		return classified
	case strings.Contains(err.Error(), cannotConnect):
		return &Error{Kind: Unreachable, Name: e.Host, Err: err, hint: e.hint(err)} // it says all of this itself
	}
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err // without the address of the request, which is none of the user's
	}
	return &Error{Kind: Unreachable, Name: e.Host, hint: e.hint(err),
		Err: fmt.Errorf("cannot connect to the Docker Engine at %s%s: %w", e.Host, e.origin(), err)}
}

// What servers and clients say where one speaks TLS and the other does not.
const (
	saysTLS   = "Client sent an HTTP request to an HTTPS server"
	saysPlain = "server gave HTTP response to HTTPS client"
	garbled   = "malformed HTTP response"
)

// hint says what to do about a connection that was not made; empty for the usual.
func (e Endpoint) hint(err error) string {
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	text := err.Error()
	switch {
	case e.scheme() == "ssh":
		return "see that " + e.sshTrial() + " works without asking for anything"
	case strings.Contains(text, "proxyconnect"):
		return "the proxy of HTTP_PROXY and HTTPS_PROXY did not answer: correct it, or list the engine's host in NO_PROXY"
	case strings.Contains(text, "wants TLS"), strings.Contains(text, garbled):
		if e.Context != defaultContext {
			return "make the context anew with its certificates: docker context update " + e.Context +
				" --docker host=" + e.Host + ",ca=ca.pem,cert=cert.pem,key=key.pem"
		}
		return "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the directory with ca.pem, cert.pem and key.pem"
	case strings.Contains(text, saysPlain):
		return "this port takes no TLS: use the engine's other port (often 2376), or unset DOCKER_TLS_VERIFY and DOCKER_TLS"
	case errors.As(err, &authority):
		return e.authorityHint()
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "have the engine's certificate renewed, unless this machine's clock is wrong"
	case errors.As(err, &name):
		return "use a host name or address that is in the engine's certificate"
	case refusesClient(text):
		return e.clientHint()
	case e.Context != defaultContext:
		return fmt.Sprintf("start the engine, or choose another: docker context inspect %s shows this one, docker context ls lists all", e.Context)
	default:
		return ""
	}
}

// refusesClient tells whether the engine broke the handshake off over the
// client's certificate.
func refusesClient(text string) bool {
	_, alert, ok := strings.Cut(text, "remote error: tls: ")
	return ok && (strings.Contains(alert, "certificate") || strings.Contains(alert, "handshake failure"))
}

func (e Endpoint) authorityHint() string {
	if e.TLS == nil || e.TLS.CA == "" {
		return "put the certificate of the authority that signed the engine's into " + e.place("ca.pem")
	}
	return e.TLS.CA + " is not of the authority that signed the engine's certificate: ask who runs the engine for the right one"
}

func (e Endpoint) clientHint() string {
	if e.TLS == nil || e.TLS.Cert == "" {
		return "the engine wants a client certificate: put " + e.place("cert.pem and key.pem")
	}
	return "the engine does not take the client certificate " + e.TLS.Cert +
		": see that it has not expired and was signed by the authority that the engine trusts"
}

// place is where files are looked for.
func (e Endpoint) place(files string) string {
	if e.TLS == nil || e.TLS.Dir == "" {
		return files + " in DOCKER_CERT_PATH"
	}
	return files + " in " + e.TLS.Dir
}

// origin names the docker context that an address comes from, for messages.
func (e Endpoint) origin() string {
	if e.Context == defaultContext {
		return ""
	}
	return fmt.Sprintf(" (docker context %q)", e.Context)
}
