package ui

import "encoding/json"

// StatusText is a line about something that is done with a container, outside of
// a plan: " shop-web-1 copy a to b Copied". Quiet says nothing.
func StatusText(s Style, container, text, status string) []byte {
	switch s.Mode {
	case Quiet:
		return nil
	case JSON:
		line, err := json.Marshal(struct {
			ID     string `json:"id"`
			Text   string `json:"text"`
			Status string `json:"status"`
		}{container, text, status})
		if err != nil {
			return nil // strings cannot fail
		}
		return append(line, '\n')
	default:
		return []byte(plainLine(Line{ID: container, Text: text, Details: status}))
	}
}
