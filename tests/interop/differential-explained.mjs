// SPDX-License-Identifier: Apache-2.0
// Where Tally differs from the stock verifier on purpose; docs/DIFFERENCES.md says why, by the same names.
// `rejects` is the side that finds a difference the other does not, and `when` recognises that difference:
// a disagreement is explained when all that the rejecting side says about it is.
const lists = /^(accept|accept-encoding|accept-language|allow|cache-control|if-match|if-none-match|vary|access-control-.*)$/i;

const steps = (path) =>
  [...path.matchAll(/\.([^.[]+)|\['([^']*)'\]|\[(\d+|\*)\]/g)].map(([, name, quoted, index]) => name ?? quoted ?? index);

// Rules of the body at this path or above it, from where they are inherited.
function rulesAt(one, path) {
  const at = steps(path ?? "");
  return Object.entries(one.parts.rules.body ?? {}).map(([key, rule]) => ({ ...rule, steps: steps(key) }))
    .filter((rule) => rule.steps.length <= at.length && rule.steps.every((step, i) => step === "*" || step === at[i]));
}

const alternatives = (one, path) => rulesAt(one, path).filter((rule) => rule.combine === "OR");
const has = (rule, test) => rule.matchers.some(test);

// The example at a path; items that it does not have are like its first.
const example = (one, at) => at.reduce((value, step) => (Array.isArray(value) ? value[step] ?? value[0] : value?.[step]), one.parts.body);

const sentBody = (one) => (one.reply ?? one.sent).body ?? "";
const holdsMany = (text) => /^[{[]/.test(text ?? "");
const offset = /^Expected '.*\+13:00' to match a timestamp pattern .*InvalidHour/s;
const inVariant = (one, path, test) => rulesAt(one, path).some((rule) =>
  has(rule, ({ variants }) => variants?.some(({ rules }) => Object.values(rules).some((own) => has(own, test)))));
const dayOfYear = (matcher) => matcher.match === "date" && matcher.format === "DDD";
const offsetDate = (matcher) => /^(datetime|timestamp)$/.test(matcher.match) && /X$/.test(matcher.format);

export const explained = [
  {
    reason: "a list header written as one value",
    rejects: "stock",
    when: (difference, one) => difference.type === "HeaderMismatch" && lists.test(difference.key) && one.v4 &&
      /to be equal to .* for value at index \d+$/.test(difference.mismatch) && one.parts.headers?.[difference.key]?.includes(","),
  },
  {
    reason: "the JSON document null",
    rejects: "stock",
    when: (difference, one) => one.parts.body === null && one.reply?.body === "null" &&
      difference.mismatch.startsWith("Expected empty body but received Present(4 bytes"),
  },
  {
    reason: "rules with an empty example",
    rejects: "tally",
    // Under eachValue the actual item stands for the example that is not there.
    when: ({ expected, actual, mismatch, path }, one) => (expected === actual && rulesAt(one, path).some((rule) =>
      has(rule, ({ match }) => match === "eachValue") && example(one, rule.steps)?.length === 0)) ||
      (expected === "[]" && /^Expected \[.*\] \((size \d+\) to have (minimum|maximum) size of \d+|Array\) to be not empty)$/s.test(mismatch)),
  },
  {
    reason: "null under a regular expression",
    rejects: "tally",
    when: (difference) => difference.actual === "null" && /(^|, or: )Expected 'null' to match /.test(difference.mismatch),
  },
  {
    reason: "OR at a map or a list",
    rejects: "stock",
    when: ({ expected, mismatch, path }, one) => holdsMany(expected) &&
      alternatives(one, path).some((rule) => has(rule, ({ match }) => match === "null")) &&
      /^(Unable to match .* using Null$|Type mismatch: Expected null \(Null\) to be the same type as )/s.test(mismatch),
  },
  {
    reason: "UTC offsets beyond 12 hours",
    rejects: "stock",
    when: ({ actual, mismatch, path }, one) => offset.test(mismatch) ||
      (/^Variant at index \d+ \(.*\+13:00/s.test(mismatch) && inVariant(one, path, offsetDate)) ||
      // The other alternatives need not hold, once the date does.
      (actual?.includes("+13:00") && alternatives(one, path).some((rule) => has(rule, offsetDate))),
  },
  {
    reason: "the 366th day of a year",
    rejects: "stock",
    when: ({ actual, mismatch, path }, one) => /^Expected '366' to match a date pattern of 'DDD': Error\(InvalidDayInYear/.test(mismatch) ||
      (/^Variant at index /.test(mismatch) && JSON.stringify(actual).includes("366") && inVariant(one, path, dayOfYear)) ||
      (actual === '"366"' && alternatives(one, path).some((rule) => has(rule, dayOfYear))),
  },
  {
    reason: "names of header parameters in another case",
    rejects: "stock",
    when: ({ type, key, expected, actual }) => type === "HeaderMismatch" && /^(accept|content-type)$/i.test(key) && expected !== actual &&
      expected.split(";")[0] === actual.split(";")[0] && expected.toLowerCase() === actual.toLowerCase(),
  },
  {
    reason: "negative integers in text",
    rejects: "stock",
    when: ({ mismatch }) => /(^|: )Expected '-\d+' to match an integer number$/.test(mismatch), // of JSON it says "to be an integer"
  },
  {
    reason: "integers beyond 64 bits",
    rejects: "stock",
    when: (difference, one) => sentBody(one).includes("18446744073709551617") &&
      /1\.8446744073709552e\+?19/.test(`${difference.mismatch} ${difference.actual}`),
  },
  {
    reason: "rules of scalars that a map inherits",
    rejects: "stock",
    when: ({ mismatch, path }, one) => {
      const using = /^Unable to match \{.*\} using (?!Null)(\w+)/s.exec(mismatch)?.[1];
      const rules = using ? rulesAt(one, path) : [];
      return rules.length > 0 && rules.every((rule) => rule.steps.length < steps(path).length || rule.steps.includes("*"));
    },
  },
  {
    reason: "white space around an entity in XML text",
    rejects: "stock",
    // Told by the side that has no entity, whose text would be the other's but for white space.
    when: ({ path, expected, actual }, one) => /['.]#text/.test(path ?? "") && /&amp;/.test(one.expected + sentBody(one)) &&
      expected !== actual && expected?.replace(/\s*&\s*/g, "&") === actual?.replace(/\s*&\s*/g, "&"),
  },
  {
    reason: "NaN as a number in text",
    rejects: "tally",
    when: ({ mismatch }) => /^Expected '(nan|-?inf(inity)?)' to be a (decimal )?number$/i.test(mismatch),
  },
  {
    reason: "minus zero",
    rejects: "tally",
    when: (difference) => /^Expected -0 \(Integer\) to be a decimal number$/.test(difference.mismatch),
  },
  {
    reason: "minus zero",
    rejects: "stock",
    when: (difference) => /^Expected -0\.0 \(Decimal\) to be an integer$/.test(difference.mismatch),
  },
];
