package enginetest

import (
	"net/netip"

	ntypes "github.com/docker/docker/api/types/network"
)

// pool is one subnet of a network.
type pool struct {
	subnet  netip.Prefix
	gateway netip.Addr
	config  ntypes.IPAMConfig // as the user gave it
}

// assignPools gives a network the subnets it asks for, or the next free default.
func (e *Engine) assignPools(n *network) error {
	if n.spec.IPAM != nil {
		for _, config := range n.spec.IPAM.Config {
			if config.Subnet == "" {
				continue
			}
			p, err := parsePool(config)
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
	for _, p := range n.pools {
		if p.subnet.Addr().Is4() {
			return nil
		}
	}
	for _, subnet := range defaultPools() {
		if !e.overlaps(subnet) {
			n.pools = append(n.pools, pool{subnet: subnet, gateway: firstHost(subnet)})
			return nil
		}
	}
	if e.serves("1.48") {
		return invalid("all predefined address pools have been fully subnetted")
	}
	return notFound("could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network")
}

func parsePool(config ntypes.IPAMConfig) (pool, error) {
	subnet, err := netip.ParsePrefix(config.Subnet)
	if err != nil {
		return pool{}, invalid("invalid subnet %s: %v", config.Subnet, err)
	}
	p := pool{subnet: subnet.Masked(), gateway: firstHost(subnet.Masked()), config: config}
	if config.Gateway == "" {
		return p, nil
	}
	gateway, err := netip.ParseAddr(config.Gateway)
	if err != nil || !subnet.Contains(gateway) {
		return pool{}, invalid("no matching subnet for gateway %s", config.Gateway)
	}
	p.gateway = gateway
	return p, nil
}

// defaultPools are the ranges a fresh engine hands out, in order.
func defaultPools() []netip.Prefix {
	var pools []netip.Prefix
	for second := byte(17); second < 32; second++ {
		pools = append(pools, netip.PrefixFrom(netip.AddrFrom4([4]byte{172, second}), 16))
	}
	for third := 0; third < 256; third += 16 {
		pools = append(pools, netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 168, byte(third)}), 20))
	}
	return pools
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
		for addr := firstHost(p.subnet); p.subnet.Contains(addr); addr = addr.Next() {
			if !used[addr] && addr != p.gateway {
				return netip.PrefixFrom(addr, p.subnet.Bits()), nil
			}
		}
	}
	if wanted != "" {
		return netip.Prefix{}, invalid("Invalid address %s: It does not belong to any of this network's subnets", wanted)
	}
	return netip.Prefix{}, nil
}

func prefixText(p netip.Prefix) string {
	if !p.IsValid() {
		return ""
	}
	return p.String()
}
