// node-marketo-rest against the imitated instance. The client dates from 2019; what it sends is what many scripts send.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { credentials, step } from './step.mjs';

const Marketo = createRequire(import.meta.url)('node-marketo-rest');
const { base_url: base, client_id: clientId, client_secret: clientSecret } = credentials.marketo;
const marketo = new Marketo({ endpoint: `${base}/rest`, identity: `${base}/identity`, clientId, clientSecret });

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
  token = (await marketo.lead.getPageToken(new Date(Date.now() - 60_000).toISOString())).nextPageToken;
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
  let at = token;
  for (let page = 0, more = true; more && page < 50; page++) {
    const answer = await marketo.lead.getActivitiesWithOptions({ activityTypeIds: '12,13', nextPageToken: at });
    (answer.result ?? []).forEach((a) => seen.add(`${a.leadId}:${a.activityTypeId}`));
    [at, more] = [answer.nextPageToken, answer.moreResult];
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
  const members = await marketo.list.getLeads(list.id, { fields: 'email' });
  assert.ok(members.result.some((p) => p.id === made[0]));
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
async function extract(api, fields, filter) {
  const [{ exportId }] = (await api.create(fields, filter)).result;
  await api.enqueue(exportId);
  for (let i = 0; i < 100; i++) {
    const [{ status }] = (await api.status(exportId)).result;
    if (status === 'Completed') return api.file(exportId);
    assert.ok(status === 'Queued' || status === 'Processing', status);
    await new Promise((done) => setTimeout(done, 300));
  }
  throw new Error('the job never ends');
}

const soon = () => new Date(Date.now() + 60_000).toISOString();
const before = () => new Date(Date.now() - 86_400_000).toISOString();

await step('bulk lead extract', async () => {
  const file = await extract(marketo.bulkLeadExtract, ['id', 'email', 'lastName'], { createdAt: { startAt: before(), endAt: soon() } });
  assert.match(String(file), /^id,email,lastName\n/);
  assert.ok(String(file).includes('client3@kade.example'));
});

await step('bulk activity extract', async () => {
  const file = await extract(marketo.bulkActivityExtract, ['marketoGUID', 'leadId', 'activityDate', 'activityTypeId'],
    { createdAt: { startAt: before(), endAt: soon() }, activityTypeIds: [12] });
  assert.match(String(file), /^marketoGUID,leadId,activityDate,activityTypeId/);
  assert.ok(String(file).includes(`,${made[3]},`));
});

await step('bulk lead import', async () => {
  const token = (await (await fetch(`${base}/identity/oauth/token?grant_type=client_credentials&client_id=${encodeURIComponent(clientId)}&client_secret=${encodeURIComponent(clientSecret)}`)).json()).access_token;
  const form = new FormData();
  form.append('format', 'csv');
  form.append('lookupField', 'email');
  form.append('file', new Blob(['email,lastName\nimported1@kade.example,"One, ""quoted"""\nimported2@kade.example,Two\n'], { type: 'text/csv' }), 'people.csv');
  const headers = { Authorization: `Bearer ${token}` };
  const started = await (await fetch(`${base}/bulk/v1/leads.json`, { method: 'POST', headers, body: form })).json();
  assert.equal(started.success, true, JSON.stringify(started));
  const { batchId } = started.result[0];
  for (let i = 0; ; i++) {
    const [state] = (await (await fetch(`${base}/bulk/v1/leads/batch/${batchId}.json`, { headers })).json()).result;
    if (state.status === 'Complete') {
      assert.equal(state.numOfLeadsProcessed, 2);
      break;
    }
    assert.ok(i < 100, 'the job never ends');
    await new Promise((done) => setTimeout(done, 300));
  }
  const found = await marketo.lead.find('email', ['imported1@kade.example'], { fields: ['lastName'] });
  assert.equal(found.result[0].lastName, 'One, "quoted"');
});
