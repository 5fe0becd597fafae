package spec

import (
	"net/url"
	"slices"
	"strings"
)

// IsSecret tells whether a field looks like a secret, by its name or by what
// its value carries. Such values are never shown unless asked for.
func IsSecret(path, value string) bool {
	key, isValue := secretKey(path)
	return isValue && (namesSecret(key) || carriesCredentials(value))
}

// secretKey is the last part of a path whose values users choose freely.
func secretKey(path string) (string, bool) {
	for _, prefix := range []string{"environment.", "labels.", "annotations.", "logging.options.", "sysctls.", "storage_opt."} {
		if key, ok := strings.CutPrefix(path, prefix); ok {
			return key, true
		}
	}
	return path, slices.Contains([]string{"command", "entrypoint", "healthcheck.test"}, path)
}

// namesSecret looks for the words that name secrets. PUBLIC_KEY and KEY_PATH
// are none, but telling them apart is not worth a leak.
func namesSecret(key string) bool {
	key = strings.ToLower(key)
	for _, word := range []string{"passw", "pwd", "secret", "token", "credential", "private", "apikey", "auth", "dsn", "salt", "cert", "signature"} {
		if strings.Contains(key, word) {
			return true
		}
	}
	parts := strings.FieldsFunc(key, func(r rune) bool { return strings.ContainsRune("_-. ", r) })
	return slices.ContainsFunc(parts, func(part string) bool { return part == "key" || part == "keys" || part == "pass" })
}

// carriesCredentials finds URLs with a password, and private keys.
func carriesCredentials(value string) bool {
	if strings.Contains(value, "PRIVATE KEY-----") {
		return true
	}
	for word := range strings.FieldsFuncSeq(value, func(r rune) bool { return strings.ContainsRune(" \t\n\"',[]", r) }) {
		if !strings.Contains(word, "://") {
			continue
		}
		if _, assigned, ok := strings.Cut(word, "="); ok && strings.Contains(assigned, "://") {
			word = assigned
		}
		u, err := url.Parse(word)
		if err != nil {
			return strings.Contains(word, "@")
		}
		if _, has := u.User.Password(); has {
			return true
		}
	}
	return false
}
