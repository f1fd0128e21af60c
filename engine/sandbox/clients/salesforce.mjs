// jsforce against the imitated org: everything an integration does with it.
import assert from 'node:assert/strict';
import jsforce from 'jsforce';
import { credentials, step } from './step.mjs';

const { login_url: loginUrl, client_id: clientId, client_secret: clientSecret, username, password, refresh_token: refreshToken } =
  credentials.salesforce;
const version = credentials.salesforce.api_version.slice(1);
const conn = new jsforce.Connection({ loginUrl, version });

await step('sign in with user name and password (SOAP)', async () => {
  const user = await conn.login(username, password);
  assert.match(user.id, /^005.{15}$/);
  assert.ok(conn.accessToken);
});

await step('sign in with a refresh token', async () => {
  const other = new jsforce.Connection({
    oauth2: { clientId, clientSecret, loginUrl }, instanceUrl: loginUrl, accessToken: 'expired', refreshToken, version,
  });
  let refreshed = '';
  other.on('refresh', (token) => { refreshed = token; });
  const answer = await other.query('SELECT Id FROM Lead LIMIT 1');
  assert.equal(answer.records.length, 1);
  assert.ok(refreshed);
  const who = await other.identity();
  assert.equal(who.username, username);
});

await step('sign in with user name and password (OAuth)', async () => {
  const other = new jsforce.Connection({ oauth2: { clientId, clientSecret, loginUrl }, version });
  const user = await other.login(username, password);
  assert.match(user.id, /^005.{15}$/);
  await assert.rejects(() => other.login(username, 'wrong'), (err) => err.name === 'invalid_grant');
});

await step('sign in as a browser does, PKCE proved', async () => {
  const oauth2 = new jsforce.OAuth2({ clientId, loginUrl, redirectUri: 'http://localhost:1717/callback', useVerifier: true });
  const page = oauth2.getAuthorizationUrl({ scope: 'api refresh_token id', state: 'st' });
  assert.match(await (await fetch(page)).text(), /<form method="post">/);
  const back = await fetch(page, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ username, password, decision: 'allow' }) });
  const to = new URL(back.headers.get('location'));
  assert.equal(to.searchParams.get('state'), 'st');
  const other = new jsforce.Connection({ oauth2, version });
  await other.authorize(to.searchParams.get('code'));
  assert.equal((await other.identity()).username, username);
  assert.ok(other.refreshToken);
  await oauth2.revokeToken(other.refreshToken);
  await assert.rejects(() => oauth2.refreshToken(other.refreshToken), (err) => err.name === 'invalid_grant');
});

await step('sign in with client credentials', async () => {
  const other = new jsforce.Connection({ oauth2: { clientId, clientSecret, loginUrl }, instanceUrl: loginUrl, version });
  await other.authorize({ grant_type: 'client_credentials' });
  assert.ok((await other.limits()).DailyApiRequests.Max > 0);
});

await step('query page by page', async () => {
  const headers = { 'Sforce-Query-Options': 'batchSize=200' };
  let page = await conn.query('SELECT Id, LastName, Owner.Name FROM Contact ORDER BY Id', { headers, autoFetch: false });
  assert.equal(page.records.length, 200);
  assert.equal(page.done, false);
  const seen = new Set(page.records.map((r) => r.Id));
  assert.ok(page.records[0].Owner.Name);
  while (!page.done) {
    page = await conn.queryMore(page.nextRecordsUrl, { headers });
    page.records.forEach((r) => seen.add(r.Id));
  }
  assert.equal(seen.size, page.totalSize);
  const all = (await conn.query('SELECT Id FROM Contact', { autoFetch: true, maxFetch: 10_000 })).records;
  assert.equal(new Set(all.map((r) => r.Id)).size, seen.size);
});

await step('query with aggregates and children', async () => {
  const [{ n }] = (await conn.query('SELECT COUNT(Id) n FROM Lead')).records;
  assert.ok(n > 100);
  const groups = await conn.query('SELECT Status, COUNT(Id) n FROM Lead GROUP BY Status');
  assert.equal(groups.records.reduce((sum, g) => sum + g.n, 0), n);
  const accounts = await conn.query('SELECT Id, (SELECT Id FROM Contacts) FROM Account LIMIT 5');
  assert.ok(accounts.records.some((a) => a.Contacts?.records.length > 0));
});

let leadId;
await step('create, read, change and delete one record', async () => {
  const made = await conn.sobject('Lead').create({ LastName: 'Öberg', Company: 'Kade', Email: 'o.oberg@kade.example' });
  assert.equal(made.success, true);
  leadId = made.id;
  const read = await conn.sobject('Lead').retrieve(leadId);
  assert.equal(read.LastName, 'Öberg');
  assert.equal((await conn.sobject('Lead').update({ Id: leadId, Title: 'CEO' })).success, true);
  const [found] = await conn.sobject('Lead').find({ Email: 'O.Oberg@kade.example' }, ['Id', 'Title']);
  assert.equal(found.Title, 'CEO');
  await assert.rejects(() => conn.sobject('Lead').create({ LastName: 'Nobody' }), (err) => err.errorCode === 'REQUIRED_FIELD_MISSING');
});

await step('upsert by external id', async () => {
  const row = { Legacy_Number__c: 'JS-1', LastName: 'Ng', Company: 'Kade' };
  const first = await conn.sobject('Lead').upsert(row, 'Legacy_Number__c');
  const second = await conn.sobject('Lead').upsert({ ...row, Title: 'CTO' }, 'Legacy_Number__c');
  assert.equal(first.success && second.success, true);
  assert.equal((await conn.query("SELECT Id FROM Lead WHERE Legacy_Number__c = 'JS-1'")).totalSize, 1);
});

