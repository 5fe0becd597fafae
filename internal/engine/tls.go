package engine

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// config builds the TLS configuration.
func (f *TLSFiles) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: f.SkipVerify} //nolint:gosec // the user's choice, as in the docker command
	if f.CA != "" {
		ca, err := os.ReadFile(f.CA)
		if err != nil {
			return nil, fmt.Errorf("the CA of the engine: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(ca) {
			return nil, fmt.Errorf("the CA of the engine: %s holds no certificate in PEM form", f.CA)
		}
	}
	switch {
	case f.Cert == "" && f.Key == "":
		return c, nil // the engine may want none
	case f.Key == "":
		return nil, fmt.Errorf("the client certificate %s has no key: put key.pem beside it", f.Cert)
	case f.Cert == "":
		return nil, fmt.Errorf("the key %s has no client certificate: put cert.pem beside it", f.Key)
	}
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, fmt.Errorf("the client certificate %s with the key %s: %w", f.Cert, f.Key, err)
	}
	c.Certificates = []tls.Certificate{pair}
	return c, nil
}
