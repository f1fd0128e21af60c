package app

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// CheckReport is the result of a check.
type CheckReport struct {
	Workspace  string
	NativeSync bool // Marketo's own sync with Salesforce is on
	Quota      Quotas
	Lines      []CheckLine
}

// add puts a line under the report.
func (r *CheckReport) add(side record.Side, state CheckState, what, advice Sentence) {
	r.Lines = append(r.Lines, CheckLine{State: state, Side: side, What: what, Do: advice})
}

// failed adds a line for a failure of a side. What is no failure of a side is given back.
func (r *CheckReport) failed(side record.Side, err error) error {
	var failure pace.Failure
	if !errors.As(err, &failure) {
		return err
	}
	r.add(side, CheckBad, failure.Sentence(), Sentence{})
	return nil
}

// Check looks at both connections: do they work, what may their users do, how much quota is left, is Marketo's own sync
// on. It only reads. A refusal by a side is a line of the report; a sign-in that fails is an error as well.
func (a *App) Check(ctx context.Context, name string) (report CheckReport, err error) {
	report.Workspace = name
	err = a.asSyncUser(ctx, name, func(s *session) error {
		err := errors.Join(s.checkSalesforce(ctx, &report), s.checkMarketo(ctx, &report), checkConversion(ctx, s.ws, &report))
		report.Quota = s.quotas()
		return err
	})
	return report, err
}

