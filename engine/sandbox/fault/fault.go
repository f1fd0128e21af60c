// Package fault makes the imitated systems misbehave the way networks, gateways and busy services do, from a seed.
//
// # The model
//
// Transport faults wrap a whole system (Wrap). A request meets at most one of them:
//
//   - refused in front (429, 503, an HTML page with 500): the system never sees the request. Retry-After comes in
//     seconds, as a date, or not at all;
//   - slow: half a second to four seconds late, one time in ten half a minute. A read waits before it is served; a write
//     is applied before or after the wait, so that a client's time-out leaves it in doubt;
//   - lost response (writes only), reset, truncated: the system has served the request and a write stands; the
//     answer does not arrive, ends in the middle with the connection, or is a well-framed text that ends early.
//
// Inside faults are rolled by the systems themselves at the places where they can happen: a token that ends early, a
// locked row, rows of a write that fail, pages that come twice, empty or short, a change that becomes visible after its
// stamp, the day's allowance gone at once.
//
// Every profile leaves most requests alone, so work goes on under each.
//
// # What it does not do
//
// It never corrupts what is stored, alters an answer that arrives whole, reorders writes, delivers a request twice or
// serves stale reads. Signing in meets refusals and slowness, but its answers are never lost: with rotating tokens that
// would end the grant, which no client can heal. Names that do not resolve, certificates, proxies and connections that
// cannot be opened are not imitated.
package fault
