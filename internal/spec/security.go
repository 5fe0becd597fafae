package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/gocompose/gocompose/project"
)

// unconfinedPaths is an option of the client, not of the engine.
const unconfinedPaths = "systempaths=unconfined"

// securityOptions puts the contents of seccomp profiles in place of their
// paths, and tells whether /proc and /sys are to be left unmasked.
func (b builder) securityOptions() (options []string, unconfined bool, err error) {
	for _, option := range b.service.SecurityOpt {
		if option == unconfinedPaths {
			unconfined = true
			continue
		}
		if profile, ok := seccompProfile(option); ok {
			if option, err = b.readSeccomp(profile); err != nil {
				return nil, false, err
			}
		} else if !strings.ContainsAny(option, "=:") && option != "no-new-privileges" {
			return nil, false, fmt.Errorf("security_opt %q is not NAME=VALUE or no-new-privileges", option)
		}
		options = append(options, option)
	}
	return options, unconfined, nil
}

// seccompProfile finds the path in seccomp=PATH.
func seccompProfile(option string) (path string, ok bool) {
	name, value, ok := strings.Cut(option, "=")
	if !ok {
		name, value, ok = strings.Cut(option, ":")
	}
	if !ok || name != "seccomp" || value == "unconfined" || value == "builtin" {
		return "", false
	}
	return value, true
}

func (b builder) readSeccomp(profile string) (string, error) {
	if b.in.ReadFile == nil {
		return "", errors.New("seccomp profile cannot be read: no reader was given")
	}
	content, err := b.in.ReadFile(absolute(b.project, profile))
	if err != nil {
		return "", fmt.Errorf("read seccomp profile %s: %w", profile, err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, content); err != nil {
		return "", fmt.Errorf("seccomp profile %s is not JSON: %w", profile, err)
	}
	return "seccomp=" + compact.String(), nil
}

func absolute(p *project.Project, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(p.WorkingDir(), path)
}

// profileOf is the service's seccomp profile in the form that [Desired] shows
// it in; empty where there is none.
func profileOf(p *project.Project, s project.Service) string {
	for _, option := range s.SecurityOpt {
		if path, ok := seccompProfile(option); ok {
			quoted, err := pathOnly(absolute(p, path))
			if err != nil {
				return ""
			}
			return string(quoted)
		}
	}
	return ""
}
