package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/doppio-sync/doppio/app"
	"github.com/doppio-sync/doppio/engine/record"
)

type workspaceCommand struct {
	List   workspaceList   `cmd:"" help:"List the workspaces."`
	New    workspaceNew    `cmd:"" help:"Make a workspace."`
	Show   workspaceShow   `cmd:"" help:"Show a workspace and its connections."`
	Forget workspaceForget `cmd:"" help:"Remove a workspace, its data and its secrets from this computer."`
}

type workspaceList struct{}

func (workspaceList) Run(ctx context.Context, s *shell) error {
	list, err := s.app.Workspaces(ctx)
	if err != nil {
		return err
	}
	s.answer(list, func() {
		if len(list) == 0 {
			s.say("No workspaces yet. Make one: doppioctl workspace new NAME")
			return
		}
		rows := make([][]string, len(list))
		for i, w := range list {
			if rows[i] = []string{w.Name, w.Mode.String(), orDash(w.Salesforce), orDash(w.Marketo)}; w.Problem != "" {
				rows[i] = []string{w.Name, "cannot be opened"}
			}
		}
		s.table([]string{"NAME", "MODE", "SALESFORCE", "MARKETO"}, rows)
		for _, w := range list {
			if w.Problem != "" {
				s.say("%s: %s", w.Name, w.Problem)
			}
		}
	})
	return nil
}

type workspaceNew struct {
	Name     string `arg:"" help:"1 to 64 characters, no path separators."`
	LookOnly bool   `help:"Can never leave Observe."`
}

func (c workspaceNew) Run(ctx context.Context, s *shell) error {
	if err := s.app.NewWorkspace(ctx, c.Name, c.LookOnly); err != nil {
		return err
	}
	s.answer(map[string]any{"workspace": c.Name, "look_only": c.LookOnly}, func() {
		s.say("Made workspace %q. Next: doppioctl connect salesforce %q --login-url … --client-id …", c.Name, c.Name)
	})
	return nil
}

type workspaceShow struct {
	Name string `arg:"" help:"The workspace."`
}

func (c workspaceShow) Run(ctx context.Context, s *shell) error {
	w, err := s.app.Workspace(ctx, c.Name)
	if err != nil {
		return err
	}
	s.answer(w, func() {
		s.table([]string{"WORKSPACE", w.Name}, [][]string{
			{"mode", w.Mode.String()}, {"look only", fmt.Sprint(w.LookOnly)},
			{"Salesforce", orDash(w.Salesforce)}, {"Marketo", orDash(w.Marketo)}, {"made", w.Created.Format(time.RFC3339)},
		})
	})
	return nil
}

func orDash(text string) string {
	if text == "" {
		return "not connected"
	}
	return text
}

type workspaceForget struct {
	Name string `arg:"" help:"The workspace."`
	Yes  bool   `help:"Do not ask."`
}

func (c workspaceForget) Run(ctx context.Context, s *shell) error {
	if !c.Yes {
		sure, err := s.confirm(fmt.Sprintf("Forget %q: its file, its backups and its secrets are removed from this computer. Both systems keep their data.", c.Name))
		if err != nil {
			return err
		}
		if !sure {
			return &app.InputError{Text: "nothing was forgotten"}
		}
	}
	if err := s.app.Forget(ctx, c.Name); err != nil {
		return err
	}
	s.answer(map[string]any{"forgotten": c.Name}, func() { s.say("Forgot %q.", c.Name) })
	return nil
}

// confirm asks a question that only a yes on a terminal answers.
func (s *shell) confirm(question string) (bool, error) {
	if !s.asks() {
		return false, &app.InputError{Text: "say --yes: nobody is here to be asked"}
	}
	fmt.Fprintf(s.err, "%s\nType yes to go on: ", question)
	line, err := bufio.NewReader(s.in).ReadString('\n')
	if err != nil && line == "" {
		return false, nil // the end of the input is no yes
	}
	return strings.EqualFold(strings.TrimSpace(line), "yes"), nil
}

