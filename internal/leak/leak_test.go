package leak_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/leak"
)

func TestScan(t *testing.T) {
	const key = "-----BEGIN DSA PRIVATE KEY-----\nwxyz+ABC=\n-----END DSA PRIVATE KEY-----\n"
	scanner := leak.NewScanner()
	var got []string
	for _, file := range [][2]string{
		{"compose.yaml", "services:\n  web:\n    environment:\n      TOKEN: ghp_1234567890abcdefghijklmnopqrstuvwxyz\n      A_ID: A3TX1234567890ABCDEF\n      FINE: yes\n"},
		{"a.env", "AGAIN=ghp_1234567890abcdefghijklmnopqrstuvwxyz\nURL=postgres://me:hunter22@db/x\n"},
		{"key.pem", key},
		{"empty", ""},
	} {
		found, err := scanner.Scan(file[0], []byte(file[1]))
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range found {
			got = append(got, finding.String())
		}
	}
	want := []string{
		`AWS Client ID "services.web.environment.A_ID" in compose.yaml`,
		`Github authentication "services.web.environment.TOKEN" in compose.yaml`,
		`URL with password "URL" in a.env`,
		`Private Key in key.pem`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if text := fmt.Sprint(got); strings.Contains(text, "ghp_") || strings.Contains(text, "hunter22") {
		t.Error("a secret is shown")
	}
}
