package sandbox

import (
	"hash/maphash"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
)

// Truth is what really stands on both sides. It is taken by looking inside, past HTTP, permissions and sharing.
type Truth struct {
	// Salesforce counts the live records by object.
	Salesforce map[string]int `json:"salesforce"`
	// Marketo counts people and companies; first_id and last_id are the lowest and highest id of a person, 0 for none.
	Marketo map[string]int64 `json:"marketo"`
	// Linked are pairs: records that carry one another's id, or whose e-mail address nobody else has on either side.
	// A lead that was converted takes no part, its contact does.
	Linked         int `json:"linked"`
	OnlySalesforce int `json:"only_salesforce"`
	OnlyMarketo    int `json:"only_marketo"`
	// CreatedTwice counts records that the API made though one for the same origin stood already.
	CreatedTwice int `json:"created_twice"`
	// Differences counts the mapped fields in which the records of a pair differ in canonical form. Accounts and the
	// companies that carry their ids are pairs too.
	Differences int `json:"differences"`
	// Mirrored are the objects of which Marketo is only given twins, by their Salesforce names; and of people the differences in who
	// owns them and to which company they belong.
	Mirrored map[record.Object]Mirrored `json:"mirrored"`
	// Members are those of the pairs that were asked for.
	Members []MemberTruth `json:"members,omitempty"`
}

// Difference is one mapped field in which the records of a pair differ.
type Difference struct {
	Object          record.Object `json:"object"`
	SalesforceID    string        `json:"salesforce_id"`
	MarketoID       string        `json:"marketo_id"`
	SalesforceField string        `json:"salesforce_field"`
	MarketoField    string        `json:"marketo_field"`
	Salesforce      string        `json:"salesforce"`
	Marketo         string        `json:"marketo"`
}

// getter reads a field's text; ok is false for null.
type getter = func(field string) (text string, ok bool)

// Truth looks at everything once. Its cost grows with the number of records; it is exact while nothing is written.
func (p *Pair) Truth() Truth {
	t, pairs := p.pairUp()
	p.compare(pairs, func(Difference) bool { t.Differences++; return true })
	t.Mirrored = p.mirrored(func(Difference) bool { return true })
	return t
}

// Compare calls fn with every difference between linked records until fn answers false.
func (p *Pair) Compare(fn func(Difference) bool) {
	_, pairs := p.pairUp()
	p.compare(pairs, fn)
}

// known is what pairing has to know of a record.
type known struct {
	object  record.Object
	id      string
	carries string // the other side's id
	email   uint64 // hash of the address, 0 for none
	made    bool   // by the API since the sandbox opened
	paired  bool
}

// census is one side's people.
type census struct {
	all     []known
	byID    map[string]int32
	byEmail map[uint64]crowd
}

// crowd is who is reached at one address.
type crowd struct{ first, count, made, twice int32 }

func (c *census) add(k known) {
	c.byID[k.id] = int32(len(c.all))
	if k.email != 0 {
		crowd, known := c.byEmail[k.email]
		if !known {
			crowd.first = int32(len(c.all))
		}
		crowd.count++
		if k.made {
			crowd.made++
		}
		c.byEmail[k.email] = crowd
	}
	c.all = append(c.all, k)
}

// couple is a pair of records.
type couple struct {
	object              record.Object
	salesforce, marketo string
}

func (p *Pair) pairUp() (Truth, []couple) {
	t := Truth{Salesforce: p.org.Counts(), Marketo: map[string]int64{}}
	seed := maphash.MakeSeed()
	left, right := p.censusSalesforce(seed), p.censusMarketo(seed, &t)
	var pairs []couple
	pair := func(l, r int32) {
		a, b := &left.all[l], &right.all[r]
		if a.paired || b.paired {
			return
		}
		a.paired, b.paired = true, true
		pairs = append(pairs, couple{a.object, a.id, b.id})
	}
	for l := range left.all {
		if r, ok := right.byID[left.all[l].carries]; ok {
			pair(int32(l), r)
		}
	}
	for r := range right.all {
		if l, ok := left.byID[right.all[r].carries]; ok {
			pair(l, int32(r))
		}
	}
	for l := range left.all {
		here, there := left.byEmail[left.all[l].email], right.byEmail[left.all[l].email]
		if here.count == 1 && there.count == 1 {
			pair(int32(l), there.first)
		}
	}
	t.Linked = len(pairs)
	t.OnlySalesforce, t.OnlyMarketo = len(left.all)-len(pairs), len(right.all)-len(pairs)
	t.CreatedTwice = left.twice(right) + right.twice(left)
	return t, append(pairs, p.companies(&t)...)
}