type connectCommand struct {
	Salesforce connectSalesforce `cmd:"" help:"Connect to Salesforce."`
	Marketo    connectMarketo    `cmd:"" help:"Connect to Marketo."`
}

type connectSalesforce struct {
	Name     string        `arg:"" help:"The workspace."`
	LoginURL string        `name:"login-url" required:"" placeholder:"URL" help:"Where the org signs in: its My Domain address, or https://login.salesforce.com."`
	ClientID string        `name:"client-id" required:"" placeholder:"ID" help:"Consumer key of the app that your Salesforce admin made."`
	Flow     string        `help:"How to sign in: ${enum}." enum:"browser,refresh-token,client-credentials,jwt" default:"browser"`
	Username string        `placeholder:"U" help:"The sync user. jwt needs it; with the others, anybody else who signs in is refused."`
	Timeout  time.Duration `help:"How long to wait for an answer." default:"20s"`
}

func (c connectSalesforce) Run(ctx context.Context, s *shell) error {
	request := app.ConnectSalesforce{LoginURL: c.LoginURL, ClientID: c.ClientID, Flow: app.Flow(c.Flow), Username: c.Username, Timeout: c.Timeout}
	var err error
	switch request.Flow {
	case app.FlowJWT:
		request.JWTKey, err = s.jwtKey()
	case app.FlowRefreshToken:
		request.ClientSecret = os.Getenv("DOPPIO_SALESFORCE_CLIENT_SECRET")
		request.RefreshToken, err = s.secret("DOPPIO_SALESFORCE_REFRESH_TOKEN", "Salesforce refresh token")
	case app.FlowClientCredentials:
		request.ClientSecret, err = s.secret("DOPPIO_SALESFORCE_CLIENT_SECRET", "Salesforce client secret")
	default:
		request.ClientSecret = os.Getenv("DOPPIO_SALESFORCE_CLIENT_SECRET")
		request.Open = s.browser(ctx, "as the user that Doppio is to work as")
	}
	if err != nil {
		return err
	}
	done, err := s.app.ConnectSalesforce(ctx, c.Name, request)
	if err != nil {
		return err
	}
	s.answer(done, func() { s.say("Connected %q to Salesforce: %s, as %s.", c.Name, done.Organisation, done.User) })
	return nil
}

// browser opens the page on which somebody signs in, and says where it is.
func (s *shell) browser(ctx context.Context, as string) func(address string) error {
	return func(address string) error {
		fmt.Fprintf(s.err, "Sign in here, %s:\n%s\n", as, address)
		if err := app.OpenBrowser(ctx, address); err != nil {
			fmt.Fprintln(s.err, "No browser could be opened; open the address yourself, on this computer.")
		}
		fmt.Fprintf(s.err, "If the browser shows an error page of Salesforce, press Ctrl+C: the app is not installed in the org then, or lacks one of its callback addresses (%s). The Salesforce admin can mend both.\n",
			strings.Join(app.CallbackURLs(), ", "))
		return nil
	}
}

// jwtKey is the key in the file that the environment names; empty means the one that setup key made.
func (s *shell) jwtKey() (string, error) {
	file := os.Getenv("DOPPIO_SALESFORCE_JWT_KEY_FILE")
	if file == "" {
		return "", nil
	}
	key, err := os.ReadFile(file)
	if err != nil {
		return "", &app.InputError{Text: "the private key cannot be read: " + err.Error()}
	}
	return string(key), nil
}

type connectMarketo struct {
	Name       string        `arg:"" help:"The workspace."`
	BaseURL    string        `name:"base-url" required:"" placeholder:"URL" help:"The REST endpoint, from Marketo's Admin > Web Services."`
	ClientID   string        `name:"client-id" required:"" placeholder:"ID" help:"Client id of the custom service, from Admin > LaunchPoint."`
	Partition  string        `placeholder:"P" help:"Lead partition in which people are created."`
	DailyCalls int           `name:"daily-calls" placeholder:"N" help:"The instance's daily allowance of calls, from Admin > Web Services."`
	Timeout    time.Duration `help:"How long to wait for an answer." default:"20s"`
}

