package planner

import (
	"cmp"
	"strconv"
)

// Kind is the kind of thing that an operation is about.
type Kind string

// The kinds, in the order in which plans list them.
const (
	KindImage     Kind = "image"
	KindModel     Kind = "model"
	KindNetwork   Kind = "network"
	KindVolume    Kind = "volume"
	KindService   Kind = "service"
	KindContainer Kind = "container"
)

// Ref names one thing on the host in terms of the project, so that it stays
// the same from run to run: container/web/2, network/front, image/redis:7.
type Ref struct {
	Kind  Kind   `json:"kind"`
	Name  string `json:"name"`            // service, network or volume key, image reference
	Index int    `json:"index,omitempty"` // container number, from 1; 0 where there is none
}

// String prints KIND/NAME, with /INDEX where there is one.
func (r Ref) String() string {
	s := string(r.Kind) + "/" + r.Name
	if r.Index > 0 {
		s += "/" + strconv.Itoa(r.Index)
	}
	return s
}

// Compare orders references by kind, name and number.
func (r Ref) Compare(other Ref) int {
	return cmp.Or(
		cmp.Compare(rank(r.Kind), rank(other.Kind)),
		cmp.Compare(r.Name, other.Name),
		cmp.Compare(r.Index, other.Index),
	)
}

func rank(k Kind) int {
	switch k {
	case KindImage:
		return 0
	case KindModel:
		return 1
	case KindNetwork:
		return 2
	case KindVolume:
		return 3
	case KindService:
		return 4
	default:
		return 5
	}
}
