package app

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/doppio-sync/doppio/engine/cycle"
	"github.com/doppio-sync/doppio/engine/marketo"
	"github.com/doppio-sync/doppio/engine/member"
	"github.com/doppio-sync/doppio/engine/pace"
	"github.com/doppio-sync/doppio/engine/record"
	"github.com/doppio-sync/doppio/engine/rule"
	"github.com/doppio-sync/doppio/engine/salesforce"
	"github.com/doppio-sync/doppio/engine/schema"
	"github.com/doppio-sync/doppio/store"
)

// session is a workspace at work: its file, both clients, the engine. One process at a time has one.
type session struct {
	app      *App
	name     string
	ws       *store.Workspace
	settings Settings
	mapping  schema.Mapping
	places   rule.Org
	rules    rule.Rules
	filter   cycle.Filtering
	broken   error // why the filter that is set cannot be read: then nothing is synced
	sf       *salesforce.Client
	mk       *marketo.Client
	sfPace   *pace.Pacer
	mkPace   *pace.Pacer
	mode     atomic.Uint32
	lookOnly bool                                 // it never leaves Observe
	renewed  atomic.Pointer[SalesforceConnection] // what the connection became by a newer key; nil: nothing
	culprits culprits
	pairs    []member.Pair
	tasks    cycle.Tasks
	look     look
}

