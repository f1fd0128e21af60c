package connect

import (
	"context"
	"slices"
	"strings"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/gui/frame"
	"github.com/doppio-sync/doppio/gui/live"
	"github.com/doppio-sync/doppio/gui/look"
	"github.com/doppio-sync/doppio/gui/words"
)

// widest is how wide the form grows.
const widest = 1360

// productionLogin is where most orgs sign in; a sandbox has test.salesforce.com or its own address.
const productionLogin = "https://login.salesforce.com"

var flows = []app.Flow{app.FlowBrowser, app.FlowRefreshToken, app.FlowClientCredentials, app.FlowJWT}

// Ways are where the form leads. Back runs on the UI thread, Done on a worker.
type Ways struct {
	Back func()
	Done func(name string)
	// Browser shows an address in the browser, for signing in there.
	Browser func(address string) error
}

// Screen draws the form. All methods but Run belong to the UI thread.
type Screen struct {
	words    *words.Words
	model    *Model
	ways     Ways
	work     live.Jobs
	lookOnly bool
	mode     record.Mode
	lines    []Line
	modes    []record.Mode

	name, login, clientID, user, secret *look.Field
	key                                 *look.Field
	baseURL, marketoID, marketoSecret   *look.Field
	flow                                *widget.Select
	secretField, keyField, userField    *fyne.Container
	secretLabel                         *look.Text
	where                               *look.Text // to find what the chosen way of signing in asks for
	callbacks                           *look.Button
	note                                *look.Text
	test, open                          *look.Button
	results, choices                    *fyne.Container
	problem                             *frame.Problem
	content                             fyne.CanvasObject
}

// New is the form for a new workspace, or for completing an existing one.
func New(w *words.Words, backend Backend, existing string, lookOnly bool, ways Ways) *Screen {
	s := &Screen{
		words: w, model: NewModel(w, backend, existing, lookOnly), ways: ways, work: live.NewJobs(1),
		lookOnly: lookOnly, mode: record.Observe,
	}
	s.makeFields(existing)
	s.note = look.Explain("", 2)
	s.test = look.NewButton(look.Filled, w.Say("connect.test"), s.Test)
	s.open = look.NewButton(look.Outlined, w.Say("connect.open"), s.finish)
	s.results, s.choices = look.Column(0), look.Row(2)
	s.problem = frame.NewProblem(w, s.Test, func(text string) { fyne.CurrentApp().Clipboard().SetContent(text) })

	heading, sub := "connect.heading", "connect.sub"
	if lookOnly {
		heading, sub = "connect.heading.look", "connect.sub.look"
	}
	cards := container.New(thirds{}, s.salesforceCard(), s.marketoCard(), s.workspaceCard())
	rest := container.NewBorder(look.Pad(0, look.Small, s.problem.Content()), nil, nil, nil, cards)
	page := frame.Page(look.Heading(w.Say(heading)), look.Explain(w.Say(sub), 1), look.NewButton(look.Outlined, w.Say("connect.back"), ways.Back), rest)
	s.content = container.NewStack(look.Fill(look.Background), frame.Centred(widest, page))
	s.Show(View{Note: w.Say("connect.note")})
	return s
}

func (s *Screen) makeFields(existing string) {
	w := s.words
	entry := func(hint string) *look.Field {
		e := look.NewField(s.Test)
		e.SetPlaceHolder(hint)
		return e
	}
	hidden := func() *look.Field {
		e := entry("")
		e.Password = true
		return e
	}
	s.name = entry("Acme B.V.")
	s.name.SetText(existing)
	if existing != "" {
		s.name.Disable()
	}
	s.login, s.clientID, s.user = entry(productionLogin), entry("3MVG9…"), entry("sync@acme.example")
	s.login.SetText(productionLogin)
	s.secret, s.marketoSecret = hidden(), hidden()
	s.key = entry("-----BEGIN PRIVATE KEY-----")
	s.key.MultiLine = true
	s.key.SetMinRowsVisible(3)
	s.baseURL, s.marketoID = entry("https://123-ABC-456.mktorest.com"), entry("")
	options := make([]string, len(flows))
	for i, f := range flows {
		options[i] = w.Say("connect.flow." + string(f))
	}
	s.secretLabel, s.where = look.Caption(""), caption("", 5)
	s.callbacks = look.NewButton(look.Link, w.Say("connect.callbacks"), func() {
		fyne.CurrentApp().Clipboard().SetContent(strings.Join(app.CallbackURLs(), "\n"))
		s.callbacks.SetText(w.Say("problem.copied"))
	})
	s.secretField = look.Column(look.Tiny, s.secretLabel, s.secret)
	s.keyField, s.userField = field(w.Say("connect.secret.jwt"), s.key), field(w.Say("connect.username"), s.user)
	s.flow = widget.NewSelect(options, func(string) { s.showFlow() })
	s.flow.SetSelectedIndex(0)
}

