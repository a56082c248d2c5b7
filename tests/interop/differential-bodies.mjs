// SPDX-License-Identifier: Apache-2.0
// XML, form and multipart bodies with rules, each with a copy that was changed somewhere. A body is
// { kind, type, text, rules, header, actualType, actual, mutation }; `header` is a rule of the Content-Type.
import { n } from "./differential-cases.mjs";

const rule = (...matchers) => ({ matchers, combine: "AND" });

// Rules of texts: an example, the rule, and what may come instead.
const texts = [
  ["Ada", null, ["Ada", "Bob", "ada", ""]],
  ["Ada", { match: "type" }, ["Bob", "12", ""]],
  ["tx-0001", { match: "regex", regex: "tx-[0-9]{4}" }, ["tx-0042", "tx-1", "TX-0001"]],
  ["42", { match: "integer" }, ["7", "1.5", "many", "+7", "007", "-5"]],
  ["1.5", { match: "decimal" }, ["2.25", "x", "inf", ".5", "5.", "1e3", "7"]],
  ["12", { match: "number" }, ["1.5", "twelve", "NaN", "+1", "-1.5", "0x10"]],
  ["banana", { match: "include", value: "nan" }, ["nan", "NaN"]],
  ["2024-02-29", { match: "date", format: "yyyy-MM-dd" }, ["2023-12-31", "2023-02-29"]],
  ["true", { match: "boolean" }, ["false", "yes"]],
  ["x & y", null, ["x & y", "x &amp; y", "x"]],
  [" a b ", null, ["a b", " a  b "]],
];

// ---- XML: an element is { name, attributes, children, text } ----

const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");

function element(name, attributes = {}, children = [], text = null) {
  return { name, attributes, children, text };
}

function write(one, style = {}) {
  const attributes = Object.entries(one.attributes).map(([key, value]) => ` ${key}="${escape(value)}"`).join("");
  const text = one.text === null ? "" : style.cdata ? `<![CDATA[${one.text}]]>` : escape(one.text);
  const space = style.space && one.children.length ? "\n  " : "";
  const comment = style.comment ? "<!-- note -->" : "";
  const inner = one.children.map((child) => space + comment + write(child, style)).join("") + space + text;
  return inner ? `<${one.name}${attributes}>${inner}</${one.name}>` : `<${one.name}${attributes}/>`;
}

function leaf(dice, at, name, rules) {
  const [text, own] = dice.pick(texts);
  const path = `${at}.${name}`;
  const attributes = {};
  if (own) rules[`${path}['#text']`] = rule(own);
  if (dice.chance(0.4)) {
    const [value, matcher] = dice.pick(texts);
    attributes.id = value;
    if (matcher) rules[`${path}['@id']`] = rule(matcher);
  }
  if (dice.chance(0.15)) attributes.lang = "en";
  return element(name, attributes, [], text);
}

function tree(dice, at, name, rules, depth) {
  const path = `${at}.${name}`;
  const one = element(name);
  if (dice.chance(0.3)) one.attributes.version = "1";
  for (const child of ["id", "name", "item"]) {
    if (!dice.chance(0.6)) continue;
    const made = depth > 0 && dice.chance(0.35) ? tree(dice, path, child, rules, depth - 1) : leaf(dice, path, child, rules);
    one.children.push(made);
    if (child === "item" && dice.chance(0.4)) {
      rules[`${path}.${child}`] = rule({ match: "type", ...(dice.chance(0.3) ? { min: n("1") } : {}) });
      if (dice.chance(0.4)) one.children.push(structuredClone(made));
    }
  }
  return one;
}

function all(one, found = []) {
  found.push(one);
  for (const child of one.children) all(child, found);
  return found;
}

const xmlMutations = {
  "nothing": () => ({}),
  "space": () => ({ space: true }),
  "comments": () => ({ comment: true }),
  "cdata": () => ({ cdata: true }),
  "text": (dice, one) => { one.text = dice.pick(dice.pick(texts)[2]); },
  "attribute": (dice, one) => { for (const key of Object.keys(one.attributes)) one.attributes[key] = dice.pick(dice.pick(texts)[2]); },
  "attribute missing": (dice, one) => { one.attributes = {}; },
  "attribute extra": (dice, one) => { one.attributes.extra = "1"; },
  "child missing": (dice, one) => { one.children.pop(); },
  "child extra": (dice, one) => { one.children.push(element("extra", {}, [], "1")); },
  "child twice": (dice, one) => { if (one.children.length) one.children.push(structuredClone(dice.pick(one.children))); },
  "children turned": (dice, one) => { one.children.reverse(); },
  "name": (dice, one) => { one.name = "other"; },
};

function xml(dice) {
  const rules = {};
  const root = tree(dice, "$", "order", rules, 2);
  const actual = structuredClone(root);
  const mutation = dice.chance(0.2) ? "nothing" : dice.pick(Object.keys(xmlMutations));
  const style = xmlMutations[mutation](dice, dice.pick(all(actual))) ?? {};
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
  const type = dice.pick(["application/xml", "text/xml", "application/xml; charset=utf-8"]);
  return { kind: "XML", type, text: declaration + write(root), rules,
    actualType: dice.chance(0.9) ? type : dice.pick(["application/xml", "text/xml", "text/plain"]),
    actual: (dice.chance(0.8) ? declaration : "") + write(actual, style), mutation };
}

