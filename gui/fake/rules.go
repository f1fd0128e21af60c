package fake

import (
	"context"

	"github.com/doppio-sync/doppio/app"
)

// RuleAnswers are what the page Rules is answered.
type RuleAnswers struct {
	Setup     app.RuleSetup
	Sample    app.RuleSample
	SampleErr error
	Tasks     app.TaskPreview
	KeepErr   error
}

// AnswerRules says what the page Rules is answered from now on.
func (r *Running) AnswerRules(a RuleAnswers) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rules = a
}

func (r *Running) ruled() RuleAnswers {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rules
}

func (r *Running) RuleSetup(context.Context) (app.RuleSetup, error) {
	r.called("RuleSetup", nil)
	setup := r.ruled().Setup
	if setup.File == nil {
		setup.File = []byte(`{"rules":[]}`)
	}
	return setup, nil
}

func (r *Running) RuleSample(context.Context) (app.RuleSample, error) {
	r.called("RuleSample", nil)
	a := r.ruled()
	return a.Sample, a.SampleErr
}

func (r *Running) PreviewTasks(context.Context, []byte, int) (app.TaskPreview, error) {
	r.called("PreviewTasks", nil)
	return r.ruled().Tasks, nil
}

func (r *Running) KeepRules(_ context.Context, file []byte, _ map[string]string) error {
	r.called("KeepRules "+string(file), nil)
	return r.ruled().KeepErr
}
