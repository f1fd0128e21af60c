package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/doppio-sync/doppio/engine/record"
)

// Position is where a feed stands: after the record with this stamp and id, in the order of both. The zero Position
// is before everything; one with a stamp and no id is before all records of that second.
type Position struct {
	Stamp time.Time
	ID    record.ID
}

// Feed asks for one page of an object's changes.
type Feed struct {
	Object  record.Object
	Columns []record.Column
	// OtherID is the field that carries the Marketo id, empty where the org has none.
	OtherID string
	From    Position
	// Where is a further condition in SOQL, empty for none.
	Where string
	// Editors asks who changed each record last.
	Editors bool
	// Until is the last position that is asked for; zero means no bound.
	Until Position
	// Deleted asks for the ids deleted since then as well (getDeleted, at most 15 days back); zero asks for none.
	Deleted time.Time
	// Described asks along whether the object's description changed since then, to the second; zero asks nothing.
	Described time.Time
}

// Page is one feed's answer: at most 2,000 records, in the order of (SystemModstamp, Id), deleted ones, merged ones and
// converted ones among them.
type Page struct {
	Records []record.Record
	// Next is the position after the last record, From if there is none.
	Next Position
	// More says that there is at least the chance of a further page.
	More bool
	// Gone are the deletions asked for by Feed.Deleted, GoneThrough the moment up to which the org vouches for them,
	// which lies behind transactions that are still open. GoneErr tells why there are none.
	Gone        []Gone
	GoneThrough time.Time
	GoneErr     *Error
	// SchemaChanged tells, where Feed.Described asked, that the object's description is another now, or may be.
	SchemaChanged bool
	// Err says why this feed could not be read; the others of the call may have been.
	Err *Error
}

// Gone is one deleted record, of the recycle bin or of a merge.
type Gone struct {
	ID record.ID
	At time.Time
}

// MostFeeds is how many feeds go into one call: a composite takes five queries.
const MostFeeds = mostHeavy

// deletedReach is how far back getDeleted answers: 15 days, less an hour for the difference of clocks.
const deletedReach = 15*24*time.Hour - time.Hour

// Feeds reads one page of up to MostFeeds feeds in one call, deletions and changes of the description asked for included (they
// ride along as sObject resources, which the limit of five does not count). Pages stand in the order of feeds. server is the org's clock, in
// which cursors and overlaps count. It follows nothing by itself: the caller reads on from Next while More.
//
// A page that does not hold together (fewer records than announced, records before the position) is an Err that may be
// retried, never an end of the feed.
func (c *Client) Feeds(ctx context.Context, purpose record.Purpose, feeds []Feed) (pages []Page, server time.Time, err error) {
	if len(feeds) == 0 || len(feeds) > MostFeeds {
		return nil, zeroTime, localError(codeLocal, fmt.Errorf("%d feeds in one call", len(feeds)))
	}
	pages = make([]Page, len(feeds))
	questions := make([]feedParts, len(feeds))
	var queries, riders []*part
	for i, f := range feeds {
		q, err := c.feedParts(f, &pages[i])
		if err != nil {
			return nil, zeroTime, err
		}
		questions[i] = q
		queries = append(queries, q.rows)
		if q.gone != nil {
			riders = append(riders, q.gone)
		}
		if q.schema != nil {
			riders = append(riders, q.schema)
		}
	}
	server, err = c.read(ctx, purpose, append(queries, riders...))
	if err != nil {
		return nil, server, err
	}
	for i, q := range questions {
		q.settle(feeds[i], &pages[i])
	}
	return pages, server, nil
}

// feedParts are the subrequests of one feed: the page, and, where asked for, the deletions and the description.
type feedParts struct{ rows, gone, schema *part }

func (c *Client) feedParts(f Feed, page *Page) (q feedParts, err error) {
	l, err := newLayout(f.Object, f.Columns, f.OtherID)
	if err == nil && f.Editors {
		err = l.system("LastModifiedById", sysEditor)
	}
	if err != nil {
		return q, err
	}
	path := c.data("/queryAll?q=" + escapeQuery(feedQuery(l, f.From, f.Until, f.Where)))
	q.rows = &part{method: http.MethodGet, path: path, read: feedReader(l, f, page)}
	if !f.Deleted.IsZero() {
		q.gone = c.deletedPart(f, page)
	}
	if !f.Described.IsZero() {
		q.schema = c.schemaPart(f)
	}
	return q, nil
}

