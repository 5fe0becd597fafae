package spec

import (
	"slices"
	"strings"
	"unicode"
)

// isSecretName tells whether something of that name is a secret. The value
// counts where names of one kind stand for both: KEY may be a key or its file.
func isSecretName(name, value string) bool {
	words := wordsOf(name)
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	switch {
	case slices.ContainsFunc([]string{"file", "files", "path", "dir", "directory"}, func(end string) bool {
		return strings.HasSuffix(last, end)
	}):
		return hints(words) != "" && value != "" && !isPath(value)
	case describes(last), name == "PWD", name == "OLDPWD":
		return false
	}
	switch hints(words) {
	case "secret":
		return true
	case "key":
		return !isPath(value) || strings.ToLower(value) != value // base64 may start with a slash, too
	case "perhaps":
		return value != "" && !isHarmless(value)
	default:
		return false
	}
}

// wordsOf splits a name at marks and where lower case ends, and gives the words
// in lower case: a_b, a.b, a-b and aB are all a, b.
func wordsOf(name string) []string {
	var (
		words []string
		word  []rune
	)
	end := func() {
		if len(word) > 0 {
			text := strings.ToLower(string(word))
			if bare := strings.TrimRight(text, "0123456789"); bare != "" {
				text = bare // TOKEN2 is a token
			}
			words, word = append(words, text), nil
		}
	}
	letters := []rune(name)
	for i, r := range letters {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			end()
			continue
		}
		if unicode.IsUpper(r) && i > 0 {
			before := letters[i-1]
			follows := i+1 < len(letters) && unicode.IsLower(letters[i+1])
			if unicode.IsLower(before) || unicode.IsUpper(before) && follows {
				end()
			}
		}
		word = append(word, r)
	}
	end()
	return words
}

// hints tells what the words of a name stand for: a secret, a key, perhaps one
// of them, or nothing.
func hints(words []string) string {
	found := ""
	for i, word := range words {
		switch {
		case isSecretWord(word):
			return "secret"
		case isKeyWord(word) && (i == 0 || words[i-1] != "public"):
			found = "key"
		case found == "" && isDoubtful(word):
			found = "perhaps"
		}
	}
	return found
}

func isSecretWord(word string) bool {
	for _, part := range []string{"passw", "passphrase", "passcode", "passkey", "secret", "credential", "webhook", "mnemonic", "authorization"} {
		if strings.Contains(word, part) {
			return true
		}
	}
	if slices.Contains([]string{"pin", "otp", "psk", "creds", "dsn", "salt", "bearer", "dockerconfigjson"}, word) {
		return true
	}
	for _, end := range []string{"token", "pwd", "pw", "pass"} {
		if strings.HasSuffix(word, end) {
			return word != "bypass" && word != "compass"
		}
	}
	return false
}

func isKeyWord(word string) bool {
	before, isKey := strings.CutSuffix(strings.TrimSuffix(word, "s"), "key")
	return isKey && !slices.Contains([]string{
		"don", "hoc", "hot", "joc", "mon", "tur", "val", "whis",
	}, before)
}

func isDoubtful(word string) bool {
	if slices.Contains([]string{"cert", "certificate", "cookie", "jwt", "private", "signature", "tokens"}, word) {
		return true
	}
	return strings.HasSuffix(word, "auth") // basicauth, masterauth
}

// describes tells the last words of names that are about a secret and hold
// none: TOKEN_TTL, AUTH_METHOD.
func describes(word string) bool {
	return slices.Contains([]string{
		"algorithm", "audience", "count", "enabled", "expiry", "header", "host", "issuer", "length", "limit", "max",
		"method", "min", "mode", "name", "policy", "port", "prefix", "provider", "size", "timeout", "ttl", "type", "version",
	}, word)
}
