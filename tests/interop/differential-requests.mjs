// SPDX-License-Identifier: Apache-2.0
// Requests of generated contracts (V2, V3 and V4), each with one that was sent differently: another method, path,
// query, header or body. A case has the contract's request, the one that is sent, and the shape `tally match` reads.
import { copy, dump, headers, mutated, n, object, random } from "./differential-cases.mjs";
import { bodies, changed, fields } from "./differential-bodies.mjs";

// What stands behind /file/index: the example, a rule that fits no other case's path, or none, and what may come instead.
const tails = [
  ["", null, ["", "/", "x"]],
  ["/accounts/7", null, ["/accounts/7", "/accounts/7/", "/Accounts/7", "//accounts/7", "/accounts/%37"]],
  ["/a%20b", null, ["/a%20b", "/a+b", "/a%2Bb"]],
  ["/caf%C3%A9", null, ["/caf%C3%A9", "/caf%c3%a9", "/cafe"]],
  ["/a~b", null, ["/a~b", "/a%7Eb", "/a%7eb"]],
  ["/x;v=1", null, ["/x;v=1", "/x;v=2", "/x"]],
  ["/12", (base) => ({ match: "regex", regex: `${base}/\\d+` }), ["/13", "/x", "/12/", "/1%32"]],
  ["/a%20b", (base) => ({ match: "regex", regex: `${base}/a.*b` }), ["/acb", "/a%20c", "/a+b"]],
  ["/12", (base) => ({ match: "include", value: `${base}/` }), ["/13", "", "/"]],
];
// Headers with parameters, lists and repeats (V4 only: before, a header is one string).
const parameterised = [
  ["Accept", "application/json", ["application/json;charset=utf-8", "Application/JSON", "*/*", "application/json"]],
  ["Accept", "application/json;q=0.9", ["application/json; q=0.9", "application/json;Q=0.9", "application/json;q=0.8", "application/json"]],
  ["Accept", ["application/json;q=0.9", "text/plain"], ["application/json; q=0.9,text/plain", "text/plain, application/json;q=0.9", "text/plain"]],
  ["X-Many", ["a", "b"], [["a", "b"], ["b", "a"], ["a"], ["a", "b", "c"]]],
];

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

const encodings = [
  (text) => encodeURIComponent(text),
  (text) => encodeURIComponent(text).replace(/%20/g, "+"),
  (text) => encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
  (text) => encodeURIComponent(text).replace(/%5B/g, "[").replace(/%5D/g, "]"),
];

// The stock library refuses files of V2 with rules on parameters like `a[]`, so those have none there.
function query(dice, rules, spec) {
  const named = {};
  const pairs = dice.chance(0.5) ? fields(dice, named, (name) => name) : [];
  for (const name of Object.keys(named)) if (spec === "V2" && !/^\w+$/.test(name)) delete named[name];
  for (const name of new Set(pairs.map(([name]) => name))) {
    const rule = named[name];
    if (rule && rule.matchers[0].match === "type" && dice.chance(0.4)) Object.assign(rule.matchers[0], dice.pick([{ min: n("1") }, { max: n("1") }, { min: n("2") }]));
  }
  if (Object.keys(named).length) rules.query = named;
  const { actual, mutation } = dice.chance(0.6) ? changed(dice, pairs) : { actual: pairs, mutation: "nothing" };
  const write = dice.pick(encodings);
  const text = actual.map(([name, value]) => (value === "" && dice.chance(0.5) ? write(name) : `${write(name)}=${write(value)}`)).join("&");
  const stray = dice.chance(0.05) ? "&" : "";
  return { pairs, sent: text || dice.chance(0.9) ? text + (text && stray) : null, mutation };
}

function body(dice, rules) {
  const kind = dice.below(10);
  if (kind < 5) {
    rules.body = {};
    const value = object(dice, "$", rules.body, 2);
    const reply = mutated(dice, value);
    const actual = reply.body && typeof reply.body === "object" && !("text" in reply.body) ? reply.body : [reply.body];
    return { kind: "JSON", type: "application/json", value, rules: rules.body, actualType: dice.chance(0.95) ? "application/json" : "text/plain", actual: dump(actual),
      actualValue: actual, mutation: reply.mutation };
  }
  const one = dice.pick(Object.values(bodies))(dice);
  rules.body = one.rules;
  if (one.header) rules.header = { ...rules.header, "Content-Type": one.header };
  return { ...one, value: one.text, actualValue: one.actual };
}