// ---- forms ----

export const encode = (text) => encodeURIComponent(text).replace(/%20/g, "+");

const formMutations = {
  "nothing": () => {},
  "another value": (dice, pairs) => { if (pairs.length) dice.pick(pairs)[1] = dice.pick(dice.pick(texts)[2]); },
  "a like value": (dice, pairs) => {
    const pair = pairs.length && dice.pick(pairs);
    if (pair) pair[1] = dice.pick((texts.find(([text]) => text === pair[1]) ?? texts[0])[2]);
  },
  "missing": (dice, pairs) => { pairs.splice(dice.below(pairs.length || 1), 1); },
  "extra": (dice, pairs) => { pairs.push(["extra", "1"]); },
  "twice": (dice, pairs) => { if (pairs.length) pairs.push([...dice.pick(pairs)]); },
  "turned": (dice, pairs) => { pairs.reverse(); },
};

export function fields(dice, rules, at) {
  const pairs = [];
  for (const name of ["a", "b", "a[]", "f[x]", "q q"]) {
    if (!dice.chance(0.4)) continue;
    const [value, own] = dice.pick(texts);
    pairs.push([name, value]);
    if (own && (/^\w+$/.test(name) || dice.chance(0.5))) rules[at(name)] = rule(own);
    if (dice.chance(0.2)) pairs.push([name, dice.chance(0.5) ? value : "second"]);
  }
  return pairs;
}

export function changed(dice, pairs) {
  const actual = pairs.map((pair) => [...pair]);
  const mutation = dice.chance(0.25) ? "nothing" : dice.pick(Object.keys(formMutations));
  formMutations[mutation](dice, actual);
  return { actual, mutation };
}

const pairText = (pairs) => pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");

function form(dice) {
  const rules = {};
  const pairs = fields(dice, rules, (name) => (/^\w+$/.test(name) ? `$.${name}` : `$['${name}']`));
  if (!pairs.length) pairs.push(["a", "1"]);
  const { actual, mutation } = changed(dice, pairs);
  const type = "application/x-www-form-urlencoded";
  return { kind: "form", type, text: pairText(pairs), rules, actualType: type, actual: pairText(actual), mutation };
}

// ---- multipart: a part is { name, file, type, text } ----

function partText({ name, file, type, text }) {
  return `Content-Disposition: form-data; name="${name}"${file ? `; filename="${file}"` : ""}\r\n` +
    `${type ? `Content-Type: ${type}\r\n` : ""}\r\n${text}`;
}

const multipartText = (parts, boundary) => parts.map((part) => `--${boundary}\r\n${partText(part)}\r\n`).join("") + `--${boundary}--\r\n`;

const multipartMutations = {
  "nothing": () => {},
  "another value": (dice, parts) => { dice.pick(parts).text = dice.pick(["Bob", "tx-0042", "{\"id\":2}", "{\"id\":\"x\"}", ""]); },
  "missing": (dice, parts) => { if (parts.length > 1) parts.splice(dice.below(parts.length), 1); },
  "extra": (dice, parts) => { parts.push({ name: "extra", text: "1" }); },
  "turned": (dice, parts) => { parts.reverse(); },
  "renamed": (dice, parts) => { dice.pick(parts).name = "other"; },
  "a file": (dice, parts) => { dice.pick(parts).file = "x.txt"; },
  "another type": (dice, parts) => { dice.pick(parts).type = dice.pick(["text/plain", "application/json", "text/html"]); },
};

function multipart(dice) {
  const rules = {};
  const parts = [];
  if (dice.chance(0.7)) {
    const [text, own] = dice.pick(texts.filter(([, , others]) => !others.includes("x")));
    parts.push({ name: "title", text });
    if (own) rules["$.title"] = rule(own);
  }
  if (dice.chance(0.7)) {
    parts.push({ name: "data", file: dice.chance(0.5) ? "data.json" : null, type: "application/json", text: '{"id":1,"name":"Ada"}' });
    if (dice.chance(0.5)) rules["$.data.id"] = rule({ match: "integer" });
  }
  if (!parts.length || dice.chance(0.3)) parts.push({ name: "note", file: "note.txt", type: "text/plain", text: "hello" });
  const actual = structuredClone(parts);
  const mutation = dice.chance(0.25) ? "nothing" : dice.pick(Object.keys(multipartMutations));
  multipartMutations[mutation](dice, actual);
  return { kind: "multipart", type: "multipart/form-data; boundary=expected", text: multipartText(parts, "expected"), rules,
    header: rule({ match: "regex", regex: "multipart/form-data;(\\s*charset=[^;]*;)?\\s*boundary=.*" }),
    actualType: "multipart/form-data; boundary=actual", actual: multipartText(actual, "actual"), mutation };
}

export const bodies = { xml, form, multipart };
