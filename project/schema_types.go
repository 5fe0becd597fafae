package project

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"
)

// jsonTypes is a set of the types of JSON Schema; zero means any.
type jsonTypes uint8

const (
	isString jsonTypes = 1 << iota
	isInteger
	isNumber
	isBoolean
	isNull
	isObject
	isArray
)

func typeNames() map[string]jsonTypes {
	return map[string]jsonTypes{
		"string": isString, "integer": isInteger, "number": isNumber, "boolean": isBoolean,
		"null": isNull, "object": isObject, "array": isArray,
	}
}

func parseTypes(value any) (jsonTypes, bool) {
	if name, ok := value.(string); ok {
		value = []any{name}
	}
	names, ok := texts(value)
	if !ok {
		return 0, false
	}
	var types jsonTypes
	for _, name := range names {
		bit, ok := typeNames()[name]
		if !ok {
			return 0, false
		}
		types |= bit
	}
	return types, true
}

// words lists the types as compose-go does in its messages.
func (t jsonTypes) words() string {
	var names []string
	for name, bit := range typeNames() {
		if t&bit == 0 {
			continue
		}
		if bit == isObject {
			name = "mapping"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// typeOf is the type a decoded YAML value has once it is written as JSON,
// which is how compose-go checks it; zero for what JSON cannot hold.
func typeOf(value any) jsonTypes {
	switch value.(type) {
	case nil:
		return isNull
	case string, time.Time:
		return isString
	case bool:
		return isBoolean
	case map[string]any:
		return isObject
	case []any:
		return isArray
	}
	n, ok := numeric(value)
	switch {
	case !ok || math.IsNaN(n) || math.IsInf(n, 0):
		return 0
	case n == math.Trunc(n):
		return isInteger | isNumber
	default:
		return isNumber
	}
}

func numeric(value any) (float64, bool) {
	switch v := value.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float32:
		return float64(v), true
	case float64:
		return v, true
	default:
		return 0, false
	}
}

// identity is a text that two values share when compose-go holds them equal:
// it compares a number with a text by the number that the text writes. Texts
// that write huge numbers have none.
func identity(value any) (string, bool) {
	if _, ok := numeric(value); ok {
		return rational(fmt.Sprint(value))
	}
	if text, ok := value.(string); ok {
		return rational(text)
	}
	encoded, err := json.Marshal(value)
	return "j" + string(encoded), err == nil
}

func rational(text string) (string, bool) {
	const digits = "+-.0123456789"
	if text == "" || !strings.Contains(digits, text[:1]) || strings.Trim(text, digits+"abcdefABCDEFpPxX_/") != "" {
		return "s" + text, true
	}
	if strings.ContainsAny(text, "eEpP") || len(text) > 64 {
		return "", false
	}
	if number, ok := new(big.Rat).SetString(text); ok {
		return "n" + number.RatString(), true
	}
	return "s" + text, true
}
