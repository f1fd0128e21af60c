// node-marketo-rest against the imitated instance. The client dates from 2019; what it sends is what many scripts send.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { credentials, step } from './step.mjs';

const require = createRequire(import.meta.url);
const Marketo = require('node-marketo-rest');
const restler = createRequire(require.resolve('node-marketo-rest'))('restler');
const { base_url: base, client_id: clientId, client_secret: clientSecret } = credentials.marketo;
const marketo = new Marketo({ endpoint: `${base}/rest`, identity: `${base}/identity`, clientId, clientSecret });

// Marketo's dates have no fraction of a second.
const at = (ms) => new Date(Date.now() + ms).toISOString().replace(/\.\d+/, '');

let first;
await step('find people by id', async () => {
  const answer = await marketo.lead.find('id', Array.from({ length: 300 }, (_, i) => i + 1), { fields: ['id', 'email', 'lastName'] });
  assert.ok(answer.result.length > 250);
  first = answer.result.find((p) => p.email);
  const one = await marketo.lead.byId(first.id, { fields: ['email'] });
  assert.equal(one.result[0].email, first.email);
});

let token;
await step('ask for a paging token', async () => {
  token = (await marketo.lead.getPageToken(at(-60_000))).nextPageToken;
  assert.ok(token);
});

let made;
await step('create and change people', async () => {
  const input = Array.from({ length: 20 }, (_, i) => ({ email: `client${i}@kade.example`, firstName: 'Zoë', lastName: `Nr ${i}` }));
  const answer = await marketo.lead.createOrUpdate(input, { lookupField: 'email' });
  assert.ok(answer.result.every((r) => r.status === 'created'));
  made = answer.result.map((r) => r.id);
  const again = await marketo.lead.createOrUpdate([{ email: 'client0@kade.example', title: 'CEO' }], { lookupField: 'email' });
  assert.deepEqual(again.result, [{ id: made[0], status: 'updated' }]);
  const found = await marketo.lead.find('email', ['client0@kade.example'], { fields: ['firstName', 'title'] });
  assert.equal(found.result[0].firstName, 'Zoë');
  assert.equal(found.result[0].title, 'CEO');
});

await step('read activities and changes', async () => {
  const types = await marketo.activities.getActivityTypes();
  assert.ok(types.result.some((t) => t.id === 12) && types.result.some((t) => t.id === 13));
  const seen = new Set();
  let from = token;
  for (let page = 0, more = true; more && page < 50; page++) {
    const answer = await marketo.lead.getActivitiesWithOptions({ activityTypeIds: '12,13', nextPageToken: from });
    (answer.result ?? []).forEach((a) => seen.add(`${a.leadId}:${a.activityTypeId}`));
    [from, more] = [answer.nextPageToken, answer.moreResult];
  }
  assert.ok(seen.has(`${made[0]}:12`) && seen.has(`${made[0]}:13`));
  const changes = await marketo.lead.getChanges(token, { fields: 'title' });
  assert.equal(changes.success, true);
});

await step('describe people', async () => {
  const answer = await marketo.lead.describe();
  assert.ok(answer.result.some((f) => f.rest?.name === 'salesforceId'));
});

await step('static lists', async () => {
  const [list] = (await marketo.list.find({})).result;
  assert.ok(list.id);
  const added = await marketo.list.addLeadsToList(list.id, made);
  assert.ok(added.result.every((r) => r.status === 'added'));
  const members = new Set();
  for (let page = await marketo.list.getLeads(list.id, { fields: 'email', batchSize: 7 }); ; page = await page.nextPage()) {
    page.result.forEach((p) => members.add(p.id));
    if (!page.nextPage) break;
  }
  assert.ok(made.every((id) => members.has(id)));
  assert.equal((await marketo.list.isMember(list.id, [made[0]])).result[0].status, 'memberof');
  const removed = await marketo.list.removeLeadsFromList(list.id, [made[0]]);
  assert.equal(removed.result[0].status, 'removed');
});

await step('merge people', async () => {
  assert.equal((await marketo.lead.mergeLead(made[1], [made[2]], {})).success, true);
  assert.equal((await marketo.lead.find('id', [made[2]], { fields: ['id'] })).result.length, 0);
});

await step('usage', async () => {
  assert.equal((await marketo.stats.usage()).success, true);
});

// The client's own helpers wait at least half a minute between two looks at a job, so the steps are taken one by one.
async function until(look, end) {
  for (let i = 0; i < 100; i++) {
    const job = await look();
    if (job.status === end) return job;
    assert.ok(['Queued', 'Processing', 'Importing'].includes(job.status), job.status);
    await new Promise((done) => setTimeout(done, 300));
  }
  throw new Error('the job never ends');
}

async function extract(api, created) {
  const [{ exportId }] = (await created).result;
  await api.enqueue(exportId);
  await until(async () => (await api.status(exportId)).result[0], 'Completed');
  return String(await api.file(exportId));
}

await step('bulk lead extract', async () => {
  const file = await extract(marketo.bulkLeadExtract,
    marketo.bulkLeadExtract.create(['id', 'email', 'lastName'], { createdAt: { startAt: at(-86_400_000), endAt: at(60_000) } }));
  assert.match(file, /^id,email,lastName\n/);
  assert.ok(file.includes('client3@kade.example'));
});

await step('bulk activity extract', async () => {
  const file = await extract(marketo.bulkActivityExtract, marketo.bulkActivityExtract.create(
    { createdAt: { startAt: at(-86_400_000), endAt: at(60_000) }, activityTypeIds: [12] },
    { fields: ['marketoGUID', 'leadId', 'activityDate', 'activityTypeId'] }));
  assert.match(file, /^marketoGUID,leadId,activityDate,activityTypeId/);
  assert.ok(file.includes(`,${made[3]},`));
});

// The client has no words for imports: its connection takes them.
await step('bulk lead import', async () => {
  const file = restler.data('people.csv', 'text/csv', 'email,lastName\nimported1@kade.example,"One, ""quoted"""\nimported2@kade.example,Two\n');
  const connection = marketo._connection;
  const started = await connection.post(`${base}/bulk/v1/leads.json`, { multipart: true, data: { format: 'csv', lookupField: 'email', file } });
  const [{ batchId }] = started.result;
  const done = await until(async () => (await connection.get(`${base}/bulk/v1/leads/batch/${batchId}.json`)).result[0], 'Complete');
  assert.deepEqual([done.numOfLeadsProcessed, done.numOfRowsFailed], [2, 0]);
  const found = await marketo.lead.find('email', ['imported1@kade.example'], { fields: ['lastName'] });
  assert.equal(found.result[0].lastName, 'One, "quoted"');
});