// field is an entry under its name.
func field(name string, entry fyne.CanvasObject) *fyne.Container {
	return look.Column(look.Tiny, look.Caption(name), entry)
}

// caption is a small explanation with room for a number of lines.
func caption(text string, lines int) *look.Text {
	c := look.Caption(text)
	c.Lines = lines
	return c
}

func (s *Screen) salesforceCard() fyne.CanvasObject {
	w := s.words
	return look.Card(look.Column(look.Medium, look.Title(w.Say("side.salesforce")),
		field(w.Say("connect.login.url"), s.login), field(w.Say("connect.client.id"), s.clientID), field(w.Say("connect.flow"), look.Outline(s.flow)),
		s.userField, s.secretField, s.keyField, look.Column(look.Tiny, s.where, look.Pad(-look.Small, 0, look.Row(0, s.callbacks)))))
}

func (s *Screen) marketoCard() fyne.CanvasObject {
	w := s.words
	return look.Card(look.Column(look.Medium, look.Title(w.Say("side.marketo")),
		field(w.Say("connect.base.url"), s.baseURL), field(w.Say("connect.client.id"), s.marketoID), field(w.Say("connect.secret.marketo"), s.marketoSecret),
		caption(w.Say("connect.where.marketo"), 5)))
}

func (s *Screen) workspaceCard() fyne.CanvasObject {
	w := s.words
	head := look.Column(look.Medium, look.Title(w.Say("connect.workspace")), field(w.Say("connect.name"), s.name), s.note)
	foot := look.Column(look.Small, s.choices, look.Row(look.Small, s.test, s.open))
	return look.Card(container.NewBorder(head, foot, nil, nil, look.Pad(0, look.Small, container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 12), s.results)))))
}

func (s *Screen) chosenFlow() app.Flow { return flows[max(s.flow.SelectedIndex(), 0)] }

// showFlow shows the fields that the chosen way of signing in needs.
func (s *Screen) showFlow() {
	flow := s.chosenFlow()
	show := func(o fyne.CanvasObject, on bool) {
		if on {
			o.Show()
		} else {
			o.Hide()
		}
	}
	show(s.userField, flow == app.FlowJWT)
	show(s.keyField, flow == app.FlowJWT)
	show(s.secretField, flow == app.FlowRefreshToken || flow == app.FlowClientCredentials)
	show(s.callbacks, flow == app.FlowBrowser)
	s.secretLabel.Set(s.words.Say("connect.secret." + string(flow)))
	s.where.Set(s.words.Say("connect.where."+string(flow), "addresses", strings.Join(app.CallbackURLs(), ", ")))
}

// Form is what is typed now.
func (s *Screen) Form() Form {
	f := Form{Name: s.name.Text, LookOnly: s.lookOnly, Mode: s.mode}
	f.Salesforce = app.ConnectSalesforce{LoginURL: s.login.Text, ClientID: s.clientID.Text, Flow: s.chosenFlow(), Open: s.ways.Browser}
	switch f.Salesforce.Flow {
	case app.FlowRefreshToken:
		f.Salesforce.RefreshToken = s.secret.Text
	case app.FlowClientCredentials:
		f.Salesforce.ClientSecret = s.secret.Text
	case app.FlowJWT:
		f.Salesforce.JWTKey, f.Salesforce.Username = s.key.Text, s.user.Text
	}
	f.Marketo = app.ConnectMarketo{BaseURL: s.baseURL.Text, ClientID: s.marketoID.Text, ClientSecret: s.marketoSecret.Text}
	return f
}

