package spec_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/spec"
)

// TestUnsupported holds what is left out and what is refused, on the last
// engine that lacks it and on the first that has it.
func TestUnsupported(t *testing.T) {
	const (
		networks = "networks: {n: , m: }"
		files    = "configs: {f: {file: ./f, name: other}, inline: {content: x}}"
	)
	old := func(what, since, version string) string {
		return what + " is left out: it needs Docker Engine " + since + ", and this engine speaks API " + version
	}
	refused := func(what, since, version string) string {
		return what + " needs Docker Engine " + since + ", and this engine speaks API " + version
	}
	tests := []struct {
		name, keys, rest string
		version, since   string // of the last engine without and the first with; since is empty where none has it
		notice, refusal  string
	}{
		{
			"start interval", "healthcheck: {test: x, start_period: 1s, start_interval: 1s}", "", "1.43", "1.44",
			old("healthcheck.start_interval", "25 (API 1.44)", "1.43"), "",
		},
		{"annotations", "annotations: {a: b}", "", "1.42", "1.43", old("annotations", "24 (API 1.43)", "1.42"), ""},
		{
			"gateway priority", "networks: {n: {gw_priority: 1}}", networks, "1.47", "1.48",
			old("networks.n.gw_priority", "28 (API 1.48)", "1.47"), "",
		},
		{"umask", "umask: 2", "", "1.51", "", "umask is left out: Docker engines have no such setting", ""},
		{
			"owner of a bound file", "configs: [{source: f, uid: '5'}, {source: inline, uid: '5'}]", files, "1.51", "",
			"configs.f.uid is left out: the file of the host is mounted with the owner and mode it has", "",
		},
		{"hooks", "post_start: [{command: x}], pre_stop: [{command: x}]", "", "1.51", "", "", ""},
		{
			"image mount", "volumes: [{type: image, source: i, target: /i}]", "", "1.47", "1.48",
			"", refused("the image mount at /i", "28 (API 1.48)", "1.47"),
		},
		{
			"subpath", "volumes: [{type: volume, source: v, target: /v, volume: {subpath: s}}]", "volumes: {v: }", "1.44", "1.45",
			"", refused("volume.subpath at /v", "26 (API 1.45)", "1.44"),
		},
		{
			"forced recursion", "volumes: [{type: bind, source: /v, target: /v, bind: {recursive: readonly}}]", "", "1.43", "1.44",
			"", refused("bind.recursive: readonly at /v", "25 (API 1.44)", "1.43"),
		},
		{
			"interface name", "networks: {n: {interface_name: eth1}}", networks, "1.48", "1.49",
			"", refused("networks.n.interface_name", "28.1 (API 1.49)", "1.48"),
		},
		{
			"second MAC address", "networks: {m: {}, n: {mac_address: '02:00:00:00:00:01'}}", networks, "1.43", "1.44",
			"", refused("networks.n.mac_address", "25 (API 1.44)", "1.43"),
		},
		{
			"API socket", "use_api_socket: true", "", "1.51", "",
			"", "use_api_socket is not supported here; mount the engine's socket under volumes",
		},
		{
			"external config", "configs: [f]", "configs: {f: {external: true}}", "1.51", "",
			"", "unsupported external config f: one engine has no store of them; give it a file, environment or content",
		},
		{
			"secret driver", "secrets: [f]", "secrets: {f: {file: ./f, driver: vault}}", "1.51", "",
			"", "unsupported secrets.f.driver: one engine has no store of them",
		},
		{
			"template", "configs: [f]", "configs: {f: {file: ./f, template_driver: golang}}", "1.51", "",
			"", "unsupported configs.f.template_driver: one engine fills no templates",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, s := loadService(t, test.keys, test.rest)
			check := func(version, notice, refusal string) {
				f := spec.FeaturesOf(version)
				text := ""
				if err := spec.Unsupported(p, s, f); err != nil {
					text = err.Error()
				}
				if diff := cmp.Diff(refusal, text); diff != "" {
					t.Errorf("refused at API %s (-want +got):\n%s", version, diff)
				}
				if diff := cmp.Diff(notice, strings.Join(spec.Notices(p, s, f), "\n")); diff != "" {
					t.Errorf("noticed at API %s (-want +got):\n%s", version, diff)
				}
			}
			check(test.version, test.notice, test.refusal)
			if test.since != "" {
				check(test.since, "", "")
			}
		})
	}
}
