package main

import (
	"testing"

	"github.com/gocompose/gocompose/runtime"
)

func TestPortsText(t *testing.T) {
	port := func(ip string, host, container uint16, protocol string) runtime.Port {
		return runtime.Port{HostIP: ip, HostPort: host, ContainerPort: container, Protocol: protocol}
	}
	for _, c := range []struct {
		want  string
		ports []runtime.Port
	}{
		{"", nil},
		{"80/tcp", []runtime.Port{port("", 0, 80, "tcp")}},
		{"80-82/tcp, 53/udp, 90/tcp", []runtime.Port{
			port("", 0, 82, "tcp"), port("", 0, 80, "tcp"), port("", 0, 81, "tcp"), port("", 0, 90, "tcp"), port("", 0, 53, "udp"),
		}},
		{"127.0.0.1:8001->8000/tcp", []runtime.Port{port("127.0.0.1", 8001, 8000, "tcp")}},
		{"0.0.0.0:80-81->80-81/tcp, [::]:80-81->80-81/tcp, 443/tcp", []runtime.Port{
			port("::", 80, 80, "tcp"), port("0.0.0.0", 80, 80, "tcp"), port("0.0.0.0", 81, 81, "tcp"),
			port("::", 81, 81, "tcp"), port("", 0, 443, "tcp"),
		}},
		// As docker ps of Engine 20.10 shows these.
		{"53/udp, 100-102/tcp, 0.0.0.0:18050-18051->18050-18051/tcp, [::]:18050-18051->18050-18051/tcp, " +
			"127.0.0.1:18009->80/tcp, 0.0.0.0:18001->8001/tcp, [::]:18001->8001/tcp, 0.0.0.0:18002->8002/tcp", []runtime.Port{
			port("", 0, 100, "tcp"), port("", 0, 101, "tcp"), port("", 0, 102, "tcp"),
			port("0.0.0.0", 18050, 18050, "tcp"), port("::", 18050, 18050, "tcp"), port("", 0, 53, "udp"),
			port("0.0.0.0", 18001, 8001, "tcp"), port("::", 18001, 8001, "tcp"), port("0.0.0.0", 18051, 18051, "tcp"),
			port("::", 18051, 18051, "tcp"), port("127.0.0.1", 18009, 80, "tcp"), port("0.0.0.0", 18002, 8002, "tcp"),
		}},
		{"9000/tcp, 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp", []runtime.Port{
			port("::", 8080, 80, "tcp"), port("", 0, 9000, "tcp"), port("0.0.0.0", 8080, 80, "tcp"),
		}},
	} {
		if got := portsText(c.ports); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
