package instance

import (
	"maps"
	"slices"
	"strconv"
	"time"
)

// stats calls fn with each of the last days, today first.
func (c *call) stats(days int, fn func(name string, d day)) {
	l := c.i.limits
	l.mu.Lock()
	defer l.mu.Unlock()
	local := c.now.In(central)
	for back := range days {
		name := time.Date(local.Year(), local.Month(), local.Day()-back, 12, 0, 0, 0, central).Format(time.DateOnly)
		c.element()
		if d := l.days[name]; d != nil {
			fn(name, *d)
		} else {
			fn(name, day{})
		}
	}
}

// statsUsage counts the call that asks, too: it is charged like any other.
func statsUsage(days int) func(*call) error {
	return func(c *call) error {
		first := true
		c.stats(days, func(name string, d day) {
			users := maps.Clone(d.users)
			if first {
				users[c.service.user]++
				d.total++
				first = false
			}
			c.buf = appendMember(append(c.buf, '{'), "", "date", name)
			c.buf = strconv.AppendInt(append(c.buf, `,"total":`...), int64(d.total), 10)
			c.buf = append(c.buf, `,"users":[`...)
			for n, user := range slices.Sorted(maps.Keys(users)) {
				if n > 0 {
					c.buf = append(c.buf, ',')
				}
				c.buf = appendMember(append(c.buf, '{'), "", "userId", user)
				c.buf = append(strconv.AppendInt(append(c.buf, `,"count":`...), int64(users[user]), 10), '}')
			}
			c.buf = append(c.buf, `]}`...)
		})
		return nil
	}
}

func statsErrors(days int) func(*call) error {
	return func(c *call) error {
		c.stats(days, func(name string, d day) {
			total := 0
			for _, n := range d.errors {
				total += n
			}
			c.buf = appendMember(append(c.buf, '{'), "", "date", name)
			c.buf = strconv.AppendInt(append(c.buf, `,"total":`...), int64(total), 10)
			c.buf = append(c.buf, `,"errors":[`...)
			for n, code := range slices.Sorted(maps.Keys(d.errors)) {
				if n > 0 {
					c.buf = append(c.buf, ',')
				}
				c.buf = strconv.AppendInt(append(c.buf, `{"errorCode":"`...), int64(code), 10)
				c.buf = append(strconv.AppendInt(append(c.buf, `","count":`...), int64(d.errors[code]), 10), '}')
			}
			c.buf = append(c.buf, `]}`...)
		})
		return nil
	}
}
