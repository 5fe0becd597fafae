package spec_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gocompose/gocompose/internal/spec"
)

func TestEncodeDigests(t *testing.T) {
	digests := spec.Digests(spec.Fields{
		"image": "nginx:1.28", "volumes./with space": "bind /x", "labels.a,b=c%20": "d", "labels.two\nlines": "e",
	})
	label := spec.EncodeDigests(digests)
	const want = "image=wZ6-mP labels.a%2Cb=c%2520=GKw-c0 labels.two%0Alines=P3m7e0 volumes./with%20space=0d6odt"
	if label != want {
		t.Errorf("the label is %q, want %q", label, want)
	}
	if diff := cmp.Diff(digests, spec.ParseDigests(label)); diff != "" {
		t.Errorf("the label reads as other digests (-written +read):\n%s", diff)
	}
}

// FuzzDigests holds that any path comes back from the label.
func FuzzDigests(f *testing.F) {
	f.Add("image", "environment.A B")
	f.Add("labels.%20", "labels. ")
	f.Add("labels.a=b=", "labels.%2520\n")
	f.Fuzz(func(t *testing.T, first, second string) {
		if first == "" || second == "" {
			t.Skip("every field has a path")
		}
		digests := spec.Digests(spec.Fields{first: "1", second: "2"})
		label := spec.EncodeDigests(digests)
		if diff := cmp.Diff(digests, spec.ParseDigests(label)); diff != "" {
			t.Errorf("%q reads as (-written +read):\n%s", label, diff)
		}
		if strings.ContainsAny(label, "\n\r\t,") {
			t.Errorf("%q would not stand in a line", label)
		}
	})
}

func TestDiffDigests(t *testing.T) {
	fields := spec.Fields{"image": "nginx:1.28", "labels.a b%20": "c", "tty": "true"}
	current := spec.Digests(fields)
	tests := []struct {
		name, label string
		want        []string
	}{
		{"the same", spec.EncodeDigests(current), nil},
		{"a change", "image=wZ6-mP labels.a%20b%2520=Ln0sA6 tty=tb6kXX", []string{"tty"}},
		{"more and less", "image=wZ6-mP tty=tb6kG2 user=AAAAAA", []string{"labels.a b%20", "user"}},
		{"nothing to compare", "image= labels.a%20b%2520=L tty", []string{"image", "labels.a b%20", "tty"}},
		{"no label", "", []string{"image", "labels.a b%20", "tty"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := spec.DiffDigests(spec.ParseDigests(test.label), current); !slices.Equal(got, test.want) {
				t.Errorf("%v differ, want %v", got, test.want)
			}
		})
	}
}
