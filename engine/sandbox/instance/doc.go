// Package instance imitates one Marketo Engage subscription as an http.Handler: identity, the lead database and asset
// APIs, bulk extract and import, and the rules by which a subscription accepts or refuses what it is sent. Requests come
// in, answers go out shaped like the real service's; people.* structs come in once, as seed. Nothing leaves but answers
// and counts.
//
// # How a request travels
//
// ServeHTTP finds the route (route.go), checks the token, the limits and the permission, reads the body, and runs the
// handler with a call. A handler appends the elements of "result" to call.buf, or returns a refusal made by fail; the
// envelope around them, the statistics, the journal and compression are not its business. Handlers read inside db.View
// and write inside update, which are the one lock over all rows.
//
// # What is kept
//
// People and the records of other objects are packed rows of table. Everything that happens to a person is an activity
// in an append-only log (log.go): 12 for a creation, 13 for each changed value, 22 before it for a score that a flow
// changed, 32, 37, 100, 104 and so on. What is written goes through change.go, so that log and rows cannot disagree. New
// Lead activities of seeded people are told from the rows.
//
// Time is the pair's clock, asked when somebody asks: jobs, tokens, retention and the native sync move when they are
// looked at.
//
// # What the imitation does not do
//
// Flows: a campaign that is requested or scheduled changes nothing. Smart lists are not evaluated, but for the one that
// the seed has. E-mails, forms, landing pages, segmentations, tags, named accounts, the schema API of custom objects and
// of custom activities, cloning and creating of assets, user management, data ingestion and munchkin are missing.
// Workspaces do not limit what an API user sees. Anonymous people do not exist. Results of asynchronous writes do not
// come late. Currencies keep two decimals (the real service may keep fewer digits), over-long texts are refused and not
// cut, an empty cell of an import leaves its field alone: where Marketo's behaviour is not documented the strictest of
// the likely ones was taken. Time-outs never arise by themselves.
package instance