await step('collections', async () => {
  const rows = Array.from({ length: 250 }, (_, i) => ({ LastName: `Row ${i}`, Company: 'Kade', Legacy_Number__c: `JC-${i}` }));
  const made = await conn.sobject('Lead').create(rows, { allowRecursive: true });
  assert.equal(made.filter((r) => r.success).length, 250);
  const mixed = await conn.sobject('Lead').update(
    [{ Id: made[0].id, Title: 'x'.repeat(129) }, { Id: made[1].id, Title: 'fits' }], { allOrNone: false });
  assert.deepEqual(mixed.map((r) => r.success), [false, true]);
  assert.equal(mixed[0].errors[0].statusCode, 'STRING_TOO_LONG');
  const none = await conn.sobject('Lead').update(
    [{ Id: made[0].id, Title: 'x'.repeat(129) }, { Id: made[1].id, Title: 'rolled back' }], { allOrNone: true });
  assert.ok(none.every((r) => !r.success));
  const upserted = await conn.sobject('Lead').upsert(rows.slice(0, 10).map((r) => ({ ...r, Title: 'again' })), 'Legacy_Number__c');
  assert.ok(upserted.every((r) => r.success && !r.created));
  const read = await conn.sobject('Lead').retrieve(made.slice(0, 3).map((r) => r.id));
  assert.deepEqual(read.map((r) => r.Title), ['again', 'again', 'again']);
  const gone = await conn.sobject('Lead').destroy(made.map((r) => r.id), { allowRecursive: true });
  assert.ok(gone.every((r) => r.success));
});

await step('composite', async () => {
  const answer = await conn.requestPost(`/services/data/v${version}/composite`, {
    allOrNone: true,
    compositeRequest: [
      { method: 'POST', url: `/services/data/v${version}/sobjects/Lead`, referenceId: 'made', body: { LastName: 'Ref', Company: 'Kade' } },
      { method: 'GET', url: `/services/data/v${version}/sobjects/Lead/@{made.id}?fields=Id,LastName`, referenceId: 'read' },
    ],
  });
  assert.deepEqual(answer.compositeResponse.map((r) => r.httpStatusCode), [201, 200]);
  assert.equal(answer.compositeResponse[1].body.LastName, 'Ref');
});

await step('describe', async () => {
  const lead = await conn.sobject('Lead').describe();
  assert.ok(lead.fields.find((f) => f.name === 'Marketo_Person_Id__c').externalId);
  const all = await conn.describeGlobal();
  assert.ok(all.sobjects.some((o) => o.name === 'Contact'));
});

await step('updated and deleted', async () => {
  await conn.sobject('Lead').destroy(leadId);
  const soon = new Date(Date.now() + 60_000);
  const before = new Date(Date.now() - 3_600_000);
  const deleted = await conn.sobject('Lead').deleted(before, soon);
  assert.ok(deleted.deletedRecords.some((r) => r.id === leadId));
  assert.ok((await conn.sobject('Lead').updated(before, soon)).ids.length > 0);
  const all = await conn.query(`SELECT Id, IsDeleted FROM Lead WHERE Id = '${leadId}'`, { scanAll: true });
  assert.equal(all.records[0].IsDeleted, true);
  await assert.rejects(() => conn.sobject('Lead').retrieve(leadId), (err) => err.errorCode === 'ENTITY_IS_DELETED' || err.errorCode === 'NOT_FOUND');
});

await step('convert, merge and take back (SOAP)', async () => {
  const made = await conn.sobject('Lead').create([1, 2, 3].map((n) => ({ LastName: `Soap & ${n}`, Company: 'Kade' })));
  const [lead, winner, loser] = made.map((r) => r.id);
  const converted = await conn.soap.convertLead({ leadId: lead, convertedStatus: 'Closed - Converted', doNotCreateOpportunity: true });
  assert.equal(converted.success, true);
  assert.equal((await conn.sobject('Contact').retrieve(converted.contactId)).LastName, 'Soap & 1');
  const merged = await conn.soap.merge({ masterRecord: { type: 'Lead', Id: winner }, recordToMergeIds: [loser] });
  assert.equal(merged.success, true);
  const [dead] = (await conn.query(`SELECT MasterRecordId FROM Lead WHERE Id = '${loser}'`, { scanAll: true })).records;
  assert.equal(dead.MasterRecordId, winner);
  await conn.sobject('Lead').destroy(winner);
  assert.equal((await conn.soap.undelete([winner]))[0].success, true);
  assert.equal((await conn.sobject('Lead').retrieve(winner)).LastName, 'Soap & 2');
});

await step('Bulk 2.0 ingest', async () => {
  conn.bulk2.pollInterval = 200;
  conn.bulk2.pollTimeout = 60_000;
  const input = Array.from({ length: 300 }, (_, i) => ({
    LastName: i === 7 ? '' : `Bulk "${i}", ümläut`, Company: 'Kade\nSecond line', Legacy_Number__c: `JB-${i}`,
  }));
  const results = await conn.bulk2.loadAndWaitForResults({ object: 'Lead', operation: 'insert', input });
  assert.equal(results.successfulResults.length, 299);
  assert.equal(results.failedResults.length, 1);
  assert.match(results.failedResults[0].sf__Error, /REQUIRED_FIELD_MISSING/);
});

await step('Bulk 2.0 query', async () => {
  const rows = await (await conn.bulk2.query("SELECT Id, LastName, Company FROM Lead WHERE Legacy_Number__c LIKE 'JB-%'")).toArray();
  assert.equal(rows.length, 299);
  assert.ok(rows.every((r) => r.LastName.endsWith('ümläut')));
});

await step('sign out', async () => {
  await conn.logout();
  assert.equal(conn.accessToken, null);
});
