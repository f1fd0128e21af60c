package org

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/sandbox/table"
)

// edited is a row's LastModifiedDate.
func (o *Org) edited(obj *object, row table.Row) time.Time {
	if obj.modified != nil {
		if text, ok := row.Get(obj.modified.column); ok {
			if at, err := time.Parse(stampLayout, text); err == nil {
				return at
			}
		}
	}
	return time.Unix(row.Stamp(), 0).UTC()
}

// etag is the entity tag of a row; only Account rows have one.
func (o *Org) etag(obj *object, row table.Row) string {
	var in [16]byte
	binary.BigEndian.PutUint64(in[:8], row.ID())
	binary.BigEndian.PutUint64(in[8:], uint64(row.Version()))
	sum := sha256.Sum256(in[:])
	return `"` + base64.StdEncoding.EncodeToString(sum[:20]) + `"`
}

// unchanged sets the validators of a row that is read and answers 304 or 412 where the request's conditions say so.
func (c *call) unchanged(o *Org, obj *object, row table.Row) bool {
	at := o.edited(obj, row)
	c.out.set("Last-Modified", at.Format(http.TimeFormat))
	if obj.name == "Account" {
		tag := o.etag(obj, row)
		c.out.set("ETag", tag)
		if c.tagged("If-None-Match", tag) {
			c.ok(http.StatusNotModified)
			return true
		}
		if c.header.Get("If-Match") != "" && !c.tagged("If-Match", tag) {
			c.fail(errPrecondition)
			return true
		}
	}
	if since, ok := c.date("If-Modified-Since"); ok && !at.After(since) {
		c.ok(http.StatusNotModified)
		return true
	}
	if since, ok := c.date("If-Unmodified-Since"); ok && at.After(since) {
		c.fail(errPrecondition)
		return true
	}
	return false
}

var errPrecondition = fault1(http.StatusPreconditionFailed, "PRECONDITION_FAILED", "The record was modified since the date that the request names")

// precondition checks the conditions of a PATCH on a row: If-Unmodified-Since against LastModifiedDate, to the second,
// and on accounts If-Match. A date that cannot be read is 400.
func (c *call) precondition(o *Org, obj *object, row table.Row) *apiError {
	for _, name := range []string{"If-Unmodified-Since", "If-Modified-Since"} {
		text := c.header.Get(name)
		if text == "" {
			continue
		}
		since, ok := c.date(name)
		if !ok {
			return badRequest("INVALID_HEADER", "The value of "+name+" is not a date: "+text)
		}
		at := o.edited(obj, row)
		if name == "If-Unmodified-Since" && at.After(since) || name == "If-Modified-Since" && !at.After(since) {
			return errPrecondition
		}
	}
	if obj.name != "Account" {
		return nil
	}
	tag := o.etag(obj, row)
	if (c.header.Get("If-Match") != "" && !c.tagged("If-Match", tag)) || c.tagged("If-None-Match", tag) {
		return errPrecondition
	}
	return nil
}

func (c *call) date(header string) (time.Time, bool) {
	at, err := http.ParseTime(c.header.Get(header))
	return at, err == nil
}

func (c *call) tagged(header, tag string) bool {
	for part := range strings.SplitSeq(c.header.Get(header), ",") {
		if part = strings.TrimSpace(part); part == tag || part == "*" || strings.TrimSuffix(strings.TrimSuffix(part, `--gzip"`), `"`) == strings.TrimSuffix(tag, `"`) {
			return true
		}
	}
	return false
}