// openSession opens a workspace for work. Both sides must be connected.
func (a *App) openSession(ctx context.Context, name string) (_ *session, err error) {
	ws, err := a.openWorkspace(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.world.files.close(ws))
		}
	}()
	s := &session{app: a, name: name, ws: ws}
	meta, err := metaOf(ctx, ws)
	if err != nil {
		return nil, err
	}
	s.mode.Store(uint32(meta.Mode))
	s.lookOnly = meta.LookOnly
	if s.settings, err = settingsOf(ctx, ws); err != nil {
		return nil, err
	}
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	if err := s.loadMapping(ctx); err != nil {
		return nil, err
	}
	if err := s.loadRules(ctx); err != nil {
		return nil, err
	}
	if err := s.loadPairs(ctx); err != nil {
		return nil, err
	}
	if err := s.loadFilter(ctx); err != nil {
		return nil, err
	}
	if err := s.loadTasks(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// connect builds both clients; it makes no call.
func (s *session) connect(ctx context.Context) error {
	if err := s.makePacers(ctx); err != nil {
		return err
	}
	sf, mk, err := s.connections(ctx)
	if err != nil {
		return err
	}
	if sf.LoginURL == "" || mk.BaseURL == "" {
		return notConnected(s.name, sf, mk)
	}
	return errors.Join(s.connectSalesforce(ctx, sf), s.connectMarketo(ctx, mk))
}

// connectOrg builds the client of Salesforce alone; Marketo need not be connected yet.
func (s *session) connectOrg(ctx context.Context) error {
	if err := s.makePacers(ctx); err != nil {
		return err
	}
	sf, mk, err := s.connections(ctx)
	if err != nil {
		return err
	}
	if sf.LoginURL == "" {
		return notConnected(s.name, sf, mk)
	}
	return s.connectSalesforce(ctx, sf)
}

// makePacers makes the pacers, with what was spent before.
func (s *session) makePacers(ctx context.Context) error {
	s.sfPace = pace.New(pace.Limits{}, s.app.world.now, s.app.world.jitter)
	s.mkPace = pace.New(pace.Limits{}, s.app.world.now, s.app.world.jitter)
	if err := s.setPace(ctx); err != nil {
		return err
	}
	return s.restoreQuotas(ctx)
}

// connections gives what is kept of both connections.
func (s *session) connections(ctx context.Context) (sf SalesforceConnection, mk MarketoConnection, err error) {
	facts, err := s.ws.Settings(ctx, "")
	if err != nil {
		return sf, mk, err
	}
	return sf, mk, errors.Join(decodeFact(facts[metaSalesforce], &sf), decodeFact(facts[metaMarketo], &mk))
}

func (s *session) connectSalesforce(ctx context.Context, c SalesforceConnection) error {
	vault, secrets, err := s.salesforceSecrets(ctx)
	if err != nil {
		return err
	}
	k := s.app.keptRefreshToken(vault, s.name, secrets)
	if err := s.nextKey(ctx, vault, c, secrets, &k); err != nil {
		return err
	}
	auth, err := c.auth(secrets, k, s.app.world.now)
	if err != nil {
		return err
	}
	s.sf, err = s.app.world.salesforce(c, auth, s.sfPace, s.Mode, s.app)
	return err
}

func (s *session) salesforceSecrets(ctx context.Context) (Vault, salesforceSecrets, error) {
	var secrets salesforceSecrets
	vault, err := s.app.secrets()
	if err != nil {
		return nil, secrets, err
	}
	return vault, secrets, readSecret(ctx, vault, s.name, secretSalesforce, &secrets)
}

func (s *session) connectMarketo(ctx context.Context, c MarketoConnection) error {
	vault, err := s.app.secrets()
	if err != nil {
		return err
	}
	var secrets marketoSecrets
	if err := readSecret(ctx, vault, s.name, secretMarketo, &secrets); err != nil {
		return err
	}
	s.mk, err = s.app.world.marketo(c, secrets, s.settings.Partition, s.mkPace, s.Mode, s.app)
	return err
}

// notConnected says which side a workspace lacks.
func notConnected(name string, sf SalesforceConnection, mk MarketoConnection) error {
	lacks := pace.Say("trouble.unconnected", "workspace \"%1\" is not connected to Salesforce and Marketo yet: doppioctl connect salesforce, then doppioctl connect marketo", name)
	switch {
	case sf.LoginURL != "":
		lacks = pace.Say("trouble.unconnected.marketo", "workspace \"%1\" is not connected to Marketo yet: doppioctl connect marketo", name)
	case mk.BaseURL != "":
		lacks = pace.Say("trouble.unconnected.salesforce", "workspace \"%1\" is not connected to Salesforce yet: doppioctl connect salesforce", name)
	}
	return &told{ErrNotConnected, lacks}
}

// keptRefreshToken stores a rotated refresh token in the vault before it is used: the old one is dead already.
func (a *App) keptRefreshToken(vault Vault, name string, secrets salesforceSecrets) kept {
	return kept{
		keep: func(ctx context.Context, token pace.Secret) error {
			secrets.RefreshToken = string(token)
			return keepSecret(ctx, vault, name, secretSalesforce, secrets)
		},
		load: func(ctx context.Context) (pace.Secret, error) {
			var now salesforceSecrets
			err := readSecret(ctx, vault, name, secretSalesforce, &now)
			return pace.Secret(now.RefreshToken), err
		},
	}
}

// Mode is the mode that the HTTP layer enforces.
func (s *session) Mode() record.Mode { return record.Mode(s.mode.Load()) }

// spare tells whether a quarter of a side's share is left still: what can wait leaves the rest to what cannot.
func (s *session) spare(side record.Side) bool {
	p := s.sfPace
	if side == record.Marketo {
		p = s.mkPace
	}
	u := p.Usage()
	return u.Share == 0 || u.Today < u.Share*3/4
}

// engine makes the engine for one cycle.
func (s *session) engine(o SyncOptions, report func(Doing)) *cycle.Engine {
	s.mk.Remember(s.mapping.Numbers())
	config := cycle.Config{
		Ledger: s.ws, Salesforce: s.sf, Marketo: s.mk, Mapping: s.mapping.Travelling(), Rules: s.rules, Policy: s.settings.policy(),
		Described: s.look.since(s.app.world.now()), SchemaChanged: s.look.suspect, Spare: s.spare,
		Pairs: s.pairs, Tasks: s.tasks,
		Filtering: s.filter,
		Mode:      s.Mode, Now: s.app.world.now, Log: s.app.log, AllowBrake: o.AllowBrake,
		Calls: func() cycle.Counts {
			return cycle.Counts{Salesforce: s.sfPace.Usage().Today, Marketo: s.mkPace.Usage().Today}
		},
		Progress: func(p cycle.Progress) {
			if report != nil {
				report(doing(p))
			}
		},
	}
	if s.app.world.engine != nil {
		config = s.app.world.engine(config)
	}
	return cycle.New(config)
}

// Close ends the session.
func (s *session) Close() error { return s.app.world.files.close(s.ws) }
