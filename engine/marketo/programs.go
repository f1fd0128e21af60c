package marketo

import (
	"context"
	"net/url"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// Program is a marketing program: who is in it goes through the statuses of its channel.
type Program struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Type    string `json:"type"`
	Channel string `json:"channel"`
	// Campaign is the Salesforce campaign that Marketo's own sync keeps it in step with, empty without one.
	Campaign string `json:"sfdcId"`
}

// Progression is one status of a channel. A member moves from lower steps to higher ones, never back.
type Progression struct {
	Name    string `json:"name"`
	Step    int    `json:"step"`
	Success bool   `json:"success"`
	Hidden  bool   `json:"hidden"`
}

// Program finds a program by its id or, if the text is no number, by its exact name; ok is false where there is none.
func (c *Client) Program(ctx context.Context, idOrName string) (p Program, ok bool, err error) {
	path, query := "/rest/asset/v1/program/byName.json", url.Values{"name": {idOrName}}
	if _, notANumber := strconv.ParseInt(idOrName, 10, 64); notANumber == nil {
		path, query = "/rest/asset/v1/program/"+idOrName+".json", nil
	}
	return asset[Program](ctx, c, path, query)
}

// Progressions are the statuses of a channel in the order in which Marketo lists them, hidden ones among them; ok is false
// where there is no such channel.
func (c *Client) Progressions(ctx context.Context, channel string) (list []Progression, ok bool, err error) {
	found, ok, err := asset[struct {
		Statuses []Progression `json:"progressionStatuses"`
	}](ctx, c, "/rest/asset/v1/channel/byName.json", url.Values{"name": {channel}})
	return found.Statuses, ok, err
}

// asset reads one asset. None found is success with a warning and without a result (Marketo REST API, Assets).
func asset[T any](ctx context.Context, c *Client, path string, query url.Values) (one T, ok bool, err error) {
	_, err = c.get(ctx, record.Describe, path, query, func() { ok = false }, func(dec *jsontext.Decoder) error {
		one, ok = *new(T), true
		return json.UnmarshalDecode(dec, &one)
	})
	return one, ok, err
}
