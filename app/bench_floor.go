package app

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dchest/siphash"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	_ "modernc.org/sqlite" // the driver of the floor's own file

	"github.com/doppio-sync/doppio/engine/schema"
)

// floor is the least that a first sync must do: sign in, read every page of both sides with gzip, look once at every value,
// and keep an id and 8 bytes for each field of each record. It matches nothing, plans nothing and writes to nobody.
func floor(ctx context.Context, pair ServedSandbox, home string) (err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(home, "floor.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=wal_autocheckpoint(10000)")
	if err != nil {
		return fmt.Errorf("measure the floor: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `CREATE TABLE link(id INTEGER PRIMARY KEY, record TEXT) STRICT; CREATE TABLE baseline(link INTEGER PRIMARY KEY, prints BLOB) STRICT`); err != nil {
		return fmt.Errorf("measure the floor: %w", err)
	}
	f := &flooring{db: db}
	if err := f.salesforce(ctx, pair); err != nil {
		return err
	}
	return f.marketo(ctx, pair)
}

type flooring struct {
	db   *sql.DB
	next int64
}

// get reads one answer, whole, unpacked by net/http.
func (f *flooring) get(ctx context.Context, method, address, token string, body io.Reader) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(resp.Body)
	return text, errors.Join(err, resp.Body.Close())
}

func (f *flooring) token(ctx context.Context, method, address string, form url.Values) (string, error) {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	} else {
		address += "?" + form.Encode()
	}
	text, err := f.get(ctx, method, address, "", body)
	if err != nil {
		return "", err
	}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	return answer.AccessToken, json.Unmarshal(text, &answer)
}

func (f *flooring) salesforce(ctx context.Context, pair ServedSandbox) error {
	c := pair.Salesforce
	token, err := f.token(ctx, http.MethodPost, c.LoginURL+"/services/oauth2/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {c.ClientID}, "client_secret": {c.ClientSecret},
	})
	if err != nil {
		return fmt.Errorf("measure the floor: %w", err)
	}
	for object, fields := range schema.StandardFields() {
		next := "/services/data/" + c.APIVersion + "/query?q=" + url.QueryEscape("SELECT Id,"+strings.Join(fields, ",")+" FROM "+string(object))
		for next != "" {
			text, err := f.get(ctx, http.MethodGet, c.LoginURL+next, token, nil)
			if err != nil {
				return fmt.Errorf("measure the floor: %w", err)
			}
			if next, err = f.page(ctx, text, "records", "nextRecordsUrl"); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *flooring) marketo(ctx context.Context, pair ServedSandbox) error {
	c := pair.Marketo
	token, err := f.token(ctx, http.MethodGet, c.BaseURL+"/identity/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {c.ClientID}, "client_secret": {c.ClientSecret},
	})
	if err != nil {
		return fmt.Errorf("measure the floor: %w", err)
	}
	fields := strings.Join(schema.StandardPersonFields(), ",")
	for first, empty := int64(1), 0; empty < 2; first += 300 {
		ids := make([]string, 300)
		for i := range ids {
			ids[i] = strconv.FormatInt(first+int64(i), 10)
		}
		form := url.Values{"filterType": {"id"}, "filterValues": {strings.Join(ids, ",")}, "fields": {fields}}
		before := f.next
		text, err := f.get(ctx, http.MethodPost, c.BaseURL+"/rest/v1/leads.json?_method=GET", token, strings.NewReader(form.Encode()))
		if err != nil {
			return fmt.Errorf("measure the floor: %w", err)
		}
		if bytes.Contains(text[:min(len(text), 200)], []byte(`"success":false`)) {
			break // the rate is used up; what was read is measured
		}
		if _, err := f.page(ctx, text, "result", "nextPageToken"); err != nil {
			return err
		}
		if f.next == before {
			empty++
		}
	}
	return nil
}

// page looks once at every value of a page and keeps its records in one transaction.
func (f *flooring) page(ctx context.Context, text []byte, list, more string) (next string, err error) {
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, tx.Rollback())
		}
	}()
	link, err := tx.PrepareContext(ctx, `INSERT INTO link(id, record) VALUES(?, ?)`)
	if err != nil {
		return "", err
	}
	baseline, err := tx.PrepareContext(ctx, `INSERT INTO baseline(link, prints) VALUES(?, ?)`)
	if err != nil {
		return "", err
	}
	dec := jsontext.NewDecoder(bytes.NewReader(text))
	var prints []byte
	inList, name, id := false, "", ""
	for {
		token, err := dec.ReadToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", err
		}
		depth := dec.StackDepth()
		switch kind := token.Kind(); {
		case kind == '[' && depth == 2 && name == list:
			inList = true
		case kind == ']' && depth == 1:
			inList = false
		case kind == '}' && inList && depth == 2:
			f.next++
			if _, err := link.ExecContext(ctx, f.next, id); err != nil {
				return "", err
			}
			if _, err := baseline.ExecContext(ctx, f.next, prints); err != nil {
				return "", err
			}
			prints = prints[:0]
		case kind == '"' && isName(dec):
			name = token.String()
		case kind == '"' || kind == '0' || kind == 't' || kind == 'f' || kind == 'n':
			value := token.String()
			if !inList && name == more {
				next = value
			}
			if inList && strings.EqualFold(name, "id") {
				id = value
			}
			if inList && depth == 3 {
				sum := siphash.Hash(1, 2, []byte(value))
				prints = append(prints, byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24), byte(sum>>32), byte(sum>>40), byte(sum>>48), byte(sum>>56))
			}
		}
	}
	return next, errors.Join(link.Close(), baseline.Close(), tx.Commit())
}

// isName reports whether the token just read was a member's name: in an object, every other one is.
func isName(dec *jsontext.Decoder) bool {
	kind, length := dec.StackIndex(dec.StackDepth())
	return kind == '{' && length%2 == 1
}
