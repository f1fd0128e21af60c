package app

import (
	"os"
	"testing"
	"testing/synctest"

	"github.com/doppio-sync/doppio/engine/record"
)

// Nobody reads what a twin holds. One that was written to by calls that Doppio knows nothing of ends up as its record is all the same, also in
// the fields that were emptied since.
func TestATwinThatNobodyRemembers(t *testing.T) {
	for name, happens := range map[string]func(d *mirrorDesk, line *cutter, opportunity func(fields map[string]string) string){
		"the answer to its creation was lost": func(d *mirrorDesk, line *cutter, opportunity func(map[string]string) string) {
			id := opportunity(map[string]string{"StageName": "Closed Won", "Amount": "1200"})
			line.on = "/opportunities.json"
			endsAt(d.t, d.app, line, 0, true)
			d.done(d.pair.Org().Set(id, map[string]string{"StageName": "Prospecting", "Amount": ""}))
		},
		"a backup was put back": func(d *mirrorDesk, _ *cutter, opportunity func(map[string]string) string) {
			old := opportunity(map[string]string{"StageName": "Prospecting"})
			d.sync()
			backup := databases(d.t, d.app.home)
			fresh := opportunity(map[string]string{"StageName": "Closed Won", "Amount": "1200"})
			d.done(d.pair.Org().Set(old, map[string]string{"StageName": "Closed Won", "Amount": "1200"}))
			d.sync()
			for _, id := range []string{old, fresh} {
				d.done(d.pair.Org().Set(id, map[string]string{"StageName": "Prospecting", "Amount": ""}))
			}
			for path := range databases(d.t, d.app.home) {
				d.done(os.Remove(path))
			}
			for path, content := range backup {
				d.done(os.WriteFile(path, content, 0o600))
			}
			d.done(d.app.SetMode(d.t.Context(), sampleName, record.Rehearse))
			d.sync()
			d.done(d.pair.Org().Set(old, map[string]string{"Name": "Edited before it was written"}))
			d.done(d.app.SetMode(d.t.Context(), sampleName, record.Live))
		},
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				a, pair, line := bulky(t, home, -1, "")
				d := &mirrorDesk{t, pair, a}
				d.sync()
				account := d.find("Account", func(func(string) string) bool { return true })
				happens(d, line, func(fields map[string]string) string {
					fields["Name"], fields["AccountId"], fields["CloseDate"] = "Again", account, "2027-01-31"
					return d.create("Opportunity", fields)
				})
				d.sync()
				d.agree("afterwards")
				if len(d.twins(record.MarketoOpportunity, "externalOpportunityId")) == 0 {
					t.Error("Marketo has no opportunities")
				}
			})
		})
	}
}
