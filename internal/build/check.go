package build

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	gateway "github.com/moby/buildkit/frontend/gateway/client"
)

// The frontend's check of a Dockerfile (moby/buildkit
// frontend/subrequests/lint), and what it answers.
const (
	lintRequest = "frontend.lint"
	lintText    = "result.txt"
	lintStatus  = "result.statuscode"
)

// Check is what checking a Dockerfile came to.
type Check struct {
	Text   string // for people
	Failed bool   // it has warnings, or cannot be built
}

// Check has BuildKit look over the Dockerfile, and builds nothing.
func (b *Builder) Check(ctx context.Context, d Definition) (Check, error) {
	kit, err := b.connect(ctx)
	if err != nil {
		return Check{}, err
	}
	if kit == nil {
		return Check{}, errors.New("the classic builder doesn't check Dockerfiles; use an engine with BuildKit")
	}
	options, done, err := kit.solveOptions(ctx, &d)
	if err != nil {
		return Check{}, err
	}
	defer done()
	attributes := options.FrontendAttrs
	attributes["requestid"] = lintRequest
	attributes["frontend.caps"] = "moby.buildkit.frontend.subrequests+forward"
	options.Exports, options.Frontend, options.FrontendAttrs = nil, "", nil

	var check Check
	_, err = kit.client.Build(ctx, options, "gocompose", func(ctx context.Context, c gateway.Client) (*gateway.Result, error) {
		result, err := c.Solve(ctx, gateway.SolveRequest{Frontend: dockerfileFrontend, FrontendOpt: attributes})
		if err != nil {
			return nil, err
		}
		text, ok := result.Metadata[lintText]
		if !ok {
			return nil, fmt.Errorf("the frontend of %s checks no Dockerfiles; use Docker Engine 27.0 or newer", d.filename())
		}
		check.Text = cmp.Or(strings.TrimSpace(string(text)), "Check complete, no warnings found.")
		code := string(result.Metadata[lintStatus])
		check.Failed = code != "" && code != "0"
		return result, nil
	}, nil)
	if err != nil {
		return Check{}, d.solveError(err)
	}
	return check, nil
}
