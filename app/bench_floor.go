package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/dchest/siphash"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	_ "modernc.org/sqlite" // the driver of the floor's own file

	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/schema"
)

// floorSchema is the shape that came out cheapest: ids in tables of their own, 8 bytes a field packed in one, history that only grows.
const floorSchema = `
CREATE TABLE link(id INTEGER PRIMARY KEY, salesforce TEXT, marketo INTEGER) STRICT;
CREATE TABLE salesforce(id TEXT PRIMARY KEY, link INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE marketo(id INTEGER PRIMARY KEY, link INTEGER) STRICT;
CREATE TABLE baseline(link INTEGER PRIMARY KEY, prints BLOB) STRICT;
CREATE TABLE outbox(id INTEGER PRIMARY KEY, link INTEGER, side INTEGER, carry TEXT) STRICT;
CREATE UNIQUE INDEX outbox_link ON outbox(link, side);
CREATE TABLE history(id INTEGER PRIMARY KEY, link INTEGER, at INTEGER, kind TEXT) STRICT;
CREATE INDEX history_link ON history(link, id);
CREATE TABLE feed(name TEXT PRIMARY KEY, cursor TEXT) STRICT, WITHOUT ROWID`

// FloorMeasured is what the least took: processor and time in seconds.
type FloorMeasured struct {
	CPU     float64 `json:"cpu"`
	Wall    float64 `json:"wall"`
	Records int     `json:"records"`
}

