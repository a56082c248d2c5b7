// SPDX-License-Identifier: Apache-2.0
// Contracts of generated bodies, rules, headers and statuses, each with a reply that was changed somewhere.
// Everything follows from the seed. Numbers are kept as written (1.0 is not 1), which needs a type of their own.

class Num {
  constructor(text) { this.text = text; }
}

export function dump(value) {
  if (value instanceof Num) return value.text;
  if (Array.isArray(value)) return `[${value.map(dump).join(",")}]`;
  if (value && typeof value === "object")
    return `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${dump(item)}`).join(",")}}`;
  return JSON.stringify(value);
}

export function copy(value) {
  if (Array.isArray(value)) return value.map(copy);
  if (value && typeof value === "object" && !(value instanceof Num))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)]));
  return value;
}

// mulberry32
export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n) => Math.floor(next() * n);
  return { below, pick: (list) => list[below(list.length)], chance: (p) => next() < p };
}

export const n = (text) => new Num(text);
const pool = () => ["", "Ada", "EUR", "tx-0001", "tx-0042", "red", "reddish", "12", "-5", "1.5", "true", "null", "1.2.3", "v1.2",
  "1.0.0-rc.1", "2024-02-29", "2023-02-29", "29/02/2024", "10:20:30", "24:00:00", "2024-02-29T10:20:30Z",
  "2024-02-29T10:20:30+02:00", "2024-02-29 10:20", "a b", "ü", n("0"), n("1"), n("-7"), n("42"), n("1.0"), n("1.5"), n("-2.25"),
  n("1e3"), n("9007199254740993"), n("18446744073709551617"), n("-0"), n("0.10"), n("1E+2"), "366", "12:30 PM", "00:30 AM",
  "2024-02-29T10:20:30+13:00", "2024-02-29T10:20:30.5Z", "2024-2-9", true, false, null];

// Scalar rules: the example, and the rule.
const scalars = [
  ["Ada", { match: "type" }], [n("42"), { match: "type" }], [n("1.5"), { match: "type" }], [true, { match: "type" }],
  [null, { match: "type" }],
  ["tx-0001", { match: "regex", regex: "tx-[0-9]{4}" }], ["red", { match: "regex", regex: "red|reddish" }],
  [n("42"), { match: "regex", regex: "[0-9]+" }], ["EUR", { match: "regex", regex: "^[A-Z]{3}$" }],
  ["Ada", { match: "include", value: "d" }], ["1.5", { match: "include", value: "1" }],
  [n("42"), { match: "number" }], [n("42"), { match: "integer" }], [n("1.5"), { match: "decimal" }],
  [true, { match: "boolean" }], [null, { match: "null" }],
  ["2024-02-29", { match: "date", format: "yyyy-MM-dd" }], ["29/02/2024", { match: "date", format: "dd/MM/yyyy" }],
  ["2024-02-29", { match: "date" }], ["10:20:30", { match: "time", format: "HH:mm:ss" }], ["10:20:30", { match: "time" }],
  ["2024-02-29T10:20:30Z", { match: "timestamp", format: "yyyy-MM-dd'T'HH:mm:ssX" }],
  ["2024-02-29T10:20:30+02:00", { match: "datetime", format: "yyyy-MM-dd'T'HH:mm:ssXXX" }],
  ["2024-02-29 10:20", { match: "datetime", format: "yyyy-MM-dd HH:mm" }],
  ["060", { match: "date", format: "DDD" }], ["12:30 AM", { match: "time", format: "hh:mm a" }],
  ["2024-02-29T10:20:30+13:00", { match: "datetime", format: "yyyy-MM-dd'T'HH:mm:ssXXX" }],
  ["2024-02-29T10:20:30.123Z", { match: "datetime", format: "yyyy-MM-dd'T'HH:mm:ss.SSSX" }],
  [n("1"), { match: "regex", regex: "\\d+|true|null" }], ["a b", { match: "regex", regex: "(?i)[a-z]+ [a-z]+" }],
  ["1.2.3", { match: "semver" }], ["Ada", { match: "notEmpty" }], [n("0"), { match: "notEmpty" }], ["Ada", { match: "equality" }], [n("1.5"), { match: "equality" }],
];
const names = ["id", "name", "amount", "items", "a b", "x-1", "@type"];
const child = (at, key) => (/^[a-z0-9_-]+$/i.test(key) ? `${at}.${key}` : `${at}['${key}']`);

function scalar(dice, at, rules) {
  if (dice.chance(0.3)) return dice.pick(pool());
  const [example, rule] = dice.pick(scalars);
  const matchers = [rule];
  let combine = "AND";
  if (dice.chance(0.15)) {
    matchers.push(dice.pick(scalars)[1]);
    combine = dice.chance(0.8) ? "OR" : "AND";
  }
  rules[at] = { matchers, combine };
  return example;
}

export function object(dice, at, rules, depth) {
  const value = {};
  const keys = names.filter(() => dice.chance(0.4));
  const kind = dice.below(10);
  if (kind >= 8 && keys.length) { // a map: every entry is made like the first
    const inner = dice.pick(scalars);
    if (kind === 8) {
      rules[at] = { matchers: [{ match: "values" }], combine: "AND" };
      rules[`${at}.*`] = { matchers: [inner[1]], combine: "AND" };
    } else
      rules[at] = { matchers: [{ match: "eachValue", value: "", rules: [inner[1]] },
        ...(dice.chance(0.5) ? [{ match: "eachKey", value: "", rules: [{ match: "regex", regex: "[a-z]+" }] }] : [])], combine: "AND" };
    for (const key of keys) value[key] = copy(inner[0]);
    return value;
  }
  if (kind === 7) rules[at] = { matchers: [{ match: "eachKey", value: "", rules: [{ match: "regex", regex: "[a-z@1 -]+" }] }], combine: "AND" };
  if (kind >= 4 && kind <= 6) rules[at] = { matchers: [{ match: "type" }], combine: "AND" };
  if (kind === 6 && dice.chance(0.4)) rules[at] = { matchers: [{ match: dice.pick(["type", "notEmpty", "equality"]) }, { match: "null" }], combine: "OR" };
  if (kind === 3 && dice.chance(0.4)) rules[`${at}.*`] = { matchers: [dice.pick(scalars)[1]], combine: "AND" };
  if (kind === 2 && dice.chance(0.4)) rules[at] = { matchers: [dice.pick(scalars)[1]], combine: "AND" };
  for (const key of keys) value[key] = any(dice, child(at, key), rules, depth - 1);
  return value;
}

function list(dice, at, rules, depth) {
  const kind = dice.below(8);
  if (kind === 0) { // arrayContains, its variants' rules at paths of their own
    const variants = [];
    const value = [];
    for (let index = 0; index < 1 + dice.below(2); index++) {
      const own = {};
      value.push(dice.chance(0.5) ? scalar(dice, "$", own) : { id: scalar(dice, "$.id", own), name: "Ada" });
      variants.push({ index: n(String(index)), rules: own, generators: {} });
    }
    rules[at] = { matchers: [{ match: "arrayContains", variants }], combine: "AND" };
    return value;
  }
  const limits = [{}, { min: n("1") }, { max: n("2") }, { min: n("1"), max: n("3") }, { min: n("2") }];
  if (kind >= 4) rules[at] = { matchers: [{ match: "type", ...dice.pick(limits) }], combine: "AND" };
  if (kind === 1 && dice.chance(0.5)) rules[`${at}[*]`] = { matchers: [{ match: "type" }], combine: "AND" };
  if (kind === 2 && dice.chance(0.4)) rules[at] = { matchers: [dice.pick([{ match: "notEmpty" }, { match: "equality" }, { min: n("1") }, { match: "eachValue",
    value: "", rules: [dice.pick(scalars)[1]] }])], combine: "AND" };
  if (kind >= 5) { // each like the first
    const item = any(dice, `${at}[*]`, rules, depth - 1);
    return Array.from({ length: dice.chance(0.1) ? 0 : 1 + dice.below(2) }, () => copy(item));
  }
  return Array.from({ length: dice.below(4) }, (_, index) => any(dice, `${at}[${index}]`, rules, depth - 1));
}

export function any(dice, at, rules, depth) {
  const kind = depth > 0 ? dice.below(10) : 0;
  return kind < 5 ? scalar(dice, at, rules) : kind < 8 ? object(dice, at, rules, depth) : list(dice, at, rules, depth);
}

// Every place in a value, as [holder, key].
function places(value, found = []) {
  if (!value || typeof value !== "object" || value instanceof Num) return found;
  for (const key of Object.keys(value)) {
    found.push([value, key]);
    places(value[key], found);
  }
  return found;
}

const isList = (value) => Array.isArray(value);
const isMap = (value) => value && typeof value === "object" && !isList(value) && !(value instanceof Num);
const mutations = {
  "nothing": () => {},
  "another value": (dice, holder, key) => (holder[key] = dice.pick(pool())),
  "a like value": (dice, holder, key) => {
    const kind = (value) => (value instanceof Num ? "number" : value === null ? "null" : typeof value);
    holder[key] = dice.pick(pool().filter((value) => kind(value) === kind(holder[key])).concat(isMap(holder[key]) || isList(holder[key]) ? [holder[key]] : []));
  },
  "another type": (dice, holder, key) => (holder[key] = dice.pick([[], {}, "text", n("3"), true, [copy(holder[key])], { id: n("1") }])),
  "missing": (dice, holder, key) => (isList(holder) ? holder.splice(Number(key), 1) : delete holder[key]),
  "extra key": (dice, holder, key) => {
    const map = isMap(holder[key]) ? holder[key] : holder;
    if (isMap(map)) map[dice.pick(["extra", "Extra", "42"])] = dice.pick(pool());
  },
  "longer list": (dice, holder, key) => {
    const own = isList(holder[key]) ? holder[key] : isList(holder) ? holder : [];
    own.push(own.length ? copy(own[0]) : dice.pick(pool()));
    if (dice.chance(0.5)) own.push(copy(own[0]));
  },
  "shorter list": (dice, holder, key) => (isList(holder[key]) ? holder[key].pop() : isList(holder) ? holder.pop() : 0),
  "empty": (dice, holder, key) => (holder[key] = isList(holder[key]) ? [] : isMap(holder[key]) ? {} : ""),
  "integer to decimal": (dice, holder, key) => (holder[key] = holder[key] instanceof Num ? n(dice.pick(["1.0", "42.0", "7"])) : holder[key]),
  "number to text": (dice, holder, key) => (holder[key] = holder[key] instanceof Num ? holder[key].text : holder[key]),
  "null": (dice, holder, key) => (holder[key] = null),
};

export function mutated(dice, body) {
  const holder = { body: copy(body) };
  const mutation = dice.chance(0.3) ? "nothing" : dice.pick(Object.keys(mutations));
  for (let times = 1 + (dice.chance(0.3) ? 1 : 0); times > 0; times--) {
    // The body itself is one place of many, and where lists are to grow, a list is a better place.
    const all = places(holder);
    if (!all.length) break;
    const lists = all.filter(([own, key]) => isList(own[key]));
    mutations[mutation](dice, ...dice.pick(/list/.test(mutation) && lists.length ? lists : all));
  }
  return { body: holder.body, mutation };
}

const headerRules = [
  ["X-Trace", "abc-1", null, ["abc-1", "abc-2", "ABC-1", " abc-1 "]],
  ["X-Count", "12", { match: "integer" }, ["12", "7", "1.5", "-5", "many"]],
  ["X-Code", "tx-1", { match: "regex", regex: "tx-\\d+" }, ["tx-9", "tx-", "TX-1"]],
  ["X-Any", "a", { match: "type" }, ["b", "12"]],
  ["X-Has", "banana", { match: "include", value: "nan" }, ["nan", "NaN", "xnanx"]],
  ["Cache-Control", "no-cache, private", null, ["no-cache,private", "private, no-cache", "no-cache"]],
  ["Vary", "Accept, Origin", "split", ["Accept,Origin", "Origin, Accept", "Accept"]],
  ["X-Version", "1.2.3", { match: "semver" }, ["2.0.0", "2.0"]],
  ["Date", "Thu, 29 Feb 2024 10:20:30 GMT", { match: "regex", regex: ".* GMT" }, ["now", "x GMT"]],
];
const types = ["application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8", "application/hal+json",
  "text/plain"];

export function headers(dice, rules) {
  const expected = {};
  const actual = {};
  for (const [name, value, rule, others] of headerRules) {
    if (!dice.chance(0.12)) continue;
    expected[name] = rule === "split" ? value.split(", ") : value;
    if (rule && rule !== "split") rules[name] = { matchers: [rule], combine: "AND" };
    if (!dice.chance(0.1)) actual[name.toLowerCase()] = dice.chance(0.6) ? value : dice.pick(others);
  }
  return { expected, actual };
}

const statusRules = [null, null, null, null, { match: "statusCode", status: "success" }, { match: "statusCode", status: [n("200"), n("202")] },
  { match: "statusCode", status: "nonError" }];

// Text is compared as a whole: by the rule at "$", or byte by byte.
const texts = [
  ["hello world", null], ["hello world", { match: "regex", regex: "hello \\w+" }], ["hello world", { match: "include", value: "wor" }],
  ["hello world", { match: "type" }], ["hello world", { match: "notEmpty" }],
];
const textReplies = ["hello world", "hello you", "Hello world", "world", "hello world ", "", "42"];

function text(dice) {
  const [body, rule] = dice.pick(texts);
  const rules = rule ? { body: { $: { matchers: [rule], combine: "AND" } } } : {};
  const status = dice.chance(0.9) ? 200 : 500;
  return {
    expected: { status: n("200"), headers: { "Content-Type": "text/plain" }, body, rules },
    reply: { status, headers: { "content-type": dice.chance(0.9) ? "text/plain" : dice.pick(types) }, body: dice.pick(textReplies) },
    mutation: "another text",
  };
}

function response(dice) {
  if (dice.chance(0.08)) return text(dice);
  const rules = { body: {} };
  const body = dice.chance(0.8) ? object(dice, "$", rules.body, 3) : any(dice, "$", rules.body, 3);
  const header = {};
  const { expected, actual } = headers(dice, header);
  if (Object.keys(header).length) rules.header = header;
  const type = dice.pick(types.slice(0, 2));
  expected["Content-Type"] = type;
  actual["content-type"] = dice.chance(0.95) ? type : dice.pick(types);
  const statusRule = dice.pick(statusRules);
  if (statusRule) rules.status = { matchers: [statusRule], combine: "AND" };
  const reply = mutated(dice, body);
  return {
    expected: { status: n("200"), headers: expected, body, rules },
    reply: { status: dice.chance(0.95) ? 200 : dice.pick([201, 202, 204 + 1, 302, 404]), headers: actual, body: dump(reply.body) ?? "" },
    mutation: reply.mutation,
    body,
    actual: reply.body,
  };
}

// Files with an even number are V4, the others V3.
export function contract(seed, size, file) {
  const dice = random(seed);
  const v4 = file % 2 === 0;
  const cases = [];
  const interactions = [];
  for (let index = 0; index < size; index++) {
    const one = response(dice);
    const name = `case ${file}-${index}`;
    const path = `/${file}/${index}`;
    const { status, body, rules } = one.expected;
    const map = Object.fromEntries(Object.entries(one.expected.headers).map(([key, value]) => [key, v4 ? [value].flat() : [value].flat().join(", ")]));
    interactions.push({
      ...(v4 ? { type: "Synchronous/HTTP" } : {}),
      description: name,
      request: { method: "GET", path },
      response: {
        status, headers: map, matchingRules: rules,
        body: v4 ? { content: body, contentType: one.expected.headers["Content-Type"], encoded: false } : body,
      },
    });
    cases.push({ name, path, v4, kind: body === one.body ? "JSON reply" : "text reply", mutation: one.mutation, expected: dump({ headers: map, body, rules }),
      reply: one.reply, shown: `${one.reply.status} ${JSON.stringify(one.reply.headers)} ${one.reply.body}`, parts: one.expected });
  }
  const pact = dump({ consumer: { name: "differential" }, provider: { name: "replies" }, interactions,
    metadata: { pactSpecification: { version: v4 ? "4.0" : "3.0.0" } } });
  return { pact, cases };
}
