package enginetest

import (
	"net/netip"

	ntypes "github.com/docker/docker/api/types/network"
)

// pool is one subnet of a network.
type pool struct {
	subnet  netip.Prefix
	within  netip.Prefix // where free addresses are taken from
	gateway netip.Addr
	aside   map[netip.Addr]bool // never handed out
	config  ntypes.IPAMConfig   // as the user gave it
}

// newPool makes a pool of a whole subnet, with its first address for gateway.
func newPool(subnet netip.Prefix) pool {
	return pool{subnet: subnet, within: subnet, gateway: firstHost(subnet)}
}

// assignPools gives a network the subnets it asks for, and the next free default
// of each family that it uses and does not ask for.
func (e *Engine) assignPools(n *network) error {
	if n.spec.IPAM != nil {
		for _, config := range n.spec.IPAM.Config {
			p, err := e.parsePool(config)
			if err != nil {
				return err
			}
			if e.overlaps(p.subnet) {
				return forbidden("%sPool overlaps with other one on this address space", e.wording("1.48", "invalid pool request: ", ""))
			}
			n.pools = append(n.pools, p)
			n.fixed = true
		}
	}
	if !n.has(true) {
		if err := e.assignDefault(n, true); err != nil {
			return err
		}
	}
	if n.ipv6 && !n.has(false) {
		return e.assignDefault(n, false)
	}
	return nil
}

// has reports whether a network has a subnet of a family.
func (n *network) has(ipv4 bool) bool {
	for _, p := range n.pools {
		if p.subnet.Addr().Is4() == ipv4 {
			return true
		}
	}
	return false
}

func (e *Engine) assignDefault(n *network, ipv4 bool) error {
	for _, subnet := range e.defaultPools(ipv4) {
		if !e.overlaps(subnet) {
			n.pools = append(n.pools, newPool(subnet))
			return nil
		}
	}
	family := "IPv6"
	if ipv4 {
		family = "IPv4"
	}
	if e.serves("1.48") {
		return invalid("all predefined address pools have been fully subnetted")
	}
	return notFound("could not find an available, non-overlapping %s address pool among the defaults to assign to the network", family)
}

// defaultPools are the ranges a fresh engine hands out, in order. Engines before
// 27 have none for IPv6.
func (e *Engine) defaultPools(ipv4 bool) []netip.Prefix {
	var pools []netip.Prefix
	if !ipv4 {
		for n := range byte(16) {
			if e.serves("1.46") {
				pools = append(pools, netip.PrefixFrom(netip.AddrFrom16([16]byte{0xfd, 0x0e, 7: n}), 64))
			}
		}
		return pools
	}
	for second := byte(17); second < 32; second++ {
		pools = append(pools, netip.PrefixFrom(netip.AddrFrom4([4]byte{172, second}), 16))
	}
	for third := 0; third < 256; third += 16 {
		pools = append(pools, netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 168, byte(third)}), 20))
	}
	return pools
}

// parsePool reads a subnet as the user gave it.
func (e *Engine) parsePool(config ntypes.IPAMConfig) (pool, error) {
	modern := e.serves("1.44")
	subnet, err := netip.ParsePrefix(config.Subnet)
	switch {
	case err != nil && modern:
		return pool{}, invalid("invalid network config:\ninvalid subnet %s: invalid CIDR block notation", config.Subnet)
	case err != nil:
		return pool{}, systemError("Invalid subnet %s : invalid CIDR address: %s", config.Subnet, config.Subnet)
	case modern && subnet != subnet.Masked():
		return pool{}, invalid("invalid network config:\ninvalid subnet %s: it should be %s", subnet, subnet.Masked())
	}
	p := newPool(subnet.Masked())
	p.config, p.aside = config, map[netip.Addr]bool{}
	if part, err := netip.ParsePrefix(config.IPRange); err == nil {
		if modern && !subnet.Contains(part.Addr()) {
			return pool{}, invalid("invalid network config:\ninvalid ip-range %s: parent subnet %s doesn't contain ip-range", part, subnet)
		}
		p.within = part.Masked()
		p.gateway = part.Masked().Addr()
	}
	for _, reserved := range config.AuxAddress {
		if addr, err := netip.ParseAddr(reserved); err == nil {
			p.aside[addr] = true
		}
	}
	if config.Gateway == "" {
		return p, nil
	}
	gateway, err := netip.ParseAddr(config.Gateway)
	switch {
	case (err != nil || !subnet.Contains(gateway)) && modern:
		return pool{}, invalid("invalid network config:\ninvalid gateway %s: parent subnet %s doesn't contain this address", config.Gateway, subnet)
	case err != nil || !subnet.Contains(gateway):
		return pool{}, systemError("failed to allocate gateway (%s): Requested address is out of range", config.Gateway)
	}
	p.gateway = gateway
	return p, nil
}

func (e *Engine) overlaps(subnet netip.Prefix) bool {
	for _, n := range e.networks {
		for _, p := range n.pools {
			if p.subnet.Overlaps(subnet) {
				return true
			}
		}
	}
	return false
}

func firstHost(subnet netip.Prefix) netip.Addr { return subnet.Addr().Next() }

// poolConfig reports the subnets the way inspect does.
func (n *network) poolConfig() []ntypes.IPAMConfig {
	config := []ntypes.IPAMConfig{}
	for _, p := range n.pools {
		c := p.config
		if c.Subnet == "" {
			c.Subnet, c.Gateway = p.subnet.String(), p.gateway.String()
		}
		config = append(config, c)
	}
	return config
}

// address finds the network's address for a new endpoint: the one wanted, or the
// lowest free one. The zero prefix means that the network has none of the family.
func (n *network) address(wanted string, ipv4 bool) (netip.Prefix, error) {
	used := map[netip.Addr]bool{}
	for _, ep := range n.active {
		used[ep.ipv4.Addr()], used[ep.ipv6.Addr()] = true, true
	}
	for _, p := range n.pools {
		if p.subnet.Addr().Is4() != ipv4 {
			continue
		}
		if wanted != "" {
			addr, err := netip.ParseAddr(wanted)
			if err != nil || !p.subnet.Contains(addr) {
				continue
			}
			if used[addr] || addr == p.gateway {
				return netip.Prefix{}, forbidden("Address already in use")
			}
			return netip.PrefixFrom(addr, p.subnet.Bits()), nil
		}
		addr := p.within.Addr()
		if p.within == p.subnet {
			addr = addr.Next() // the network's own address
		}
		for ; p.within.Contains(addr); addr = addr.Next() {
			if !used[addr] && !p.aside[addr] && addr != p.gateway {
				return netip.PrefixFrom(addr, p.subnet.Bits()), nil
			}
		}
	}
	if wanted != "" {
		return netip.Prefix{}, systemError("Invalid address %s: It does not belong to any of this network's subnets", wanted)
	}
	return netip.Prefix{}, nil
}

func prefixText(p netip.Prefix) string {
	if !p.IsValid() {
		return ""
	}
	return p.String()
}
