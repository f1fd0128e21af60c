package app

import (
	"context"
	"errors"
	"slices"

	"github.com/doppio-sync/doppio/engine/filter"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
)

// indexed asks whether Salesforce finds the records that fit by an index. The advice among warnings is made to say the same.
func (s *session) indexed(ctx context.Context, f filter.Filter, object record.Object, where string, catalog filter.Catalog, warnings []string) (bool, []string, error) {
	by, err := s.found(ctx, f, object, where)
	if err != nil {
		return by, warnings, err
	}
	advice := filter.NoIndex(object, catalog).String()
	warnings = slices.DeleteFunc(warnings, func(w string) bool { return w == advice })
	if !by {
		warnings = append(warnings, advice)
	}
	return by, warnings, nil
}

// found asks Salesforce whether it finds the records that fit by an index: it knows how many they are. Where it does not tell, the fields
// that the filter asks for decide.
func (s *session) found(ctx context.Context, f filter.Filter, object record.Object, where string) (bool, error) {
	by := filter.Indexed(f.On(object), object)
	if where == "" {
		return by, nil
	}
	plan, err := s.sf.Explain(ctx, "SELECT Id FROM "+string(object)+" WHERE "+where)
	var failure pace.Failure
	switch {
	case err == nil:
		return plan.Indexed(), nil
	case errors.As(err, &failure) && failure.Class() != pace.SignIn && failure.Class() != pace.Quota:
		s.app.log.Info("Salesforce does not tell how it finds those who pass a filter", "object", object, "code", failure.Code())
		return by, nil
	}
	return by, err
}
