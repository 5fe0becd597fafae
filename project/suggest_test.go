package project

import "testing"

func TestSuggest(t *testing.T) {
	keys := []string{"image", "depends_on", "volumes", "volumes_from", "environment", "env_file", "ports", "db", "web"}
	for _, test := range []struct{ written, want string }{
		{"imge", "image"},
		{"images", "image"},
		{"depend_on", "depends_on"},
		{"dependson", "depends_on"},
		{"envionment", "environment"},
		{"prots", "ports"},
		{"wbe", "web"},
		{"dv", "db"},
		{"zookeeper", ""},
		{"x", ""},
		{"image", ""},
		{"", ""},
	} {
		want := ""
		if test.want != "" {
			want = `did you mean "` + test.want + `"?`
		}
		if got := suggest(test.written, keys); got != want {
			t.Errorf("suggest(%q) = %q, want %q", test.written, got, want)
		}
	}
}

func TestEditDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"abc", "abc", 0}, {"abc", "", 3}, {"", "ab", 2},
		{"abc", "abd", 1}, {"abc", "acb", 1}, {"abcd", "badc", 2}, {"kitten", "sitting", 3}, {"ca", "abc", 3},
	} {
		if got := editDistance(test.a, test.b); got != test.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
		if got := editDistance(test.b, test.a); got != test.want {
			t.Errorf("editDistance(%q, %q) = %d, want %d", test.b, test.a, got, test.want)
		}
	}
}
