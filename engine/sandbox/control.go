package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox/fault"
	"github.com/doppio-sync/doppio/engine/sandbox/instance"
	"github.com/doppio-sync/doppio/engine/sandbox/org"
)

// controlBody is the most that a control request may hold.
const controlBody = 1 << 20

// controlHandler is the sandbox's own host. Every answer is JSON; a request that makes no sense is answered 400 with
// {"error":"a sentence"}.
//
//	GET  /journal        what both systems were asked
//	POST /journal/reset
//	POST /edit           {"side":"salesforce"|"marketo"|"both","people":n,"seed":s,"fields":[…]?} -> {"edited":[…]}
//	POST /faults         {"profile":"rough"}, {"single":{"lock-row":0.2}}, {"next":{"lost-response":1}},
//	                     {"rotate_refresh_token":true}; several at once apply in this order -> {"faults":{"lock-row":0.2}}
//	POST /obstacles      {"salesforce":["user-frozen"],"marketo":[]}: what stands in the way of whoever connects, in the place of what
//	                     stood there before -> {}
//	GET  /truth          with ?compare=1 one Difference a line; each pair=PROGRAM:CAMPAIGN adds an entry to "members"
//	POST /advance        {"seconds":n} -> {"now":"…"}
func (p *Pair) controlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /journal", func(w http.ResponseWriter, r *http.Request) { answer(w, p.Journal()) })
	mux.HandleFunc("POST /journal/reset", func(w http.ResponseWriter, r *http.Request) {
		p.ResetJournal()
		answer(w, struct{}{})
	})
	mux.HandleFunc("POST /edit", p.serveEdit)
	mux.HandleFunc("POST /faults", p.serveFaults)
	mux.HandleFunc("POST /obstacles", p.serveObstacles)
	mux.HandleFunc("GET /truth", p.serveTruth)
	mux.HandleFunc("POST /advance", p.serveAdvance)
	return mux
}

func answer(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	// A reader that went away is no fault of ours.
	json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	// A reader that went away is no fault of ours.
	json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}

// decode reads one JSON object and nothing after it; a key that is not known is an error.
func decode(r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, controlBody))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("the body cannot be read: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the body goes on after its end")
	}
	return nil
}

func (p *Pair) serveEdit(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Side   string   `json:"side"`
		People int      `json:"people"`
		Seed   uint64   `json:"seed"`
		Fields []string `json:"fields"`
	}
	if err := decode(r, &in); err != nil {
		refuse(w, err)
		return
	}
	edit := Edit{People: in.People, Seed: in.Seed, Fields: in.Fields}
	if in.Side == "both" {
		edit.Sides = []record.Side{record.Salesforce, record.Marketo}
	} else if side, err := record.ParseSide(in.Side); err != nil {
		refuse(w, fmt.Errorf("the side is salesforce, marketo or both"))
		return
	} else {
		edit.Sides = []record.Side{side}
	}
	edited, err := p.Edit(edit)
	if err != nil {
		refuse(w, err)
		return
	}
	if edited == nil {
		edited = []Edited{}
	}
	answer(w, map[string][]Edited{"edited": edited})
}

func (p *Pair) serveObstacles(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Salesforce []org.Obstacle      `json:"salesforce"`
		Marketo    []instance.Obstacle `json:"marketo"`
	}
	err := decode(r, &in)
	if err == nil {
		err = errors.Join(p.org.Obstruct(in.Salesforce...), p.instance.Obstruct(in.Marketo...))
	}
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, struct{}{})
}

// faultOrder is what POST /faults takes.
type faultOrder struct {
	Profile *string                `json:"profile"`
	Single  map[fault.Kind]float64 `json:"single"`
	Next    map[fault.Kind]int     `json:"next"`
	Rotate  *bool                  `json:"rotate_refresh_token"`
}

func (p *Pair) serveFaults(w http.ResponseWriter, r *http.Request) {
	var in faultOrder
	err := decode(r, &in)
	if err == nil {
		err = p.order(in)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	answer(w, map[string]map[fault.Kind]float64{"faults": p.dice.Rates()})
}

// order applies what was asked, or nothing of it.
func (p *Pair) order(in faultOrder) error {
	known := fault.Kinds()
	for kind, probability := range in.Single {
		if !slices.Contains(known, kind) || !(probability >= 0 && probability <= 1) {
			return fmt.Errorf("%q with probability %v is not a fault: the kinds are %s, a probability is from 0 to 1", kind, probability, kinds())
		}
	}
	for kind, n := range in.Next {
		if !slices.Contains(known, kind) || n < 0 {
			return fmt.Errorf("%q for the next %d is not a fault: the kinds are %s", kind, n, kinds())
		}
	}
	var errs []error
	if in.Profile != nil {
		if err := p.dice.Set(*in.Profile); err != nil {
			return err
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(in.Single)) {
		errs = append(errs, p.dice.Single(kind, in.Single[kind]))
	}
	for _, kind := range slices.Sorted(maps.Keys(in.Next)) {
		errs = append(errs, p.dice.Next(kind, in.Next[kind]))
	}
	if in.Rotate != nil {
		p.RotateRefreshTokens(*in.Rotate)
	}
	return errors.Join(errs...)
}

func kinds() string {
	var names []string
	for _, k := range fault.Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// RotateRefreshTokens switches rotation: each exchange of a Salesforce refresh token then gives a new one and ends the
// old. It is off at the start.
func (p *Pair) RotateRefreshTokens(on bool) { p.org.SetRotation(on) }

func (p *Pair) serveTruth(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("compare") != "1" {
		pairs, err := memberPairs(r.URL.Query()["pair"])
		if err != nil {
			refuse(w, err)
			return
		}
		t := p.Truth()
		if len(pairs) > 0 {
			t.Members = p.Members(pairs...)
		}
		answer(w, t)
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	out := json.NewEncoder(w)
	p.Compare(func(d Difference) bool { return out.Encode(d) == nil })
}

// memberPairs reads PROGRAM:CAMPAIGN.
func memberPairs(texts []string) ([]MemberPair, error) {
	var pairs []MemberPair
	for _, text := range texts {
		program, campaign, _ := strings.Cut(text, ":")
		number, err := strconv.Atoi(program)
		id, err2 := record.LongID(campaign)
		if err != nil || err2 != nil {
			return nil, fmt.Errorf("%q is not PROGRAM:CAMPAIGN, two ids", text)
		}
		pairs = append(pairs, MemberPair{number, string(id)})
	}
	return pairs, nil
}

func (p *Pair) serveAdvance(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Seconds float64 `json:"seconds"`
	}
	if err := decode(r, &in); err != nil {
		refuse(w, err)
		return
	}
	// Beyond this a duration overflows; a hundred years are more than any test needs.
	if !(in.Seconds >= 0 && in.Seconds <= 100*366*24*3600) {
		refuse(w, errors.New("the clocks move forward by 0 seconds to 100 years"))
		return
	}
	p.Advance(time.Duration(in.Seconds * float64(time.Second)))
	answer(w, map[string]string{"now": p.Now().Format(time.RFC3339)})
}
