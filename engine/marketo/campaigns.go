package marketo

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// CampaignNames asks what smart campaigns are called, 300 a call (Marketo REST API, Get Campaigns). Those that are gone, or in a
// workspace that the API user may not see, are absent.
func (c *Client) CampaignNames(ctx context.Context, purpose record.Purpose, ids []int64) (map[int64]string, error) {
	names := map[int64]string{}
	for part := range slices.Chunk(ids, MaxBatch) {
		texts := make([]string, len(part))
		for i, id := range part {
			texts[i] = strconv.FormatInt(id, 10)
		}
		query := url.Values{"id": {strings.Join(texts, ",")}, "batchSize": {strconv.Itoa(MaxBatch)}}
		if _, err := c.get(ctx, purpose, "/rest/v1/campaigns.json", query, func() {}, func(dec *jsontext.Decoder) error {
			var one struct {
				ID   int64  `json:"id"`
				Name string `json:"name"`
			}
			if err := json.UnmarshalDecode(dec, &one, jsontext.AllowDuplicateNames(true)); err != nil {
				return err
			}
			names[one.ID] = one.Name
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return names, nil
}