// The rules of V2: one flat map, and one matcher at each path.
function flat(rules) {
  const one = ({ matchers }) => matchers[0];
  const out = {};
  if (rules.path) out["$.path"] = one(rules.path);
  for (const [name, rule] of Object.entries(rules.query ?? {})) out[`$.query.${name}`] = one(rule);
  for (const [name, rule] of Object.entries(rules.header ?? {})) out[/^[\w-]+$/.test(name) ? `$.headers.${name}` : `$.headers['${name}']`] = one(rule);
  for (const [path, rule] of Object.entries(rules.body ?? {})) out[path.replace("$", "$.body")] = one(rule);
  return out;
}

function multimap(pairs) {
  const out = {};
  for (const [name, value] of pairs) (out[name] ??= []).push(value);
  return out;
}

function request(dice, file, index, spec) {
  const rules = {};
  const method = dice.pick(methods.slice(0, 5));
  const [tail, rule, others] = dice.pick(tails);
  const path = `/${file}/${index}${tail}`;
  if (rule) rules.path = { matchers: [rule(`/${file}/${index}`)], combine: "AND" };
  const header = {};
  const { expected, actual } = headers(dice, header);
  if (Object.keys(header).length) rules.header = header;
  if (dice.chance(0.25)) {
    const [name, value, others] = dice.pick(parameterised.filter((row) => spec === "V4" || !Array.isArray(row[1])));
    expected[name] = value;
    actual[name.toLowerCase()] = dice.chance(0.5) && name !== "Accept" ? value : dice.pick(others);
  }
  const asked = query(dice, rules, spec);
  const content = /^P/.test(method) && dice.chance(0.8) ? body(dice, rules) : null;
  if (content) {
    expected["Content-Type"] = content.type;
    actual["content-type"] = content.actualType;
  }
  const sent = {
    method: dice.chance(0.95) ? method : dice.pick(methods),
    path: dice.chance(0.85) ? path : `/${file}/${index}${dice.pick(others)}`,
    query: asked.sent, headers: actual, body: content ? content.actual : dice.chance(0.95) || !/^P/.test(method) ? null : "{}",
  };
  if (sent.method === "HEAD") sent.body = null;
  const v4 = spec === "V4";
  const texts = (map) => Object.fromEntries(Object.entries(map).map(([key, value]) => [key, v4 ? [value].flat() : [value].flat().join(", ")]));
  const shape = (value, type) => (v4 ? { content: value, contentType: type, encoded: false } : value);
  const wanted = { method, path, headers: texts(expected), matchingRules: spec === "V2" ? flat(rules) : rules };
  if (asked.pairs.length) wanted.query = spec === "V2" ? asked.pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&") : multimap(asked.pairs);
  if (content) wanted.body = shape(copy(content.value), content.type);
  const got = { method: sent.method, path: sent.path, headers: texts(actual) };
  if (sent.query !== null) got.query = sent.query;
  if (sent.body !== null) got.body = shape(content ? content.actualValue : {}, content ? content.actualType : "application/json");
  return { wanted, got, sent, rules, expectedHeaders: expected, body: content?.value, mutation: `${asked.mutation} in query, ${content?.mutation ?? "nothing"} in ${content?.kind ?? "no body"}` };
}

const versions = { V2: "2.0.0", V3: "3.0.0", V4: "4.0" };

// Several small contracts: the stock mock server holds each request against all that it was given.
export function requests(seed, size, file) {
  const dice = random(seed);
  const spec = Object.keys(versions)[file % 3];
  const contracts = [];
  for (let index = 0; index < size; index++) {
    if (index % 10 === 0) contracts.push({ interactions: [], cases: [] });
    const { interactions, cases } = contracts.at(-1);
    const one = request(dice, file, index, spec);
    const name = `request ${file}-${index}`;
    interactions.push({ ...(spec === "V4" ? { type: "Synchronous/HTTP" } : {}), description: name, request: one.wanted, response: { status: n("222") } });
    cases.push({ ...one, name, spec, v4: spec === "V4", kind: `${spec} request`, expected: dump(one.wanted), shown: dump(one.sent),
      parts: { rules: one.rules, headers: one.expectedHeaders, body: one.body } });
  }
  return { cases: contracts.flatMap(({ cases }) => cases), contracts: contracts.map(({ interactions, cases }) => ({ cases,
    pact: dump({ consumer: { name: "differential" }, provider: { name: "requests" }, interactions, metadata: { pactSpecification: { version: versions[spec] } } }) })) };
}