// connected makes a session that does not ask the sides for a mapping first; connect is a way of the session's to its sides.
func (a *App) connected(ctx context.Context, name string, ws *store.Workspace, connect func(*session, context.Context) error) (*session, error) {
	s := &session{app: a, name: name, ws: ws}
	var err error
	if s.settings, err = settingsOf(ctx, ws); err != nil {
		return nil, err
	}
	if err := connect(s, ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// quotas are what both sides' allowances look like now.
func (s *session) quotas() Quotas {
	of := func(p *pace.Pacer, limit, percent int) QuotaResult {
		u := p.Usage()
		return quotaResult(store.Calls{Used: u.Today, Limit: u.Limit, Share: u.Share}, limit, percent)
	}
	return Quotas{of(s.sfPace, 0, s.settings.ShareSalesforce), of(s.mkPace, s.settings.MarketoDailyCalls, s.settings.ShareMarketo)}
}

func (s *session) checkSalesforce(ctx context.Context, report *CheckReport) error {
	const side = record.Salesforce
	who, err := s.sf.Identity(ctx)
	if err != nil {
		return errors.Join(report.failed(side, err), signInOnly(err))
	}
	report.add(side, CheckGood, pace.Say("check.salesforce.answers", "Salesforce answers: %1, as %2 (%3).", who.OrgName, who.Username, who.Profile), Sentence{})
	asked := []record.Object{record.Lead, record.Contact, record.Account, record.User, record.Opportunity, record.OpportunityContactRole}
	mirrored := len(asked)
	tasks, err := s.makesTasks(ctx)
	if err != nil {
		return err
	}
	if tasks {
		asked = append(asked, record.Task)
	}
	objects, err := s.sf.Describe(ctx, record.Check, asked)
	if err != nil {
		return report.failed(side, err)
	}
	for _, o := range objects[:3] {
		s.checkObject(report, o)
	}
	checkMirrored(report, objects[3:mirrored])
	if tasks {
		checkTask(report, objects[mirrored])
	}
	own, err := s.ownUser(ctx, who)
	if err != nil {
		return report.failed(side, err)
	}
	report.Lines = append(append(report.Lines, own...), allowance(s.sfPace.Usage())...)
	connection, _, err := s.connections(ctx)
	if renewed := s.renewed.Load(); renewed != nil {
		connection = *renewed
	}
	if e, ok := connection.certificate(s.app.world.now()); ok {
		report.Lines = append(report.Lines, e.Line())
	}
	return err
}

// checkMirrored says which objects stay out of Marketo because the sync user cannot see them.
func checkMirrored(report *CheckReport, objects []salesforce.Description) {
	var hidden, seen []string
	for _, o := range objects {
		if o.Err != nil {
			hidden = append(hidden, string(o.Object))
		} else {
			seen = append(seen, string(o.Object))
		}
	}
	if len(seen) > 0 {
		report.add(record.Salesforce, CheckGood, pace.Say("check.mirrored", "%1 can be read; Doppio never writes them.", strings.Join(seen, ", ")), Sentence{})
	}
	if len(hidden) > 0 {
		report.add(record.Salesforce, CheckWarning, pace.Say("check.mirrored.hidden", "The sync user cannot see %1: nothing of it comes to Marketo.", strings.Join(hidden, ", ")),
			pace.Say("check.mirrored.hidden.do", "If Marketo is to know owners and opportunities, ask the Salesforce admin to give the sync user read access."))
	}
}

// checkObject says what the sync user lacks on one object.
func (s *session) checkObject(report *CheckReport, o salesforce.Description) {
	const side = record.Salesforce
	name := string(o.Object)
	if o.Err != nil {
		report.add(side, CheckBad, pace.Say("check.object.hidden", "The sync user cannot see the object %1.", name),
			pace.Say("check.object.hidden.do", "Ask the Salesforce admin to give it read access to %1.", name))
		return
	}
	if o.Object == record.Account {
		report.add(side, CheckGood, pace.Say("check.account", "Accounts can be read; Doppio never writes them."), Sentence{})
		return
	}
	s.checkMark(report, o)
	var lacks []string
	if !o.Updateable {
		lacks = append(lacks, "edit "+name)
	}
	if s.settings.CreateInSalesforce && o.Object == record.Lead && !o.Createable {
		lacks = append(lacks, "create "+name)
	}
	key, hasKey := o.Field(schema.MarketoIDField)
	switch {
	case !hasKey:
		report.add(side, CheckWarning, pace.Say("check.key.missing", "%1 has no field %2, or it is hidden from the sync user.", name, schema.MarketoIDField),
			pace.Say("check.key.missing.do", "Doppio works without it, by looking people up. Ask the Salesforce admin to make it (Text 40, external ID, unique) and to give the sync user access."))
	case !key.ExternalID || !key.Unique:
		report.add(side, CheckWarning, pace.Say("check.key.loose", "%1.%2 is not an external ID or not unique.", name, schema.MarketoIDField),
			pace.Say("check.key.loose.do", "Ask the Salesforce admin to tick both: only then can nobody be created twice."))
	case !key.Updateable:
		lacks = append(lacks, "edit "+name+"."+schema.MarketoIDField)
	}
	if len(lacks) > 0 {
		report.add(side, CheckBad, pace.Say("check.object.lacks", "The sync user may not: %1.", strings.Join(lacks, ", ")),
			pace.Say("check.object.lacks.do", "Ask the Salesforce admin to grant it in the sync user's permission set."))
		return
	}
	report.add(side, CheckGood, pace.Say("check.object.good", "%1 can be read and edited.", name), Sentence{})
}

func (s *session) checkMarketo(ctx context.Context, report *CheckReport) error {
	const side = record.Marketo
	d, err := s.mk.Describe(ctx)
	if err != nil {
		return errors.Join(report.failed(side, err), signInOnly(err))
	}
	report.add(side, CheckGood, pace.Say("check.marketo.answers", "Marketo answers."), Sentence{})
	report.NativeSync = d.NativeSync
	report.Lines = append(report.Lines, nativeLines(d)...)
	has := map[string]bool{}
	for _, f := range d.Person {
		has[f.Name] = true
	}
	s.checkMarketoMark(report, has)
	if !has[schema.SalesforceIDField] {
		report.Lines = append(report.Lines, lacksKey())
	}
	meta, err := metaOf(ctx, s.ws)
	if err != nil {
		return err
	}
	probes, err := s.mk.Check(ctx)
	if err != nil {
		return report.failed(side, err)
	}
	for _, p := range probes {
		if !p.OK && p.Write && meta.LookOnly {
			continue
		}
		if !p.OK && p.Optional {
			report.add(side, CheckWarning, pace.Say("check.marketo.permission.optional", "The API user lacks the permission %1: what it is for stays out of Marketo.", p.Permission),
				pace.Say("check.marketo.permission.optional.do", "If Marketo is to know it, ask the Marketo admin to tick the read-write permission in the role of the API-only user (Admin > Users & Roles)."))
		} else if !p.OK {
			report.add(side, CheckBad, pace.Say("check.marketo.permission", "The API user lacks the permission %1.", p.Permission),
				pace.Say("check.marketo.permission.do", "Ask the Marketo admin to tick it in the role of the API-only user (Admin > Users & Roles)."))
		}
	}
	used, err := s.mk.Usage(ctx)
	if err != nil {
		return report.failed(side, err)
	}
	report.add(side, CheckGood, pace.Say("check.marketo.quota", "%1 of %2 daily calls were made today by all programs together.",
		strconv.Itoa(used.Today), strconv.Itoa(s.settings.MarketoDailyCalls)), Sentence{})
	return nil
}

// signInOnly gives an error back when it is one that the whole command has to end with.
func signInOnly(err error) error {
	if code := ExitCode(err); code == ExitSignIn || code == ExitFailure {
		return err
	}
	return nil
}

// refuseNativeSync is an error when Marketo's own sync is on.
func (a *App) refuseNativeSync(ctx context.Context, name string) error {
	return a.within(ctx, name, func(ws *store.Workspace) error {
		s, err := a.connected(ctx, name, ws, (*session).connect)
		if err != nil {
			return err
		}
		d, err := s.mk.Describe(ctx)
		if err != nil {
			return err
		}
		if d.NativeSync {
			return input(pace.Say("trouble.native", "Marketo's own sync with Salesforce is on here, so live is refused: two syncs on one pair would overwrite each other. Observe works"))
		}
		return s.keepQuotas(ctx)
	})
}
