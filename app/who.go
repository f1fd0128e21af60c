package app

import (
	"context"
	"strconv"
	"time"

	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/salesforce"
)

// Who is as whom Doppio works in an org, and what speaks for or against that user.
type Who struct {
	Username, Profile string
	Org, Edition      string
	Sandbox           bool
	Address           string // of the org
	// Used and Limit are the calls of all programs in the last 24 hours, and how many there may be; 0: the org did not say. Share is how
	// many of them Doppio may make.
	Used, Limit, Share int
	// Since is when somebody connected it last, Until when the certificate ends that it signs in with; zero where that is not known.
	Since, Until time.Time
	// Lines say whether it is a user of its own, and what is left of the allowance.
	Lines []CheckLine
}

// Who asks Salesforce as whom Doppio is signed in. It only reads, a handful of calls; Marketo need not be connected yet.
func (n Named) Who(ctx context.Context) (w Who, err error) {
	err = n.app.asSalesforceUser(ctx, n.name, record.Observe, func(s *session) error {
		w, err = s.who(ctx)
		return err
	})
	return w, err
}

func (s *session) who(ctx context.Context) (Who, error) {
	id, err := s.sf.Identity(ctx)
	if err != nil {
		return Who{}, err
	}
	connection, _, err := s.connections(ctx)
	if err != nil {
		return Who{}, err
	}
	if renewed := s.renewed.Load(); renewed != nil {
		connection = *renewed
	}
	w := Who{Since: connection.Since, Until: connection.Until, Username: id.Username, Profile: id.Profile, Org: id.OrgName, Edition: id.Edition, Sandbox: id.IsSandbox, Address: id.InstanceURL}
	own, err := s.ownUser(ctx, id)
	if err != nil {
		return w, err
	}
	u := s.sfPace.Usage()
	w.Used, w.Limit, w.Share = u.SideUsed, u.Limit, u.Share
	w.Lines = append(own, allowance(u)...)
	if e, ok := connection.certificate(s.app.world.now()); ok {
		w.Lines = append(w.Lines, e.Line())
	}
	return w, nil
}

// ownUser says whether the sync user is one of its own.
func (s *session) ownUser(ctx context.Context, id salesforce.Identity) ([]CheckLine, error) {
	line := func(state CheckState, what, advice Sentence) CheckLine {
		return CheckLine{State: state, Side: record.Salesforce, What: what, Do: advice}
	}
	habits, err := s.sf.Habits(ctx, id.UserID)
	if err != nil {
		return nil, err
	}
	var lines []CheckLine
	if habits.ModifyAll {
		lines = append(lines, line(CheckWarning, pace.Say("check.user.admin", "This user may change all data of the org, as an admin may."),
			pace.Say("check.user.admin.do", "Doppio needs far less. With a user of its own, what it may do is bounded by a permission set, and the org's history tells its changes from an admin's.")))
	}
	if habits.Opportunities > 0 {
		lines = append(lines, line(CheckWarning, pace.Say("check.user.daily", "This seems to be somebody's own user: it owns %1 open opportunities.", strconv.Itoa(habits.Opportunities)),
			pace.Say("check.user.daily.do", "When that person changes a password or leaves, the sync stops, and the org's history shows Doppio's changes as theirs. Ask the Salesforce admin for a user of its own.")))
	}
	switch {
	case len(lines) > 0:
	case habits.License != "":
		lines = append(lines, line(CheckGood, pace.Say("check.user.own.license", "It is a user of its own: no admin, no opportunities in its name, licence %1.", habits.License), Sentence{}))
	default:
		lines = append(lines, line(CheckGood, pace.Say("check.user.own", "It looks like a user of its own: no admin, no opportunities in its name."), Sentence{}))
	}
	return lines, nil
}

// allowance says what is left of the org's daily calls.
func allowance(u pace.Usage) []CheckLine {
	if u.Limit <= 0 {
		return nil
	}
	line := CheckLine{State: CheckGood, Side: record.Salesforce, What: pace.Say("check.salesforce.quota", "%1 of %2 daily calls are used by all programs together; Doppio may use %3.",
		strconv.Itoa(u.SideUsed), strconv.Itoa(u.Limit), strconv.Itoa(u.Share))}
	if u.SideUsed*10 > u.Limit*9 {
		line.State = CheckWarning
		line.Do = pace.Say("check.salesforce.quota.do", "Little is left. The Salesforce admin sees in Setup > Company Information and under API Usage which program makes the calls.")
	}
	return []CheckLine{line}
}
