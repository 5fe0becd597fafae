package distribution

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/distribution/reference"
)

// authorize makes the Authorization header that the registry asks for: basic
// authentication, or a token of its token service.
func (r *Repository) authorize(ctx context.Context, header http.Header) error {
	var credentials Credentials
	if r.client.Credentials != nil {
		var err error
		if credentials, err = r.client.Credentials(ctx, reference.Domain(r.named)); err != nil {
			return err
		}
	}
	if credentials.RegistryToken != "" {
		r.auth = "Bearer " + credentials.RegistryToken
		return nil
	}
	for _, challenge := range header.Values("WWW-Authenticate") {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(challenge), " ")
		switch strings.ToLower(scheme) {
		case "bearer":
			token, err := r.token(ctx, parameters(rest), credentials)
			if err != nil {
				return fmt.Errorf("token for %s: %w", r.Name(), err)
			}
			r.auth = "Bearer " + token
			return nil
		case "basic":
			if credentials.User == "" {
				return &StatusError{Status: http.StatusUnauthorized, Message: "authentication required"}
			}
			r.auth = "Basic " + base64.StdEncoding.EncodeToString([]byte(credentials.User+":"+credentials.Password))
			return nil
		}
	}
	return &StatusError{Status: http.StatusUnauthorized, Message: "authentication required"}
}

// parameters reads key="value" pairs with commas between them.
func parameters(text string) map[string]string {
	found := map[string]string{}
	for text != "" {
		key, rest, ok := strings.Cut(text, "=")
		if !ok {
			break
		}
		var value string
		if quoted, isQuoted := strings.CutPrefix(rest, `"`); isQuoted {
			value, rest, _ = strings.Cut(quoted, `"`)
			_, rest, _ = strings.Cut(rest, ",")
		} else {
			value, rest, _ = strings.Cut(rest, ",")
		}
		found[strings.ToLower(strings.TrimSpace(key))] = value
		text = rest
	}
	return found
}

// token asks the token service that the registry names. It gets the user's
// credentials only over a connection that is as secure as the registry's.
func (r *Repository) token(ctx context.Context, challenge map[string]string, credentials Credentials) (string, error) {
	realm, err := url.Parse(challenge["realm"])
	if err != nil || realm.Host == "" || realm.User != nil {
		return "", fmt.Errorf("the registry names the token service %q", challenge["realm"])
	}
	if realm.Scheme != "https" && (realm.Scheme != "http" || r.schemes[0] != "http") {
		return "", fmt.Errorf("the registry names the token service %s, which is less secure than its own address", realm)
	}
	scope := "repository:" + reference.Path(r.named) + ":" + r.actions
	query := url.Values{"service": {challenge["service"]}, "scope": {scope}}
	ctx, watch := watchFor(ctx, r.client.stall())
	defer watch.stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, realm.String(), nil)
	if credentials.IdentityToken != "" {
		query.Set("grant_type", "refresh_token")
		query.Set("client_id", "gocompose")
		query.Set("refresh_token", credentials.IdentityToken)
		request, err = http.NewRequestWithContext(ctx, http.MethodPost, realm.String(), strings.NewReader(query.Encode()))
	}
	if err != nil {
		return "", err
	}
	if request.Method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	} else {
		all := realm.Query()
		for key, values := range query {
			all[key] = values
		}
		request.URL.RawQuery = all.Encode()
		if credentials.User != "" {
			request.SetBasicAuth(credentials.User, credentials.Password)
		}
	}
	request.Header.Set("User-Agent", r.client.UserAgent)
	response, err := r.http.Do(request)
	if err != nil {
		return "", watch.explain(err)
	}
	defer discard(response)
	if response.StatusCode != http.StatusOK {
		return "", readError(response)
	}
	return readToken(response.Body)
}

func readToken(body io.Reader) (string, error) {
	var answer struct {
		Token       string `json:"token"`
		AccessToken string `json:"access_token"`
	}
	const most = 1 << 20
	if err := json.NewDecoder(io.LimitReader(body, most)).Decode(&answer); err != nil {
		return "", fmt.Errorf("the token service gave no JSON: %w", err)
	}
	if answer.Token == "" {
		answer.Token = answer.AccessToken
	}
	if answer.Token == "" {
		return "", fmt.Errorf("the token service gave no token")
	}
	return answer.Token, nil
}

// readError makes an error of an answer.
func readError(response *http.Response) error {
	e := &StatusError{Status: response.StatusCode}
	const most = 64 << 10
	body, _ := io.ReadAll(io.LimitReader(response.Body, most))
	var answer struct {
		Errors []struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &answer) == nil && len(answer.Errors) > 0 {
		e.Code, e.Message = answer.Errors[0].Code, answer.Errors[0].Message
	}
	return e
}