func (c connectMarketo) Run(ctx context.Context, s *shell) error {
	secret, err := s.secret("DOPPIO_MARKETO_CLIENT_SECRET", "Marketo client secret")
	if err != nil {
		return err
	}
	done, err := s.app.ConnectMarketo(ctx, c.Name, app.ConnectMarketo{
		BaseURL: c.BaseURL, ClientID: c.ClientID, ClientSecret: secret, Partition: c.Partition, DailyCalls: c.DailyCalls, Timeout: c.Timeout,
	})
	if err != nil {
		return err
	}
	s.answer(done, func() { s.say("Connected %q to Marketo: %s.", c.Name, done.Organisation) })
	return nil
}

type checkCommand struct {
	Name string `arg:"" help:"The workspace."`
}

func (c checkCommand) Run(ctx context.Context, s *shell) error {
	report, err := s.app.Check(ctx, c.Name)
	if err != nil && len(report.Lines) == 0 {
		return err
	}
	type line struct {
		Side   record.Side `json:"side"`
		State  string      `json:"state"`
		What   string      `json:"what"`
		Advice string      `json:"advice,omitempty"`
	}
	lines := make([]line, len(report.Lines))
	for i, l := range report.Lines {
		lines[i] = line{l.Side, states[l.State], l.What.Text, l.Do.Text}
	}
	document := map[string]any{"workspace": report.Workspace, "native_sync": report.NativeSync, "quota": report.Quota, "lines": lines}
	return s.outcome(document, err, func() {
		for _, l := range lines {
			s.say("%-7s  %-10s  %s", l.State, l.Side, l.What)
			if l.Advice != "" {
				s.say("%-7s  %-10s  → %s", "", "", l.Advice)
			}
		}
	})
}

// states are the words for how a line of a check came out.
var states = map[app.CheckState]string{app.CheckGood: "good", app.CheckWarning: "warning", app.CheckBad: "bad"}

type modeCommand struct {
	Name string `arg:"" help:"The workspace."`
	Mode string `arg:"" help:"observe: read only. rehearse: plan everything, write nothing. live: write." enum:"observe,rehearse,live"`
}

func (c modeCommand) Run(ctx context.Context, s *shell) error {
	mode, err := record.ParseMode(c.Mode)
	if err != nil {
		return &app.InputError{Text: err.Error()}
	}
	if err := s.app.SetMode(ctx, c.Name, mode); err != nil {
		return err
	}
	s.answer(map[string]any{"workspace": c.Name, "mode": mode}, func() { s.say("%q is now in mode %s.", c.Name, mode) })
	return nil
}

type settingsCommand struct {
	Name   string   `arg:"" help:"The workspace."`
	Action string   `arg:"" help:"show, or set." enum:"show,set"`
	Assign []string `arg:"" optional:"" placeholder:"KEY=VALUE" help:"Settings to change."`
}

func (c settingsCommand) Run(ctx context.Context, s *shell) error {
	if c.Action == "set" && len(c.Assign) == 0 {
		return &app.InputError{Text: "settings set wants KEY=VALUE; there are: " + strings.Join(app.SettingNames(), " ")}
	}
	settings, err := s.app.ChangeSettings(ctx, c.Name, c.Assign...)
	if err != nil {
		return err
	}
	lines := settings.Lines()
	document := map[string]string{}
	rows := make([][]string, len(lines))
	for i, line := range lines {
		document[line.Name] = line.Value
		rows[i] = []string{line.Name, line.Value, line.Help}
	}
	s.answer(document, func() {
		s.table([]string{"SETTING", "VALUE", "MEANING"}, rows)
		if settings.Entering > 0 {
			s.say("%d people are in Marketo only. From the next cycle on those become leads whose address nobody in Salesforce has, "+
				"up to %d a cycle. doppioctl sync NAME --rehearse shows them first, and create_in_salesforce=false stops it.", settings.Entering, app.EnterAtMost)
		}
	})
	return nil
}
