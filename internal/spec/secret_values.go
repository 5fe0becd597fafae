package spec

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// carriesSecret tells whether a value holds a secret, whatever its name: a
// token of a known form, a URL or connection with a password, or a command or
// text in which something of a secret's name gets a value.
func carriesSecret(value string) bool {
	if knownForm().MatchString(value) {
		return true
	}
	words := strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'\\`,;&?[]{}()", r) })
	for i, word := range words {
		if attachedPassword(word, words[:i]) {
			return true
		}
		if urlHasSecret(word) || connectionHasSecret(word) || assignsSecret(word, words[i+1:]) {
			return true
		}
	}
	return false
}

// knownForm matches what can be told without a name. It is compiled when it is
// first needed: most runs explain nothing.
var knownForm = sync.OnceValue(func() *regexp.Regexp { //nolint:gochecknoglobals // a constant; see above
	return regexp.MustCompile(strings.Join([]string{
		`PRIVATE KEY-----`,
		`\b(AKIA|ASIA)[0-9A-Z]{16}\b`,             // of AWS
		`\b(gh[opsur]_|npm_|hf_)[0-9A-Za-z]{30,}`, // of forges and registries
		`\b(github_pat_|glpat-|dckr_pat_)[\w-]{20,}`,
		`\bxox[abeoprs]-[\w-]{10,}`,                               // of Slack
		`\bsk[_-](live_|test_)?[\w-]{20,}`,                        // of Stripe and others
		`\bAIza[\w-]{35}`,                                         // of Google
		`\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.`,                          // a JSON web token
		`\$(apr1|2[aby]|argon2\w+)\$|\$[56y]\$[\w./=]+\$|\{SHA\}`, // a password's hash
		`(?i:\b(bearer|basic) +[\w+/=.~-]{8,})`,                   // the value of a header
	}, "|"))
})

// attachedPassword finds the -pSECRET of the programs that take it so.
func attachedPassword(word string, before []string) bool {
	password, ok := strings.CutPrefix(word, "-p")
	if !ok || password == "" || isReference(password) {
		return false
	}
	return slices.ContainsFunc(before, func(program string) bool {
		name := program[strings.LastIndexByte(program, '/')+1:]
		return strings.HasPrefix(name, "mysql") || strings.HasPrefix(name, "mariadb") || name == "sshpass"
	})
}

// connectionHasSecret looks for NAME:PASSWORD@HOST, which is no URL. An image
// with a tag and a digest looks alike.
func connectionHasSecret(word string) bool {
	i := strings.LastIndexByte(word, '@')
	if i < 0 || strings.Contains(word, "://") || strings.HasPrefix(word[i:], "@sha") {
		return false
	}
	_, password, ok := strings.Cut(word[:i], ":")
	return ok && password != "" && !isReference(password)
}

// urlHasSecret looks for a password, and for the bare token that web servers
// take in the place of a name.
func urlHasSecret(word string) bool {
	scheme, _, ok := strings.Cut(word, "://")
	if !ok {
		return false
	}
	if i := strings.LastIndexAny(scheme, "=:@"); i >= 0 {
		word = word[i+1:]
	}
	u, err := url.Parse(word)
	if err != nil {
		return strings.Contains(word, "@")
	}
	password, has := u.User.Password()
	web := strings.HasPrefix(u.Scheme, "http")
	return has && !isReference(password) || web && !has && u.User.Username() != "" && !isReference(u.User.Username())
}

// assignsSecret finds NAME=VALUE, NAME: VALUE, --NAME VALUE and -u NAME:VALUE.
func assignsSecret(word string, next []string) bool {
	value := func() string {
		for _, word := range next {
			if word != ":" && word != "=" {
				return word
			}
		}
		return ""
	}
	option := strings.HasPrefix(word, "-")
	name := strings.TrimLeft(word, "-")
	if i := strings.IndexAny(name, "=:"); i >= 0 && !strings.HasPrefix(name[i:], "://") {
		assigned := name[i+1:]
		if assigned == "" {
			assigned = value()
		}
		return assigned != "" && !isReference(assigned) && isSecretName(name[:i], assigned)
	}
	separated := len(next) > 1 && (next[0] == ":" || next[0] == "=")
	if !separated && (!option || strings.HasPrefix(value(), "-")) {
		return false
	}
	assigned := value()
	if assigned == "" || isReference(assigned) {
		return false
	}
	if option && (name == "u" || name == "user") {
		_, password, ok := strings.Cut(assigned, ":")
		return ok && password != "" && !isNumber(password) && !isReference(password)
	}
	return isSecretName(name, assigned)
}

// isReference tells a variable that a shell puts in from a value.
func isReference(value string) bool { return strings.HasPrefix(value, "$") }

func isPath(value string) bool {
	value = strings.TrimLeft(value, "~.")
	return (strings.HasPrefix(value, "/") || drive(value) != "") && !strings.ContainsAny(value, " +=")
}

// isHarmless tells values that are no secret under a name which may mean one.
func isHarmless(value string) bool {
	switch strings.ToLower(value) {
	case "true", "false", "yes", "no", "on", "off", "none":
		return true
	}
	return isPath(value) || isNumber(value) || strings.HasPrefix(value, "http://") || strings.HasPrefix(value, "https://")
}

func isNumber(value string) bool {
	_, err := strconv.ParseInt(value, 10, 64)
	return err == nil
}
