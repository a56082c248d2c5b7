// SPDX-License-Identifier: Apache-2.0
// Replies with XML, form and multipart bodies, and messages (asynchronous and synchronous), each changed somewhere.
import { any, dump, mutated, n, object, random } from "./differential-cases.mjs";
import { bodies } from "./differential-bodies.mjs";

const versions = { 3: "3.0.0", 4: "4.0" };
const contents = (v4, body, type) => (v4 ? { content: body, contentType: type, encoded: false } : body);
const pactOf = (version, rest) => dump({ consumer: { name: "differential" }, provider: { name: "replies" }, ...rest,
  metadata: { pactSpecification: { version: versions[version] } } });

export function documents(seed, size, file) {
  const dice = random(seed);
  const v4 = file % 2 === 0;
  const cases = [];
  const interactions = [];
  for (let index = 0; index < size; index++) {
    const one = dice.pick([bodies.xml, bodies.xml, bodies.form, bodies.multipart])(dice);
    const name = `document ${file}-${index}`;
    const path = `/document/${file}/${index}`;
    const rules = { body: one.rules, ...(one.header ? { header: { "Content-Type": one.header } } : {}) };
    const expected = { status: n("200"), headers: { "Content-Type": v4 ? [one.type] : one.type }, matchingRules: rules, body: contents(v4, one.text, one.type) };
    interactions.push({ ...(v4 ? { type: "Synchronous/HTTP" } : {}), description: name, request: { method: "GET", path }, response: expected });
    cases.push({ ...one, name, path, v4, kind: `${one.kind} reply`, expected: dump(expected), parts: { rules },
      reply: { status: 200, headers: { "content-type": one.actualType }, body: one.actual }, shown: `${one.actualType} ${one.actual}` });
  }
  return { pact: pactOf(v4 ? 4 : 3, { interactions }), cases };
}

// Metadata: the expected value, its rule, what may come instead.
const metadata = [
  ["topic", "users", null, ["users", "Users", "orders"]],
  ["attempt", n("1"), { match: "integer" }, [n("2"), "2", n("1.5")]],
  ["trace", "tx-1", { match: "regex", regex: "tx-\\d+" }, ["tx-9", "x"]],
  ["flags", { a: true }, null, [{ a: true }, { a: false }, { a: true, b: 1 }]],
  ["kind", "a", { match: "type" }, ["b", n("1")]],
];

function message(dice) {
  const rules = {};
  const expected = {};
  const actual = {};
  for (const [name, value, rule, others] of metadata) {
    if (!dice.chance(0.2)) continue;
    expected[name] = value;
    if (rule) (rules.metadata ??= {})[name] = { matchers: [rule], combine: "AND" };
    if (!dice.chance(0.1)) actual[name] = dice.chance(0.6) ? value : dice.pick(others);
  }
  if (dice.chance(0.1)) actual.extra = "1";
  const one = { type: "application/json", rules, expected, actual };
  if (dice.chance(0.15)) {
    const made = bodies.xml(dice);
    rules.body = made.rules;
    return { ...one, type: made.type, actualType: made.actualType, body: made.text, sent: made.actual, mutation: made.mutation };
  }
  rules.body = {};
  const body = dice.chance(0.85) ? object(dice, "$", rules.body, 3) : any(dice, "$", rules.body, 2);
  const reply = mutated(dice, body);
  return { ...one, actualType: dice.chance(0.95) ? one.type : "text/plain", body, sent: dump(reply.body) ?? "", mutation: reply.mutation };
}

// Three sorts of files: asynchronous messages of V4 and V3, and synchronous ones.
export function messages(seed, size, file) {
  const dice = random(seed);
  const sort = ["asynchronous", "synchronous", "V3"][file % 3];
  const v4 = sort !== "V3";
  const cases = [];
  const items = [];
  for (let index = 0; index < size; index++) {
    const one = message(dice);
    const name = `message ${file}-${index}`;
    const parts = { contents: contents(v4, one.body, one.type), [v4 ? "metadata" : "metaData"]: { contentType: one.type, ...one.expected }, matchingRules: one.rules };
    items.push(sort === "synchronous"
      ? { type: "Synchronous/Messages", description: name, request: { contents: contents(true, { q: n("1") }, "application/json") }, response: [parts] }
      : { ...(v4 ? { type: "Asynchronous/Messages" } : {}), description: name, ...parts });
    const header = Buffer.from(dump({ contentType: one.actualType, ...one.actual })).toString("base64");
    cases.push({ name, path: name, v4, kind: sort === "V3" ? "asynchronous message" : `${sort} message`, mutation: one.mutation, expected: dump(parts), parts: { rules: one.rules, body: one.body },
      metadata: one.actual, reply: { status: 200, headers: { "content-type": one.actualType, "pact-message-metadata": header }, body: one.sent },
      shown: `${one.actualType} ${dump(one.actual)} ${one.sent}` });
  }
  return { pact: pactOf(v4 ? 4 : 3, v4 ? { interactions: items } : { messages: items }), cases };
}
