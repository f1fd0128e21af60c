package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/store"
)

// edict is a rule of a workspace, with what it means in words of its own: which values it takes for one, and which it sends as they are.
type edict struct {
	name   string
	fields []string
	do     string
	// spellings are what people type of it, under the names of both sides.
	spellings []string
	// alike tells whether a pair may say this in Salesforce and that in Marketo.
	alike func(salesforce, marketo string) bool
	// sent tells whether the other side may be sent a text.
	sent func(side record.Side, text string) bool
}

// names are what people type for a place, and what stands for it.
type names map[string]string

func (n names) of(text string) string {
	for _, spelled := range []string{text, strings.Join(strings.Fields(text), " ")} {
		if name, ok := n[spelled]; ok {
			return name
		}
	}
	return text
}

func (n names) edict(name string, fields []string, do string) edict {
	e := edict{name: name, fields: fields, do: do}
	for text := range n {
		e.spellings = append(e.spellings, text)
	}
	slices.Sort(e.spellings)
	all := countries()
	e.alike = func(salesforce, marketo string) bool {
		return strings.EqualFold(all.of(n.of(salesforce)), all.of(n.of(marketo)))
	}
	e.sent = func(_ record.Side, text string) bool { return n.of(text) == text }
	return e
}

// called are the countries of the people here, the English name first, and what else they are called.
var called = []string{
	"United States/USA/US/U.S.A./United States of America/us",
	"Canada/CA/CAN",
	"Mexico/México/MX/MEX",
	"Brazil/Brasil/BR",
	"United Kingdom/UK/GB/England/U.K.",
	"Germany/Deutschland/DE/D/GERMANY",
	"France/FR/FRANCE",
	"Netherlands/The Netherlands/Nederland/NL/Holland",
	"Spain/España/ES/Espana",
	"Italy/Italia/IT/ITALY",
	"Sweden/Sverige/SE/SWEDEN",
	"Poland/Polska/PL",
	"Czech Republic/Czechia/Česko/CZ/Česká republika",
	"Turkey/Türkiye/TR/TURKEY",
	"Ukraine/Україна/UA",
	"Greece/Ελλάδα/GR/Hellas",
	"United Arab Emirates/UAE/الإمارات العربية المتحدة/U.A.E./AE",
	"Israel/ישראל/IL",
	"China/中国/CN/P.R. China/PRC",
	"Japan/日本/JP/JAPAN",
	"South Korea/Korea, Republic of/대한민국/KR/Korea",
	"India/भारत/IN/INDIA",
	"Vietnam/Việt Nam/VN/Viet Nam",
}

// countries are what people type for a country, and what else their records say.
func countries() names {
	n := names{}
	for _, line := range called {
		all := strings.Split(line, "/")
		for _, name := range all[1:] {
			n[name] = all[0]
		}
	}
	return n
}

var edicts = []edict{
	names{
		"Frankreich": "France", "Allemagne": "Germany", "Deutschland": "Germany", "USA": "United States", "Brasil": "Brazil", " Sweden ": "Sweden", "Japon": "Japan",
		"n/a": "", "-": "",
	}.edict("countries", []string{"Lead.Country", "Contact.MailingCountry"}, `["trim","blank","country"]`),
	names{"Dir.": "Director", "dir": "Director", "VP": "Vice President", "v.p.": "Vice President"}.edict("titles", []string{"Lead.Title", "Contact.Title"},
		`["trim",{"table":{"Dir.":"Director","dir":"Director","VP":"Vice President","v.p.":"Vice President"}}]`),
	{
		name: "phones", fields: []string{"Lead.MobilePhone", "Contact.MobilePhone"}, do: `[{"phone":{"assume":"NL"}}]`,
		spellings: []string{"020 123 4567", "+31 20 123 45 67", "0031 20 7654321", "+49 (30) 901820"},
		alike:     oneNumber,
		// What a number without its country stands for is for the record's country to say.
		sent: func(_ record.Side, text string) bool { return text != "+31 20 123 45 67" && text != "+49 (30) 901820" },
	},
	{
		name: "score", fields: []string{"Lead.Lead_Score__c", "Contact.Lead_Score__c"}, do: `[{"band":{"margin":3}}]`,
		spellings: []string{"24", "27", "29", "49", "52", "54", "74", "77", "80", "999", "26", "51"},
		alike:     banded,
		sent: func(side record.Side, text string) bool {
			return side == record.Marketo || slices.Contains([]string{"", "0", "26", "51", "76"}, text)
		},
	},
}

// dialled is the part of a telephone number that is dialled from everywhere.
func dialled(text string) string {
	text = strings.ReplaceAll(text, "(0)", "")
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text), "0")
}

// oneNumber tells whether two numbers may be one, with and without the country before it.
func oneNumber(a, b string) bool {
	a, b = dialled(a), dialled(b)
	return strings.HasSuffix(a, b) && (b != "" || a == "") || strings.HasSuffix(b, a) && a != ""
}

// banded tells whether two scores are in one band, or the one of Marketo not more than 3 outside of it.
func banded(salesforce, marketo string) bool {
	there, err := strconv.Atoi(salesforce)
	score, err2 := strconv.Atoi(marketo)
	lows := []int{0, 26, 51, 76, 1 << 30}
	for i, low := range lows[:4] {
		if there < lows[i+1] && (there >= low || i == 0) {
			return err == nil && err2 == nil && (score >= low-3 || i == 0) && score < lows[i+1]+3
		}
	}
	return false
}