// measureFloor does the least that a first sync must do: sign in, read the pages of both sides that a first sync reads, with gzip, look
// once at every value, and move the pages forward in transactions of about 2,000 records: each is looked up by its id and gets its place
// among the ids, 8 bytes of keyed hash a field, a row of the outbox and a line of history; a Salesforce record also its link. It matches
// nothing, plans nothing and writes to nobody, so nothing ever leaves its outbox.
func measureFloor(ctx context.Context, pair ServedSandbox) (done FloorMeasured, err error) {
	home, err := os.MkdirTemp("", "doppio-bench-")
	if err != nil {
		return done, fmt.Errorf("a folder for the measurement cannot be made: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	mapping, err := sampleMapping(ctx, pair)
	if err != nil {
		return done, err
	}
	began, cpu := time.Now(), processorTime()
	f := &flooring{key: hmac.New(sha256.New, []byte(home)), mapping: mapping}
	if err := f.measure(ctx, pair, home); err != nil {
		return done, fmt.Errorf("measure the floor: %w", err)
	}
	return FloorMeasured{CPU: (processorTime() - cpu).Seconds(), Wall: time.Since(began).Seconds(), Records: f.seen}, nil
}

type flooring struct {
	db      *sql.DB
	key     hash.Hash
	mapping schema.Mapping
	mapped  map[string]bool // the fields that are kept of the records at hand
	seen    int             // records
	link    int64           // the last link given
	rows    []floorRow
	text    []byte // room for one value
}

// floorRow is a record as it is kept.
type floorRow struct {
	id     string
	prints []byte
}

func (f *flooring) measure(ctx context.Context, pair ServedSandbox, home string) (err error) {
	f.db, err = sql.Open("sqlite", "file:"+filepath.Join(home, "floor.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=wal_autocheckpoint(10000)&_pragma=cache_size(-8000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.db.Close()) }()
	f.db.SetMaxOpenConns(1)
	if _, err := f.db.ExecContext(ctx, floorSchema); err != nil {
		return err
	}
	sf, mk := pair.Salesforce, pair.Marketo
	org, err := f.token(ctx, http.MethodPost, sf.LoginURL+"/services/oauth2/token", sf.ClientID, sf.ClientSecret)
	if err != nil {
		return err
	}
	instance, err := f.token(ctx, http.MethodGet, mk.BaseURL+"/identity/oauth/token", mk.ClientID, mk.ClientSecret)
	if err != nil {
		return err
	}
	for _, o := range f.mapping.Objects {
		if err := f.salesforce(ctx, pair, org, o); err != nil {
			return err
		}
	}
	return f.marketo(ctx, pair, instance)
}

// get hands the body of an answer, unpacked by net/http, to read.
func (f *flooring) get(ctx context.Context, method, address, token string, form url.Values, read func(io.Reader) error) (err error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(resp.Body, 300)) // all there is to say is said already without it
		return fmt.Errorf("the sandbox answered %s to %s: %s", resp.Status, req.URL.Path, said)
	}
	return read(resp.Body)
}

// token signs in by client credentials. Salesforce wants them in the body, Marketo in the address.
func (f *flooring) token(ctx context.Context, method, address, id, secret string) (string, error) {
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	if method == http.MethodGet {
		address, form = address+"?"+form.Encode(), nil
	}
	err := f.get(ctx, method, address, "", form, func(body io.Reader) error { return json.UnmarshalRead(body, &answer) })
	return answer.AccessToken, err
}

func (f *flooring) salesforce(ctx context.Context, pair ServedSandbox, token string, o schema.Object) error {
	asked := salesforce.Export{Object: o.Name, Columns: o.Columns(record.Salesforce)}
	if o.Name.IsPerson() {
		asked.OtherID = f.mapping.MarketoID
	}
	query, err := asked.Query()
	if err != nil {
		return err
	}
	f.looksAt(asked.Columns)
	next := "/services/data/" + pair.Salesforce.APIVersion + "/queryAll?q=" + url.QueryEscape(query)
	for next != "" {
		if err := f.get(ctx, http.MethodGet, pair.Salesforce.LoginURL+next, token, nil, func(body io.Reader) (err error) {
			next, err = f.page(body, "nextRecordsUrl")
			return err
		}); err != nil {
			return err
		}
		if err := f.keep(ctx, record.Salesforce, next); err != nil {
			return err
		}
	}
	return nil
}

// looksAt says which fields are kept of the records that are read next.
func (f *flooring) looksAt(columns []record.Column) {
	f.mapped = map[string]bool{}
	for _, c := range columns {
		f.mapped[c.Name] = true
	}
}

// floorPages is how many pages of Marketo's 300 people are kept together.
const floorPages = 7

func (f *flooring) marketo(ctx context.Context, pair ServedSandbox, token string) error {
	columns, _ := f.mapping.PersonColumns()
	fields := strings.Join(marketo.PersonFields(columns, f.mapping.SalesforceID), ",")
	f.looksAt(columns)
	f.link = 0
	for first, empty := int64(1), 0; empty < 2; {
		before := f.seen
		for range floorPages {
			ids := make([]string, 300)
			for i := range ids {
				ids[i] = strconv.FormatInt(first+int64(i), 10)
			}
			form := url.Values{"filterType": {"id"}, "filterValues": {strings.Join(ids, ",")}, "fields": {fields}}
			if err := f.get(ctx, http.MethodPost, pair.Marketo.BaseURL+"/rest/v1/leads.json?_method=GET", token, form, func(body io.Reader) error {
				_, err := f.page(body, "")
				return err
			}); err != nil {
				return err
			}
			first += 300
		}
		if f.seen == before {
			empty++
		}
		if err := f.keep(ctx, record.Marketo, strconv.FormatInt(first, 10)); err != nil {
			return err
		}
	}
	return nil
}

// page looks once at every value of a page and keeps 8 bytes of each mapped one. more names the member that tells where the next page is.
func (f *flooring) page(body io.Reader, more string) (next string, err error) {
	dec := jsontext.NewDecoder(body)
	var row floorRow
	var mapped, isID, isNext bool
	k0, k1 := f.linkKey()
	for {
		kind, depth := dec.PeekKind(), dec.StackDepth()
		if kind == '{' || kind == '[' || kind == '}' || kind == ']' || kind == 0 {
			if _, err := dec.ReadToken(); errors.Is(err, io.EOF) {
				return next, nil
			} else if err != nil {
				return "", err
			}
			if kind == '}' && depth == 3 {
				f.rows = append(f.rows, row)
				f.seen++
				f.link++
				row = floorRow{}
				k0, k1 = f.linkKey()
			}
			continue
		}
		_, length := dec.StackIndex(depth)
		text, err := dec.ReadValue()
		if err != nil {
			return "", err
		}
		if kind == '"' {
			if f.text, err = jsontext.AppendUnquote(f.text[:0], text); err != nil {
				return "", err
			}
			text = f.text
		}
		switch isName := length%2 == 0; {
		case depth == 3 && isName:
			mapped, isID = f.mapped[string(text)], strings.EqualFold(string(text), "id")
		case depth == 3:
			if isID {
				row.id = string(text)
			}
			if mapped {
				row.prints = binary.LittleEndian.AppendUint64(row.prints, siphash.Hash(k0, k1, text))
			}
		case depth == 1 && isName:
			isNext = string(text) == more
		case depth == 1 && isNext:
			next = string(text)
		}
	}
}

// linkKey is the key of the next link's baseline.
func (f *flooring) linkKey() (k0, k1 uint64) {
	f.key.Reset()
	f.key.Write(binary.LittleEndian.AppendUint64(nil, uint64(f.link+1)))
	sum := f.key.Sum(nil)
	return binary.LittleEndian.Uint64(sum), binary.LittleEndian.Uint64(sum[8:])
}

// keep moves a page forward in one transaction. The statements cannot be interrupted: watching over each would cost a third as much again.
func (f *flooring) keep(ctx context.Context, side record.Side, cursor string) (err error) {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	ctx = context.WithoutCancel(ctx)
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	var statements []*sql.Stmt
	for _, text := range []string{
		`INSERT INTO ` + side.String() + `(id, link) VALUES(?, ?)`,
		`INSERT INTO baseline(link, prints) VALUES(?, ?) ON CONFLICT(link) DO UPDATE SET prints = excluded.prints`,
		`INSERT INTO outbox(link, side, carry) VALUES(?, ?, ?) ON CONFLICT(link, side) DO UPDATE SET carry = excluded.carry`,
		`INSERT INTO history(link, at, kind) VALUES(?, ?, 'linked')`,
		`INSERT INTO link(id, salesforce) VALUES(?, ?)`,
	} {
		s, err := tx.PrepareContext(ctx, text)
		if err != nil {
			return err
		}
		statements = append(statements, s)
	}
	ids := make([]string, len(f.rows))
	for i, r := range f.rows {
		ids[i] = r.id
	}
	if err := known(ctx, tx, side.String(), ids); err != nil {
		return err
	}
	link := f.link - int64(len(f.rows))
	for _, r := range f.rows {
		link++
		do := func(i int, args ...any) {
			if err == nil {
				_, err = statements[i].ExecContext(ctx, args...)
			}
		}
		do(0, r.id, link)
		do(1, link, r.prints)
		do(2, link, int64(side), r.id)
		do(3, link, link)
		if side == record.Salesforce {
			do(4, link, r.id)
		}
		if err != nil {
			return err
		}
	}
	f.rows = f.rows[:0]
	if _, err := tx.ExecContext(ctx, `INSERT INTO feed(name, cursor) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET cursor = excluded.cursor`, side.String(), cursor); err != nil {
		return err
	}
	return tx.Commit()
}

// known looks records up by their ids.
func known(ctx context.Context, tx *sql.Tx, side string, ids []string) (err error) {
	text, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	rows, err := tx.QueryContext(ctx, `SELECT j.key, s.link FROM json_each(?) j CROSS JOIN `+side+` s ON s.id = j.value`, string(text))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var key, link int64
		if err := rows.Scan(&key, &link); err != nil {
			return err
		}
	}
	return rows.Err()
}
