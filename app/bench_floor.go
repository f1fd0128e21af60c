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
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dchest/siphash"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	_ "modernc.org/sqlite" // the driver of the floor's own file

	"github.com/doppio-sync/doppio/engine/record"
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
	began, cpu := time.Now(), processorTime()
	f := &flooring{key: hmac.New(sha256.New, []byte(home))}
	if err := f.measure(ctx, pair, home); err != nil {
		return done, fmt.Errorf("measure the floor: %w", err)
	}
	return FloorMeasured{CPU: (processorTime() - cpu).Seconds(), Wall: time.Since(began).Seconds(), Records: f.seen}, nil
}

type flooring struct {
	db   *sql.DB
	key  hash.Hash
	seen int   // records
	link int64 // the last link given
	rows []floorRow
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
	salesforce, err := f.token(ctx, http.MethodPost, sf.LoginURL+"/services/oauth2/token", sf.ClientID, sf.ClientSecret)
	if err != nil {
		return err
	}
	marketo, err := f.token(ctx, http.MethodGet, mk.BaseURL+"/identity/oauth/token", mk.ClientID, mk.ClientSecret)
	if err != nil {
		return err
	}
	objects, err := f.objects(ctx, pair, salesforce, marketo)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if err := f.salesforce(ctx, pair, salesforce, o); err != nil {
			return err
		}
	}
	return f.marketo(ctx, pair, marketo)
}

// floorObject is an object of Salesforce that a first sync reads; without fields it is one of the customer's own, and all of its own are read.
type floorObject struct {
	name   record.Object
	fields []string
}

// objects are those of the standard mapping, and those of the customer's own that have a twin.
func (f *flooring) objects(ctx context.Context, pair ServedSandbox, salesforce, marketo string) ([]floorObject, error) {
	var objects []floorObject
	for name, fields := range schema.StandardFields() {
		objects = append(objects, floorObject{name, fields})
	}
	type named struct {
		Name record.Object `json:"name"`
	}
	var ours struct {
		Objects []named `json:"sobjects"`
	}
	var theirs struct {
		Objects []named `json:"result"`
	}
	err := errors.Join(
		f.get(ctx, http.MethodGet, dataURL(pair)+"/sobjects", salesforce, nil, func(body io.Reader) error { return json.UnmarshalRead(body, &ours) }),
		f.get(ctx, http.MethodGet, pair.Marketo.BaseURL+"/rest/v1/customobjects.json", marketo, nil, func(body io.Reader) error { return json.UnmarshalRead(body, &theirs) }))
	names := func(all []named) (names []record.Object) {
		for _, o := range all {
			names = append(names, o.Name)
		}
		return names
	}
	customs, _ := schema.CustomTwins(names(ours.Objects), names(theirs.Objects))
	for _, name := range customs {
		objects = append(objects, floorObject{name: name})
	}
	return objects, err
}

func dataURL(pair ServedSandbox) string {
	return pair.Salesforce.LoginURL + "/services/data/" + pair.Salesforce.APIVersion
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

func (f *flooring) salesforce(ctx context.Context, pair ServedSandbox, token string, o floorObject) error {
	fields, err := f.present(ctx, dataURL(pair)+"/sobjects/"+string(o.name)+"/describe", token, o.fields)
	if err != nil {
		return err
	}
	next := "/services/data/" + pair.Salesforce.APIVersion + "/query?q=" + url.QueryEscape("SELECT Id,"+strings.Join(fields, ",")+" FROM "+string(o.name))
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

// present are those of some fields that an object has; without any, all that are the customer's own.
func (f *flooring) present(ctx context.Context, address, token string, fields []string) ([]string, error) {
	var described struct {
		Fields []struct {
			Name string `json:"name"`
		} `json:"fields"`
	}
	err := f.get(ctx, http.MethodGet, address, token, nil, func(body io.Reader) error { return json.UnmarshalRead(body, &described) })
	var present []string
	for _, d := range described.Fields {
		if len(fields) == 0 && schema.IsCustom(record.Object(d.Name)) || slices.Contains(fields, d.Name) {
			present = append(present, d.Name)
		}
	}
	return present, err
}

// floorPages is how many pages of Marketo's 300 people are kept together.
const floorPages = 7

func (f *flooring) marketo(ctx context.Context, pair ServedSandbox, token string) error {
	fields := strings.Join(schema.StandardPersonFields(), ",")
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

// page looks once at every value of a page. more names the member that tells where the next page is.
func (f *flooring) page(body io.Reader, more string) (next string, err error) {
	dec := jsontext.NewDecoder(body)
	name, row := "", floorRow{}
	k0, k1 := f.linkKey()
	for {
		kind := dec.PeekKind()
		depth := dec.StackDepth()
		_, length := dec.StackIndex(depth)
		isName := length%2 == 0
		switch {
		case kind == '{' || kind == '[' || kind == '}' || kind == ']' || kind == 0:
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
		token, err := dec.ReadToken()
		switch {
		case err != nil:
			return "", err
		case depth == 3 && isName:
			name = token.String()
		case depth == 3:
			value := token.String()
			if strings.EqualFold(name, "id") {
				row.id = value
			}
			row.prints = binary.LittleEndian.AppendUint64(row.prints, siphash.Hash(k0, k1, []byte(value)))
		case depth == 1 && isName:
			name = token.String()
		case depth == 1 && name == more:
			next = token.String()
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
