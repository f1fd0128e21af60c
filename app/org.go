package app

import (
	"context"
	"errors"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/pace"
)

// metaOrg is the setting that holds the id of the org that the workspace was synced with.
const metaOrg = "salesforce.org"

// ErrOtherOrg says that the connection leads to another org than the one that the workspace was synced with.
var ErrOtherOrg = errors.New("another org")

// sameOrg sees that Salesforce is still the org that the links are about. A refreshed sandbox has another id: whether that is what
// happened, a person has to say, by resume. Then everybody is compared afresh before anything is written.
func (s *session) sameOrg(ctx context.Context, resume bool) error {
	org, err := s.sf.OrgID(ctx)
	if err != nil || org == "" {
		return nil // the cycle's first call says what is wrong with the sign-in
	}
	before, err := s.ws.Setting(ctx, metaOrg)
	if err != nil || before == string(org) {
		return err
	}
	if before != "" {
		if !resume {
			return &told{ErrOtherOrg, pace.Say("trouble.org.other", "Salesforce is another org than before: %1, it was %2. If its sandbox was refreshed or the org was moved, go on with doppioctl sync --resume: everybody is compared afresh, and people whose records are gone are unlinked. If not, connect the right org", string(org), before)}
		}
		if err := cycle.EndEpoch(ctx, s.ws, cycle.OrgChanged); err != nil {
			return err
		}
	}
	return s.ws.SetSetting(ctx, metaOrg, string(org))
}