// Content is what to draw.
func (s *Screen) Content() fyne.CanvasObject { return s.content }

// First is where the typing begins.
func (s *Screen) First() fyne.Focusable { return s.clientID }

// Run keeps the screen up to date until ctx ends. It blocks, off the UI thread; when it returns, nothing of the screen
// runs any more.
func (s *Screen) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() { s.work.Run(ctx) })
	return s.model.Watch(ctx, live.OnScreen(ctx, s.Show))
}

// Test signs in on both sides and checks.
func (s *Screen) Test() {
	form := s.Form()
	s.work.Do(func(ctx context.Context) { s.model.Test(ctx, form) })
}

func (s *Screen) finish() {
	mode := s.mode
	s.work.Do(func(ctx context.Context) { s.model.Finish(ctx, mode, s.ways.Done) })
}

// Show draws a view.
func (s *Screen) Show(v View) {
	s.note.Set(v.Note)
	if v.Problem != nil {
		s.problem.Show(v.Problem.What, v.Problem.Do, v.Problem.Details)
	} else {
		s.problem.Show("", "", "")
	}
	if v.Busy != "" {
		s.test.Disable()
	} else {
		s.test.Enable()
	}
	if v.Ready { // one filled button: what comes next
		s.test.SetKind(look.Outlined)
		s.open.SetKind(look.Filled)
		s.open.Enable()
	} else {
		s.test.SetKind(look.Filled)
		s.open.SetKind(look.Outlined)
		s.open.Disable()
	}
	s.showModes(v.Modes)
	s.showLines(v.Lines)
}

func (s *Screen) showModes(modes []record.Mode) {
	if slices.Equal(modes, s.modes) {
		return
	}
	s.modes = slices.Clone(modes)
	s.mode = record.Observe
	s.choices.RemoveAll()
	buttons := make([]*look.Button, len(modes))
	for i, mode := range modes {
		buttons[i] = look.NewButton(look.Choice, s.words.Say("mode."+mode.String()), func() {
			s.mode = mode
			for n, b := range buttons {
				b.Select(modes[n] == mode)
			}
		})
		buttons[i].Select(mode == s.mode)
		s.choices.Add(buttons[i])
	}
	s.choices.Refresh()
}

var lineTones = map[app.CheckState]struct {
	tone look.Tone
	key  string
}{
	app.CheckGood:    {look.GoodTone, "check.good"},
	app.CheckWarning: {look.WarningTone, "check.warning"},
	app.CheckBad:     {look.BadTone, "check.bad"},
}

func (s *Screen) showLines(lines []Line) {
	if slices.Equal(lines, s.lines) {
		return
	}
	s.lines = lines
	s.results.RemoveAll()
	for i, l := range lines {
		if i > 0 {
			s.results.Add(look.Rule())
		}
		sign := lineTones[l.State]
		head := look.Ends(look.Caption(l.Side), look.NewBadge(sign.tone, s.words.Say(sign.key)))
		text := look.Column(0, head, look.Wrapped(l.What, look.Ink, lettersInLine))
		if l.Do != "" {
			text.Add(look.Wrapped(l.Do, look.Soft, lettersInLine))
		}
		s.results.Add(look.Pad(0, look.Tiny, text))
	}
	s.results.Refresh()
}

// lettersInLine is how many letters the narrowest card takes on a line, or somewhat fewer.
const lettersInLine = 40

// thirds sets three cards of one width beside each other, down to the end of the window.
type thirds struct{}

const leastCard float32 = 420 // so that choosing another way to sign in moves nothing

func (thirds) MinSize(o []fyne.CanvasObject) fyne.Size {
	least := fyne.NewSize(240, leastCard)
	for _, child := range o {
		least = least.Max(child.MinSize())
	}
	return fyne.NewSize(3*least.Width+2*look.Medium, least.Height)
}

func (t thirds) Layout(o []fyne.CanvasObject, size fyne.Size) {
	width, height := (size.Width-2*look.Medium)/3, max(t.MinSize(o).Height, size.Height)
	for i, child := range o {
		child.Move(fyne.NewPos(float32(i)*(width+look.Medium), 0))
		child.Resize(fyne.NewSize(width, height))
	}
}