// rules sets other rules in place of those that are set: each of the edicts, or not.
func (o *office) rules() {
	if d, err := o.mapping(); err != nil || len(d.Objects) == 0 {
		return
	}
	var doc rule.Document
	if !o.ruled.IsZero() {
		if err := json.Unmarshal([]byte(taskRules), &doc); err != nil {
			o.t.Error(err)
		}
	}
	if o.edicts == nil {
		o.edicts = map[string]time.Time{}
	}
	var set []string
	clear(o.inForce)
	for i, e := range edicts {
		if o.rng.IntN(2) == 0 {
			continue
		}
		var do []rule.Step
		if err := json.Unmarshal([]byte(e.do), &do); err != nil {
			o.t.Error(err)
		}
		mapped := o.mappedOf(e.fields)
		if len(mapped) == 0 {
			continue
		}
		doc.Rules = append(doc.Rules, rule.Entry{Name: e.name, Fields: mapped, Do: do})
		set = append(set, e.name)
		for _, field := range mapped {
			o.inForce[field] = inForce{&edicts[i], o.pair.Now()}
			o.edicts[field] = o.pair.Now()
		}
	}
	text, err := json.Marshal(doc)
	if err == nil {
		_, err = o.a.SetRules(o.t.Context(), sampleName, text)
	}
	o.diary("the rules are %v: %v", set, err)
	if err != nil {
		o.t.Error(err)
	}
}

// inForce is a rule that is set for a field, and since when.
type inForce struct {
	*edict
	since time.Time
}

// mappedOf are those of some fields that are mapped and travel.
func (o *office) mappedOf(fields []string) (mapped []string) {
	d, err := o.mapping()
	if err != nil {
		o.t.Error(err)
	}
	for _, m := range d.Objects {
		for _, f := range m.Fields {
			if name := fmt.Sprintf("%s.%s", m.Salesforce, f.Salesforce); slices.Contains(fields, name) && f.Travels != "" {
				mapped = append(mapped, name)
			}
		}
	}
	return mapped
}

// spells has somebody type a value in their own way, on one of both sides, or write into a field that is perhaps mapped later.
func (o *office) spells() {
	e := edicts[o.rng.IntN(len(edicts))]
	side, object := record.Salesforce, drawn(o, record.Lead, record.Contact)
	field, text := strings.TrimPrefix(e.fields[map[record.Object]int{record.Lead: 0, record.Contact: 1}[object]], string(object)+"."), drawn(o, e.spellings...)
	if o.rng.IntN(2) == 0 {
		side, object = record.Marketo, record.Person
		field = map[string]string{"countries": "country", "titles": "title", "phones": "mobilePhone", "score": "leadScore"}[e.name]
	}
	if o.rng.IntN(6) == 0 && len(o.later) > 0 {
		o.count++
		text, field, object = fmt.Sprintf("Assistant %d", o.count), "assistant", record.Person
		if side == record.Salesforce {
			field, object = "AssistantName", record.Contact
		}
	}
	id, _ := o.anyone(side, object)
	if id == "" {
		return
	}
	set := o.pair.Org().Set
	if side == record.Marketo {
		set = o.pair.Instance().Set
	}
	one := edit{o.pair.Now(), side, id, field, text}
	err := set(id, map[string]string{field: text})
	o.diary("type %q as %s of %s: %v", text, field, id, err)
	if err == nil {
		o.edited = append(o.edited, one)
	}
}

// alike tells whether a difference is none by a rule that was in force on this day: each side keeps its own spelling, and a new rule is for
// what changes from then on.
func (o *office) alike(d sandbox.Difference) bool {
	name := fmt.Sprintf("%s.%s", d.Object, d.SalesforceField)
	if _, ruled := o.edicts[name]; !ruled {
		return false
	}
	// A band makes nothing of a number in Salesforce, so it stays where a person who came of it, or met it anew behind a filter, has none.
	if d.SalesforceField == "Lead_Score__c" && d.Marketo == "" {
		return !slices.ContainsFunc(o.edited, func(e edit) bool {
			return e.id == d.MarketoID && e.field == "leadScore" && (e.text != "" || !o.filtered)
		})
	}
	return slices.ContainsFunc(edicts, func(e edict) bool { return slices.Contains(e.fields, name) && e.alike(d.Salesforce, d.Marketo) })
}

// hadRule tells whether a field of a pair had a rule on this day. What is no change by the rules is overwritten by the way, and what was written in
// its place tells of it.
func (o *office) hadRule(n *noted) bool {
	_, had := o.edicts[fmt.Sprintf("%s.%s", n.link.Object, n.field.Salesforce)]
	return had
}

// spelledOut tells of texts that were written as they were typed, though a rule is to make something else of them.
func (o *office) spelledOut(n *noted, events []store.Event, wrong func(string, ...any)) {
	name := fmt.Sprintf("%s.%s", n.link.Object, n.field.Salesforce)
	law, ok := o.inForce[name]
	for _, e := range events {
		back := slices.ContainsFunc(n.edits, func(x edit) bool { return x.side == e.Side && x.text == e.New.Text() }) // as what is put back is
		if ok && !o.misdated() && e.Kind == "written" && e.Field == n.field.Number && e.At.After(law.since) && !law.sent(e.Side, e.New.Text()) && !back {
			wrong("%s of %s was sent %q, though there is a rule for it", name, n.link.On(e.Side), e.New.Text())
		}
	}
}
