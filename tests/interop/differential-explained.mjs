// SPDX-License-Identifier: Apache-2.0
// Where Tally differs from the stock verifier on purpose; docs/DIFFERENCES.md says why, by the same names.
// `rejects` is the side that finds a difference the other does not, and `when` recognises that difference:
// a disagreement is explained when all that the rejecting side says about it is.
const lists = /^(accept|accept-encoding|accept-language|allow|cache-control|if-match|if-none-match|vary|access-control-.*)$/i;

const steps = (path) =>
  [...path.matchAll(/\.([^.[]+)|\['([^']*)'\]|\[(\d+|\*)\]/g)].map(([, name, quoted, index]) => name ?? quoted ?? index);

// Rules with combine OR at this path or above it: they are inherited by what is below.
function alternatives(one, path) {
  const at = steps(path ?? "");
  return Object.entries(one.parts.rules.body ?? {}).filter(([key, rule]) => rule.combine === "OR" &&
    steps(key).length <= at.length && steps(key).every((step, i) => step === "*" || step === at[i]));
}

const holdsMany = (text) => /^[{[]/.test(text ?? "");
const offset = /^Expected '.*\+13:00' to match a timestamp pattern .*InvalidHour/s;

export const explained = [
  {
    reason: "a list header written as one value",
    rejects: "stock",
    when: (difference, one) => difference.type === "HeaderMismatch" && lists.test(difference.key) && one.v4 &&
      one.parts.headers[difference.key].includes(","),
  },
  {
    reason: "the JSON document null",
    rejects: "stock",
    when: (difference, one) => one.parts.body === null && one.reply.body === "null" &&
      difference.mismatch.startsWith("Expected empty body but received Present(4 bytes"),
  },
  {
    reason: "rules with an empty example",
    rejects: "tally",
    // Under eachValue the actual item stands for the example that is not there.
    when: (difference, one) => (difference.expected === difference.actual && /"match":"eachValue"/.test(one.rules) &&
      /\[\]/.test(one.expected)) || difference.expected === "[]" &&
      /^Expected \[.*\] \((size \d+\) to have (minimum|maximum) size of \d+|Array\) to be not empty)$/s.test(difference.mismatch),
  },
  {
    reason: "null under a regular expression",
    rejects: "tally",
    when: (difference) => difference.actual === "null" && /(^|, or: )Expected 'null' to match /.test(difference.mismatch),
  },
  {
    reason: "OR at a map or a list",
    rejects: "stock",
    when: (difference, one) => holdsMany(difference.expected) && alternatives(one, difference.path).length > 0,
  },
  {
    reason: "UTC offsets beyond 12 hours",
    rejects: "stock",
    when: (difference, one) => offset.test(difference.mismatch) ||
      /^Variant at index \d+ \(.*\+13:00/s.test(difference.mismatch) ||
      // The other alternatives need not hold, once the date does.
      (difference.actual?.includes("+13:00") && alternatives(one, difference.path).length > 0),
  },
  {
    reason: "negative integers in text",
    rejects: "stock",
    when: (difference) => difference.type === "HeaderMismatch" && /Expected '-\d+' to match an integer number$/.test(difference.mismatch),
  },
  {
    reason: "integers beyond 64 bits",
    rejects: "stock",
    when: (difference, one) => one.reply.body.includes("18446744073709551617") &&
      /1\.8446744073709552e\+?19/.test(`${difference.mismatch} ${difference.actual}`),
  },
  {
    reason: "rules of scalars that a map inherits",
    rejects: "stock",
    when: (difference, one) => /^Unable to match \{.*\} using (?!Null)\w+/s.test(difference.mismatch) &&
      !Object.keys(one.parts.rules.body).some((key) => steps(key).join("\n") === steps(difference.path).join("\n")),
  },
  {
    reason: "minus zero",
    rejects: "stock",
    when: (difference) => /^Expected -0\.0 \(Decimal\) to be an integer$/.test(difference.mismatch),
  },
];
