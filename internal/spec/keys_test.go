package spec_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// keysOf lists the paths of all values that a Compose type holds: the keys of
// the files, with [] for the items of a list and * for those of a mapping.
func keysOf(t reflect.Type, path string) []string {
	switch t.Kind() {
	case reflect.Pointer:
		return keysOf(t.Elem(), path)
	case reflect.Slice:
		if isStruct(t.Elem()) {
			return keysOf(t.Elem(), path+"[]")
		}
	case reflect.Map:
		if isStruct(t.Elem()) {
			return keysOf(t.Elem(), join(path, "*"))
		}
	case reflect.Struct:
		var keys []string
		for i := range t.NumField() {
			field := t.Field(i)
			name, inline := keyOf(field)
			switch {
			case inline:
				keys = append(keys, keysOf(field.Type, path)...)
			case name != "":
				keys = append(keys, keysOf(field.Type, join(path, name))...)
			}
		}
		return keys
	default:
	}
	return []string{path}
}

func isStruct(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// keyOf is the key of a field in the files; empty where they do not have it.
func keyOf(field reflect.StructField) (name string, inline bool) {
	tag, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
	switch {
	case field.Anonymous:
		return "", true
	case !field.IsExported() || tag == "-" || strings.HasPrefix(tag, "#") || strings.Contains(options, "inline"):
		return "", false
	case tag == "":
		return strings.ToLower(field.Name), false
	default:
		return tag, false
	}
}

// set gives the value at a path another value than it has: the one that is
// asked for, or any. What is on the way to it is made.
func set(t *testing.T, v reflect.Value, path string, value any) {
	t.Helper()
	switch {
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		} else {
			copied := reflect.New(v.Type().Elem())
			copied.Elem().Set(v.Elem())
			v.Set(copied)
		}
		set(t, v.Elem(), path, value)
	case path == "" && value != nil:
		v.Set(reflect.ValueOf(value).Convert(v.Type()))
	case path == "":
		change(t, v)
	case strings.HasPrefix(path, "[]"):
		items := reflect.MakeSlice(v.Type(), max(v.Len(), 1), max(v.Len(), 1))
		reflect.Copy(items, v)
		v.Set(items)
		set(t, v.Index(0), strings.TrimPrefix(path[2:], "."), value)
	case strings.HasPrefix(path, "*"):
		key, item := reflect.ValueOf("k"), reflect.New(v.Type().Elem()).Elem()
		changed := reflect.MakeMap(v.Type())
		for iter := v.MapRange(); iter.Next(); {
			changed.SetMapIndex(iter.Key(), iter.Value())
		}
		if known := v.MapIndex(key); known.IsValid() {
			item.Set(known)
		}
		set(t, item, strings.TrimPrefix(path[1:], "."), value)
		changed.SetMapIndex(key, item)
		v.Set(changed)
	default:
		field, rest := fieldAt(t, v, path)
		set(t, field, rest, value)
	}
}

// fieldAt finds the field of a struct that a path begins with.
func fieldAt(t *testing.T, v reflect.Value, path string) (field reflect.Value, rest string) {
	t.Helper()
	first := path
	if i := strings.IndexAny(path, ".["); i >= 0 {
		first, rest = path[:i], strings.TrimPrefix(path[i:], ".")
	}
	for i := range v.NumField() {
		name, inline := keyOf(v.Type().Field(i))
		if inline {
			if field, rest := fieldAt(t, v.Field(i), path); field.IsValid() {
				return field, rest
			}
		}
		if name == first {
			return v.Field(i), rest
		}
	}
	return reflect.Value{}, ""
}

// change gives a value another one of its type.
func change(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + 8)
	case reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(v.Uint() + 8)
	case reflect.Float32:
		v.SetFloat(v.Float() + 0.5)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		change(t, v.Elem())
	case reflect.Slice:
		item := reflect.New(v.Type().Elem()).Elem()
		change(t, item)
		v.Set(reflect.Append(v, item))
	case reflect.Map:
		item := reflect.New(v.Type().Elem()).Elem()
		change(t, item)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("k"), item)
	case reflect.Interface:
		v.Set(reflect.ValueOf("x"))
	default:
		t.Fatal(fmt.Sprint("no other value of ", v.Type()))
	}
}
