package main

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/gocompose/gocompose/runtime"
)

// portRange is a run of neighbouring ports that are all published alike.
type portRange struct {
	ip, protocol string
	first, last  uint16
}

func (r portRange) String() string {
	ports := strconv.Itoa(int(r.first))
	if r.first != r.last {
		ports += "-" + strconv.Itoa(int(r.last))
	}
	if r.ip != "" {
		ports = net.JoinHostPort(r.ip, ports) + "->" + ports
	}
	return ports + "/" + r.protocol
}

// portsText shows ports as docker ps does: neighbours that are not published, or
// published under their own number, as ranges; the others one by one.
func portsText(ports []runtime.Port) string {
	ports = slices.Clone(ports)
	slices.SortFunc(ports, func(a, b runtime.Port) int {
		return cmp.Or(
			cmp.Compare(a.ContainerPort, b.ContainerPort), cmp.Compare(a.HostIP, b.HostIP),
			cmp.Compare(a.HostPort, b.HostPort), cmp.Compare(a.Protocol, b.Protocol),
		)
	})
	var texts, mapped []string
	var open []portRange // the latest range of each address and protocol
	for _, port := range ports {
		if port.HostIP != "" && port.HostPort != port.ContainerPort {
			host := net.JoinHostPort(port.HostIP, strconv.Itoa(int(port.HostPort)))
			mapped = append(mapped, fmt.Sprintf("%s->%d/%s", host, port.ContainerPort, port.Protocol))
			continue
		}
		one := portRange{port.HostIP, port.Protocol, port.ContainerPort, port.ContainerPort}
		i := slices.IndexFunc(open, func(r portRange) bool { return r.ip == one.ip && r.protocol == one.protocol })
		switch {
		case i < 0:
			open = append(open, one)
		case open[i].last+1 == one.first:
			open[i].last = one.first
		default:
			texts = append(texts, open[i].String())
			open[i] = one
		}
	}
	for _, r := range open {
		texts = append(texts, r.String())
	}
	return strings.Join(append(texts, mapped...), ", ")
}
