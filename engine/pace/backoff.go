package pace

import "time"

const (
	backoffFirst = 500 * time.Millisecond
	backoffMost  = 30 * time.Second
)

// Backoff is the wait after the n-th failed try (n from 1): half a second, doubling up to half a minute, of which the
// second half is drawn by jitter in [0,1), so that callers who failed together do not come back together.
func Backoff(n int, jitter float64) time.Duration {
	d := backoffMost
	if n < 7 {
		d = backoffFirst << max(n-1, 0)
	}
	d = min(d, backoffMost)
	jitter = min(max(jitter, 0), 1)
	return d/2 + time.Duration(jitter*float64(d/2))
}
