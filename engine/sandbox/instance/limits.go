package instance

import (
	"slices"
	"sync"
	"time"
	_ "time/tzdata" // the day ends at midnight in Chicago, also where the system has no zones
)

// Marketo REST API, Limits: 100 calls in 20 seconds, 10 at once.
const (
	ratePerWindow = 100
	rateWindow    = 20 * time.Second
	maxConcurrent = 10
)

// central is the zone in which days of quota and statistics end.
var central = func() *time.Location {
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		panic(err) // the zones are linked in
	}
	return zone
}()

// limits are the subscription's: every service and every other integration shares them.
type limits struct {
	mu     sync.Mutex
	daily  int
	rate   int         // calls in rateWindow, 0 for any number
	recent []time.Time // calls of the last 20 seconds
	days   map[string]*day
}

// day is what the statistics keep of a day.
type day struct {
	total  int
	users  map[string]int
	errors map[int]int
}

func newLimits(daily int, unpaced bool) *limits {
	l := &limits{daily: daily, rate: ratePerWindow, days: map[string]*day{}}
	if unpaced {
		l.rate = 0
	}
	return l
}

func dayOf(t time.Time) string { return t.In(central).Format(time.DateOnly) }

// today gives the running day, and forgets those that no statistic shows.
func (l *limits) today(now time.Time) *day {
	name := dayOf(now)
	d := l.days[name]
	if d == nil {
		d = &day{users: map[string]int{}, errors: map[int]int{}}
		l.days[name] = d
		for old := range l.days {
			if old < dayOf(now.AddDate(0, 0, -8)) {
				delete(l.days, old)
			}
		}
	}
	return d
}

// admit refuses a call that would pass a limit.
func (l *limits) admit(now time.Time, inFlight int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.today(now).total >= l.daily {
		return errQuota
	}
	if inFlight > maxConcurrent {
		return errConcurrent
	}
	if l.rate == 0 {
		return nil
	}
	from := slices.IndexFunc(l.recent, func(t time.Time) bool { return t.After(now.Add(-rateWindow)) })
	if from < 0 {
		from = len(l.recent)
	}
	l.recent = append(l.recent[:0], l.recent[from:]...)
	if len(l.recent) >= l.rate {
		return errRate
	}
	l.recent = append(l.recent, now)
	return nil
}

// free are the codes whose calls are charged to nothing: those with an asterisk in Adobe's table (601, 602, 604, 605,
// 608, 611), and those that say that the call was not let in.
var free = map[int]bool{601: true, 602: true, 604: true, 605: true, 606: true, 607: true, 608: true, 611: true, 615: true}

// charge counts a call that was answered, and its error. It reports whether the call counts against the allowance.
func (l *limits) charge(c *call, f *failure) bool {
	if f == nil && c.late {
		f = &failure{code: 604}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.today(c.now)
	if f != nil && f.code != 0 {
		d.errors[f.code]++
	}
	if c.service == nil || (f != nil && free[f.code]) {
		return false
	}
	d.total++
	d.users[c.service.user]++
	return true
}

// otherUser is the API user of the integrations that share the subscription.
const otherUser = "other-integration@acme.example"

// exhaust is somebody else's use of the rest of the day.
func (l *limits) exhaust(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d := l.today(now)
	if left := l.daily - d.total; left > 0 {
		d.users[otherUser] += left
		d.total += left
	}
}

// SpendCalls uses up n of the day's calls, as other integrations of the subscription would.
func (i *Instance) SpendCalls(n int) {
	now := i.clock.Now()
	i.limits.mu.Lock()
	defer i.limits.mu.Unlock()
	d := i.limits.today(now)
	d.users[otherUser] += n
	d.total += n
}

// SetDailyCalls changes the day's allowance; what was spent stays spent.
func (i *Instance) SetDailyCalls(n int) {
	i.limits.mu.Lock()
	defer i.limits.mu.Unlock()
	i.limits.daily = n
}

// Calls are the day's calls so far, of all users, and the allowance.
func (i *Instance) Calls() (used, limit int) {
	now := i.clock.Now()
	i.limits.mu.Lock()
	defer i.limits.mu.Unlock()
	return i.limits.today(now).total, i.limits.daily
}