// settle puts refusals into the page.
func (q feedParts) settle(f Feed, page *Page) {
	if refused := q.rows.refused; refused != nil {
		*page = Page{Next: f.From, Err: refused.about(f.Object, "")}
	}
	if q.gone != nil && q.gone.refused != nil {
		page.Gone, page.GoneThrough, page.GoneErr = nil, zeroTime, q.gone.refused.about(f.Object, "")
	}
	page.SchemaChanged = q.schema != nil && !q.schema.unchanged
}

// schemaPart asks whether an object's description changed. What it is now is not read here: it is asked for once more, of all
// objects together.
func (c *Client) schemaPart(f Feed) *part {
	return &part{
		method: http.MethodGet, path: c.data("/sobjects/" + string(f.Object) + "/describe"),
		header: map[string]string{"If-Modified-Since": f.Described.UTC().Format(http.TimeFormat)},
		read:   func(dec *jsontext.Decoder) (*Error, error) { return nil, dec.SkipValue() },
	}
}

// feedReader reads one query's answer into a page.
func feedReader(l *layout, f Feed, page *Page) func(dec *jsontext.Decoder) (*Error, error) {
	return func(dec *jsontext.Decoder) (*Error, error) {
		if dec.PeekKind() == '[' {
			return readRefusals(dec)
		}
		page.Records, page.Next, page.More = nil, f.From, false // the answer may be read a second time
		result, err := decodeQuery(dec, l, func(r record.Record) error {
			if len(page.Records) == few {
				page.Records = slices.Grow(page.Records, pageSize-few)
			}
			page.Records = append(page.Records, r)
			return nil
		})
		if err != nil {
			return nil, err
		}
		return checkPage(result, f, page), nil
	}
}

// few is how many records a page of a feed that moves on has at most; one with more is most likely full.
const few = 128

// checkPage decides whether the page may be believed, and where the feed stands after it.
func checkPage(result queryResult, f Feed, page *Page) *Error {
	got := len(page.Records)
	if result.done && result.total != got || !result.done && got == 0 {
		return localError(codeShortPage, fmt.Errorf("%d of %d records", got, result.total))
	}
	last := f.From
	for _, r := range page.Records {
		if !after(r, last) {
			return localError(codeMalformed, errors.New("records out of order"))
		}
		last = Position{Stamp: r.Modified, ID: r.ID}
	}
	page.Next = last
	page.More = (!result.done || got >= pageSize) && last != f.Until
	return nil
}

// after reports whether a record stands behind a position. Ids compare by their first 15 characters, in binary order.
func after(r record.Record, p Position) bool {
	if p.Stamp.IsZero() {
		return true
	}
	if !r.Modified.Equal(p.Stamp) {
		return r.Modified.After(p.Stamp)
	}
	return p.ID == "" || idKey(r.ID) > idKey(p.ID)
}

func idKey(id record.ID) record.ID {
	if len(id) > 15 {
		return id[:15]
	}
	return id
}

// deletedPart asks for the deletions of a feed. getDeleted cuts both ends to the minute and wants more than one
// minute between them.
func (c *Client) deletedPart(f Feed, page *Page) *part {
	end := c.now().UTC().Truncate(time.Minute).Add(time.Minute)
	start := f.Deleted.UTC().Truncate(time.Minute)
	if earliest := end.Add(-deletedReach); start.Before(earliest) {
		start = earliest
	}
	if latest := end.Add(-2 * time.Minute); start.After(latest) {
		start = latest
	}
	path := c.data("/sobjects/" + string(f.Object) + "/deleted/?start=" + escapeQuery(moment(start)) + "&end=" + escapeQuery(moment(end)))
	return &part{method: http.MethodGet, path: path, read: func(dec *jsontext.Decoder) (*Error, error) {
		if dec.PeekKind() == '[' {
			return readRefusals(dec)
		}
		var deleted struct {
			DeletedRecords []struct {
				ID          string `json:"id"`
				DeletedDate string `json:"deletedDate"`
			} `json:"deletedRecords"`
			LatestDateCovered string `json:"latestDateCovered"`
		}
		if err := json.UnmarshalDecode(dec, &deleted); err != nil {
			return nil, err
		}
		page.Gone = make([]Gone, 0, len(deleted.DeletedRecords))
		for _, d := range deleted.DeletedRecords {
			id, err := record.LongID(d.ID)
			at, err2 := parseStamp(d.DeletedDate)
			if err != nil || err2 != nil {
				return nil, errShape
			}
			page.Gone = append(page.Gone, Gone{ID: id, At: at})
		}
		through, err := parseStamp(deleted.LatestDateCovered)
		if err != nil {
			return nil, errShape
		}
		page.GoneThrough = through
		return nil, nil
	}}
}
