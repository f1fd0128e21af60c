package salesforce

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/klauspost/compress/gzip"

	"github.com/doppio-sync/doppio/engine/record"
)

// feedPage is a page of leads with thirty mapped fields, as an org answers it.
func feedPage(rows int) (*layout, []byte) {
	var cols []record.Column
	for i := range 30 {
		kind := []record.Kind{record.Text, record.Picklist, record.Decimal, record.Boolean, record.Date, record.DateTime}[i%6]
		cols = append(cols, record.Column{Name: fmt.Sprintf("Field_%02d__c", i), Type: record.Type{Kind: kind, Scale: 2}})
	}
	l, err := newLayout(record.Lead, cols, "Marketo_Person_Id__c")
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `{"totalSize":%d,"done":true,"records":[`, rows)
	for n := range rows {
		if n > 0 {
			b.WriteByte(',')
		}
		id := fmt.Sprintf("00Q5f00000%05dAAA", n)
		fmt.Fprintf(&b, `{"attributes":{"type":"Lead","url":"/services/data/v61.0/sobjects/Lead/%s"},"Id":"%s","SystemModstamp":"2026-11-24T10:%02d:%02d.000+0000","LastModifiedDate":"2026-11-24T10:00:00.000+0000","IsDeleted":false,"MasterRecordId":null,"IsConverted":false,"ConvertedContactId":null,"Email":"person%d@example.com","Marketo_Person_Id__c":"%d"`,
			id, id, n/60%60, n%60, n, 100_000+n)
		for i := range 30 {
			value := []string{fmt.Sprintf(`"some text %d"`, n*i), `"Web"`, fmt.Sprintf("%d.0", n+i), "true", `"1990-05-17"`, `"2026-03-04T05:06:07.000+0000"`}[i%6]
			if (n+i)%4 == 0 {
				value = "null"
			}
			fmt.Fprintf(&b, `,"Field_%02d__c":%s`, i, value)
		}
		b.WriteByte('}')
	}
	b.WriteString("]}")
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := io.WriteString(w, b.String()); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return l, zipped.Bytes()
}

func decodePage(l *layout, zipped []byte, row func(record.Record) error) error {
	zip, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		return err
	}
	return decodeJSON(zip, func(dec *jsontext.Decoder) error {
		_, err := decodeQuery(dec, l, row)
		return err
	})
}

// BenchmarkFeedPage is the way of a page from the wire to canonical records, beside unpacking it and nothing else.
func BenchmarkFeedPage(b *testing.B) {
	l, zipped := feedPage(2000)
	b.Run("unpack", func(b *testing.B) {
		for b.Loop() {
			zip, err := gzip.NewReader(bytes.NewReader(zipped))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, zip); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("records", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			err := decodePage(l, zipped, func(record.Record) error { n++; return nil })
			if err != nil || n != 2000 {
				b.Fatal(n, err)
			}
		}
	})
}

// A record costs few allocations however many fields it has: one for its texts, one now and then for its values, and
// one for each date-time that has to be spelt anew.
func TestRecordsAreCheap(t *testing.T) {
	const rows = 2000
	l, zipped := feedPage(rows)
	dateTimes := 5.0
	allocations := testing.AllocsPerRun(3, func() {
		if err := decodePage(l, zipped, func(record.Record) error { return nil }); err != nil {
			t.Fatal(err)
		}
	})
	if each := allocations / rows; each > 2*dateTimes+4 {
		t.Errorf("%.1f allocations a record", each)
	}
}

// Pages that were handled leave nothing behind: after many of them the heap is what it was after a few.
func TestPagesLeaveNothing(t *testing.T) {
	l, zipped := feedPage(2000)
	heap := func(pages int) uint64 {
		for range pages {
			if err := decodePage(l, zipped, func(record.Record) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	few := heap(2)
	if many := heap(30); many > few+2<<20 {
		t.Errorf("%d bytes after 2 pages, %d after 32", few, many)
	}
}