func (p *Pair) censusSalesforce(seed maphash.Seed) *census {
	c := &census{byID: map[string]int32{}, byEmail: map[uint64]crowd{}}
	for _, object := range []record.Object{record.Contact, record.Lead} {
		p.org.Each(string(object), func(id string, get func(string) (string, bool)) bool {
			if converted, _ := get("IsConverted"); converted == "true" {
				return true
			}
			carries, _ := get(marketoIDField)
			by, _ := get("CreatedById")
			c.add(known{
				object: object, id: id, carries: carries, email: addressHash(seed, get, "Email"),
				made: by == p.org.SyncUser() && p.since(get, "CreatedDate"),
			})
			return true
		})
	}
	return c
}

func (p *Pair) censusMarketo(seed maphash.Seed, t *Truth) *census {
	c := &census{byID: map[string]int32{}, byEmail: map[uint64]crowd{}}
	first, last := int64(0), int64(0)
	p.instance.Each(record.Person, func(id string, get func(string) (string, bool)) bool {
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			if first == 0 || n < first {
				first = n
			}
			last = max(last, n)
		}
		carries, _ := get(salesforceIDField)
		if long, err := record.LongID(carries); err == nil {
			carries = string(long)
		}
		c.add(known{object: record.Person, id: id, carries: carries, email: addressHash(seed, get, "email"), made: p.since(get, "createdAt")})
		return true
	})
	t.Marketo["people"], t.Marketo["first_id"], t.Marketo["last_id"] = int64(len(c.all)), first, last
	return c
}

// companies pairs accounts with the companies that carry their ids.
func (p *Pair) companies(t *Truth) []couple {
	var pairs []couple
	count, seen := int64(0), map[string]bool{}
	p.instance.Each(record.Company, func(id string, get func(string) (string, bool)) bool {
		count++
		account, ok := get(companyIDField)
		if !ok {
			return true
		}
		if seen[account] {
			t.CreatedTwice++
			return true
		}
		seen[account] = true
		pairs = append(pairs, couple{record.Account, account, id})
		return true
	})
	t.Marketo["companies"] = count
	return pairs
}

func addressHash(seed maphash.Seed, get getter, field string) uint64 {
	address, _ := get(field)
	if address = strings.ToLower(strings.TrimSpace(address)); address == "" {
		return 0
	}
	return max(maphash.String(seed, address), 1)
}

// since reports whether the date-time in a field lies after the opening of the sandbox. Both sides write UTC, so the
// texts compare as the times do, down to the second.
func (p *Pair) since(get getter, field string) bool {
	at, ok := get(field)
	opened := p.opened.Format(time.RFC3339)
	return ok && len(at) >= 19 && at[:19] > opened[:19]
}

// twice counts the records of this side that the API made a second time: two that carry one id of the other side, or
// one that was made for an address while the side had as many records of that address as the other side or more.
func (c *census) twice(other *census) int {
	total := 0
	carried := map[string]bool{}
	for i := range c.all {
		k := &c.all[i]
		if k.carries == "" {
			continue
		}
		if !carried[k.carries] {
			carried[k.carries] = true
			continue
		}
		total++
		crowd := c.byEmail[k.email]
		crowd.twice++
		c.byEmail[k.email] = crowd
	}
	for email, crowd := range c.byEmail {
		if email == 0 {
			continue
		}
		spare := crowd.count - max(1, other.byEmail[email].count)
		total += int(max(0, min(crowd.made, spare)-crowd.twice))
	}
	return total
}

// compare reads each pair, first the one record, then the other: no lock is held while another is asked for.
func (p *Pair) compare(pairs []couple, fn func(Difference) bool) {
	var texts []string
	for _, c := range pairs {
		mapping := defaultMapping[c.object]
		texts = texts[:0]
		found := p.org.Look(string(c.object), c.salesforce, func(get func(string) (string, bool)) {
			for _, m := range mapping {
				text, _ := get(m.salesforce)
				texts = append(texts, canonical(m.kind, text))
			}
		})
		if !found {
			continue
		}
		object, differences := record.Person, []Difference(nil)
		if c.object == record.Account {
			object = record.Company
		}
		p.instance.Look(object, c.marketo, func(get func(string) (string, bool)) {
			for i, m := range mapping {
				text, _ := get(m.marketo)
				if text = canonical(m.kind, text); text != texts[i] {
					differences = append(differences, Difference{c.object, c.salesforce, c.marketo, m.salesforce, m.marketo, texts[i], text})
				}
			}
		})
		for _, d := range differences {
			if !fn(d) {
				return
			}
		}
	}
}

// canonical is the text as both sides would keep it; what cannot be read in the field's kind stands for itself.
func canonical(kind record.Kind, text string) string {
	value, err := record.Type{Kind: kind}.Canon(text)
	if err != nil {
		return text
	}
	return value.Text()
}
