package app

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/sandbox"
	"github.com/doppio-sync/doppio/engine/schema"
)

// From a pair that nobody has set up: what the fields page shows, tries and keeps, and that the first cycle goes by it.
func TestFieldSetup(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		a, pair := pairOf(t, home, sandbox.Options{People: 60, Seed: 1})
		must(t, pair.Instance().AddField("region", "Region", "string"))
		page := a.Named(sampleName)
		f, err := page.FieldSetup(ctx)
		must(t, err)
		if f.Kept || len(f.Facts) > 0 || len(f.Objects) < 6 || f.Winners != DefaultSettings().winners() {
			t.Fatalf("before anything was kept: kept %v, %d facts, %d objects, %+v", f.Kept, len(f.Facts), len(f.Objects), f.Winners)
		}
		if lead := f.Objects[0]; lead.Salesforce != record.Lead || len(lead.Fields[record.Salesforce]) < 30 || len(lead.Fields[record.Marketo]) < 30 {
			t.Errorf("the first object is %s with %d and %d fields", lead.Salesforce, len(lead.Fields[record.Salesforce]), len(lead.Fields[record.Marketo]))
		}
		if change, wrong := f.Try(f.Mapping); len(wrong) > 0 || !change.Empty() {
			t.Errorf("the mapping as it is changes %+v, mistakes %v", change.Changes, wrong)
		}
		i := slices.IndexFunc(f.Suggested, func(s Suggested) bool { return s.Object == record.Lead && s.Salesforce == "Region__c" })
		if i < 0 || f.Suggested[i].Confidence != schema.Likely {
			t.Fatalf("Region is not suggested: %+v", f.Suggested)
		}
		field, why := f.Pair(record.Lead, "Region__c", "region")
		if why != nil || field.Direction != f.Suggested[i].Direction || field.Labels != [2]string{"Region", "Region"} || field.Number != nil {
			t.Errorf("set beside each other by hand: %+v, %v", field, why)
		}
		if _, why := f.Pair(record.Lead, "DoNotCall", "region"); len(why) != 1 || !strings.Contains(why[0].Text, "map a Marketo field of type boolean") {
			t.Errorf("a checkbox and a text: %v", why)
		}
		lead := &f.Mapping.Objects[0]
		lead.Fields = append(lead.Fields, field)
		title := mappedField(t, &f.Mapping, record.Lead, "Title")
		title.NeverBlank, title.Quiet, title.Policy = true, "day", "newest"
		change, wrong := f.Try(f.Mapping)
		if len(wrong) > 0 || !slices.Equal(change.Added, []string{"Lead.Region__c"}) || !slices.Equal(change.Changed, []string{"Lead.Title"}) {
			t.Errorf("tried: %+v, mistakes %v", change.Changes, wrong)
		}

		// A mistake is told at its field, and nothing is kept of either half.
		winners := f.Winners
		winners.FirstSync, winners.Leads, winners.Create = "newest", "hold", true
		title.Rule = "nothing"
		_, wrong = f.Try(f.Mapping)
		_, err = page.KeepFields(ctx, f.Mapping, winners)
		var refused *MappingError
		if !errors.As(err, &refused) || !reflect.DeepEqual(refused.Mistakes, wrong) || len(wrong) != 1 || wrong[0].Field != "Lead.Title" || Told(err).Text == "" {
			t.Errorf("a rule that is not there: %v, tried %v", err, wrong)
		}
		if now, err := page.FieldSetup(ctx); err != nil || now.Kept || now.Winners != f.Winners {
			t.Errorf("half of it was kept: %v, %+v", now.Kept, now.Winners)
		}
		title.Rule = ""
		without := f.Mapping
		without.Objects = slices.Clone(f.Mapping.Objects)
		without.Objects[0].Fields = slices.DeleteFunc(slices.Clone(lead.Fields), func(x MappingField) bool { return x.Salesforce == "Email" })
		if _, wrong := f.Try(without); len(wrong) != 1 || wrong[0].Field != "Lead.Email" {
			t.Errorf("without an e-mail address: %v", wrong)
		}

		kept, err := page.KeepFields(ctx, f.Mapping, winners)
		must(t, err)
		if kept.Empty() || kept.Compared != 0 {
			t.Errorf("kept: %+v", kept)
		}
		if _, err := a.SetRules(ctx, sampleName, []byte(`{"rules":[{"name":"places","fields":["Lead.Region__c"],"do":["trim"]}]}`)); err != nil {
			t.Errorf("rules before the first cycle: %v", err)
		}
		cycles(t, a, 2)
		f, err = page.FieldSetup(ctx)
		must(t, err)
		if facts := f.Facts["Lead.Title"]; !f.Kept || f.Winners != winners || facts.Filled == nil || facts.FilledOf == 0 || f.Objects[0].Linked == 0 {
			t.Errorf("after a cycle: kept %v, %+v, facts %+v, linked %d", f.Kept, f.Winners, facts, f.Objects[0].Linked)
		}
		if got := mappedField(t, &f.Mapping, record.Lead, "Title"); got.Quiet != "day" || got.Policy != "newest" || !got.NeverBlank {
			t.Errorf("the title is mapped as %+v", got)
		}
		if _, err := page.FieldPrices(ctx, 30); err != nil {
			t.Error(err)
		}
	})
}
