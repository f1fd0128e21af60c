// The first sync as a script does it, with jsforce and node-marketo-rest: both sides are read into memory one call after the other, people are
// matched by their addresses, Salesforce wins where both sides say something, blanks are filled, and both ids are written. Nothing is
// kept. `doppioctl bench --clients` holds Doppio's time against it. On standard input: the pair's credentials, and the mapping as Doppio suggests it.
import { createRequire } from 'node:module';
import jsforce from 'jsforce';
import { credentials } from './step.mjs';

const require = createRequire(import.meta.url);
const Marketo = require('node-marketo-rest');
const { salesforce: sf, marketo: mk, mapping } = credentials;
const version = sf.api_version.slice(1);
const conn = new jsforce.Connection({
  oauth2: { clientId: sf.client_id, clientSecret: sf.client_secret, loginUrl: sf.login_url }, instanceUrl: sf.login_url, version,
});
await conn.authorize({ grant_type: 'client_credentials' });
const marketo = new Marketo({ endpoint: `${mk.base_url}/rest`, identity: `${mk.base_url}/identity`, clientId: mk.client_id, clientSecret: mk.client_secret });

const isPerson = (object) => object.name === 'Lead' || object.name === 'Contact';
const blank = (value) => value === null || value === undefined || value === '' || value === false;
const written = { salesforce: 0, marketo: 0 };

function* chunks(rows, size = 300) {
  for (let i = 0; i < rows.length; i += size) yield rows.slice(i, i + size);
}

async function readSalesforce({ name, fields }) {
  const soql = `SELECT Id, ${fields.map((f) => f.salesforce).filter((f) => f !== 'Id').join(', ')} FROM ${name}`;
  let page = await conn.query(soql, { autoFetch: false });
  const records = page.records;
  while (!page.done) {
    page = await conn.queryMore(page.nextRecordsUrl, { autoFetch: false });
    records.push(...page.records);
  }
  return records;
}

// People are read by their numbers, 300 a call, until two calls in a row find nobody.
async function readMarketo(fields) {
  const people = [];
  for (let first = 1, empty = 0; empty < 2; first += 300) {
    const ids = Array.from({ length: 300 }, (_, i) => first + i);
    const { result } = await marketo.lead.find('id', ids, { fields });
    people.push(...result);
    empty = result.length === 0 ? empty + 1 : 0;
  }
  return people;
}

// twin is a record as Marketo takes it.
function twin(record, { fields, key }, names) {
  const out = key ? { [key]: record.Id } : {};
  for (const f of fields) {
    let value = record[f.salesforce];
    if (f.person) value = names.get(value);
    if (f.salesforce === 'OwnerId' && !users.has(value)) continue; // a queue
    if (blank(value)) value = f.blank;
    if (value !== undefined) out[f.marketo] = value;
  }
  return out;
}

async function writeMarketo(path, rows, options) {
  const answers = [];
  for (const input of chunks(rows)) {
    const { result } = await marketo._connection.postJson(path, { ...options, input });
    answers.push(...result);
    written.marketo += result.filter((r) => r.status !== 'skipped').length;
  }
  return answers;
}

const paths = { Company: '/v1/companies.json', SalesPerson: '/v1/salespersons.json', opportunity: '/v1/opportunities.json', opportunityRole: '/v1/opportunities/roles.json' };
const give = (object, rows, names) => writeMarketo(paths[object.twin] ?? `/v1/customobjects/${object.twin}.json`,
  rows.map((r) => twin(r, object, names)), { action: 'createOrUpdate', dedupeBy: 'dedupeFields' });

const records = new Map();
for (const object of mapping) records.set(object.name, await readSalesforce(object));
const people = await readMarketo([...new Set(mapping.filter(isPerson).flatMap((o) => o.fields.map((f) => f.marketo)))]);

const owners = new Set([...records.values()].flatMap((rows) => rows.map((r) => r.OwnerId)));
records.set('User', records.get('User').filter((u) => owners.has(u.Id)));
const users = new Set(records.get('User').map((u) => u.Id));
for (const name of ['User', 'Account']) await give(mapping.find((o) => o.name === name), records.get(name));

// Only an address that one record on each side has is a match.
const once = (rows, address) => {
  const found = new Map();
  for (const row of rows) {
    const email = address(row)?.toLowerCase();
    if (email) found.set(email, found.has(email) ? null : row);
  }
  return found;
};
const inMarketo = once(people, (p) => p.email);
const inSalesforce = once(mapping.filter(isPerson).flatMap((o) => records.get(o.name)), (r) => r.Email);
const names = new Map(); // by the record's id: the person's
const created = [];
const changed = [];
const back = new Map(mapping.filter(isPerson).map((o) => [o.name, []]));
for (const object of mapping.filter(isPerson)) {
  for (const record of records.get(object.name)) {
    const email = record.Email?.toLowerCase();
    const person = email && inSalesforce.get(email) ? inMarketo.get(email) : undefined;
    if (!person) {
      if (!email || (inSalesforce.get(email) && !inMarketo.has(email))) created.push([object, record]);
      continue;
    }
    names.set(record.Id, person.id);
    const to = { id: person.id, salesforceId: record.Id };
    const from = { Id: record.Id, Marketo_Person_Id__c: String(person.id) };
    for (const f of object.fields) {
      const [ours, theirs] = [record[f.salesforce], person[f.marketo]];
      if (blank(ours) && !blank(theirs) && f.both) from[f.salesforce] = theirs;
      else if (!blank(ours) && String(ours) !== String(theirs)) to[f.marketo] = ours;
    }
    changed.push(to);
    back.get(object.name).push(from);
  }
}
await writeMarketo('/v1/leads.json', changed, { action: 'updateOnly', lookupField: 'id' });
const answers = await writeMarketo('/v1/leads.json', created.map(([object, record]) => ({ ...twin(record, object), salesforceId: record.Id })), { action: 'createOrUpdate', lookupField: 'salesforceId' });
answers.forEach((answer, i) => {
  const [object, record] = created[i];
  if (!answer.id) return;
  names.set(record.Id, answer.id);
  back.get(object.name).push({ Id: record.Id, Marketo_Person_Id__c: String(answer.id) });
});
async function update(name, rows) {
  const results = rows.length ? await conn.sobject(name).update(rows, { allowRecursive: true, allOrNone: false }) : [];
  written.salesforce += results.filter((r) => r.success).length;
  return rows.filter((_, i) => !results[i].success);
}
for (const [name, rows] of back) {
  const refused = await update(name, rows); // where a value of Marketo does not fit, the id goes alone
  await update(name, refused.map(({ Id, Marketo_Person_Id__c }) => ({ Id, Marketo_Person_Id__c })));
}
for (const object of mapping.filter((o) => !isPerson(o) && !['User', 'Account'].includes(o.name))) {
  const needed = object.fields.filter((f) => f.person).map((f) => f.salesforce);
  await give(object, records.get(object.name).filter((r) => needed.length === 0 || needed.some((f) => names.has(r[f]))), names);
}
console.log(JSON.stringify(written));
