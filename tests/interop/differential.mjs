// SPDX-License-Identifier: Apache-2.0
// Generated contracts and changed requests, replies and messages, judged by the stock tools and by tally:
//   node differential.mjs FOLDER TALLY PACT [SEED [FILES [PER-FILE]]]
// Exit 1 when they disagree about an interaction and no row of `explained` says why.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { contract } from "./differential-cases.mjs";
import { explained } from "./differential-explained.mjs";
import { ourMatch, ourVerifier, startMocks, stockMock, stockVerifier } from "./differential-judges.mjs";
import { requests } from "./differential-requests.mjs";
import { documents, messages } from "./differential-replies.mjs";

const [folder, tally, pact, seed = "1", files = "4", perFile = "60"] = process.argv.slice(2);
console.log(`seed ${seed}, ${files} files of ${perFile} cases`);
const replies = new Map();
const server = http.createServer((request, response) => {
  let asked = "";
  request.on("data", (part) => (asked += part));
  request.on("end", () => {
    // Who makes messages is asked at "/", with the message's description.
    const reply = replies.get(request.url === "/" ? JSON.parse(asked).description : request.url);
    if (!reply) return response.writeHead(599).end();
    response.writeHead(reply.status, reply.headers).end(reply.body);
  });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address();
const mocks = await startMocks(pact, folder);

async function judgeReplies({ pact: document, cases }, file) {
  const name = path.join(folder, `pact-${file}.json`);
  fs.writeFileSync(name, document);
  for (const one of cases) replies.set(one.path, one.reply);
  return Promise.all([stockVerifier(pact, name, port, path.join(folder, `stock-${file}.json`)),
    ourVerifier(tally, name, port, path.join(folder, `ours-${file}.json`))]);
}

async function stockMocks(contracts) {
  const verdicts = [];
  for (const { pact: document, cases } of contracts) verdicts.push(...await stockMock(mocks, document, cases));
  return new Map(verdicts);
}

async function judgeRequests({ cases, contracts }) {
  return Promise.all([stockMocks(contracts), ourMatch(tally, cases, folder)]);
}

// What is generated, how it is judged, and its share of the files.
const sorts = [
  { make: contract, judge: judgeReplies, share: 1 },
  { make: documents, judge: judgeReplies, share: 0.5 },
  { make: messages, judge: judgeReplies, share: 0.5 },
  { make: requests, judge: judgeRequests, share: 0.75 },
];

const empty = () => ({ compared: 0, "both accept": 0, "both reject": 0, explained: 0, unexplained: 0 });
const counts = new Map();
const reasons = new Map();

function count(one, what) {
  if (!counts.has(one.kind)) counts.set(one.kind, empty());
  counts.get(one.kind)[what]++;
}

function compare(one, theirs, ours) {
  count(one, "compared");
  if (theirs.ok === ours.ok) return count(one, theirs.ok ? "both accept" : "both reject");
  const rejects = theirs.ok ? "tally" : "stock";
  const differences = (theirs.ok ? ours : theirs).differences;
  const rows = differences.map((difference) => explained.find((row) => row.rejects === rejects && row.when(difference, one)));
  const known = rows.length > 0 && rows.every(Boolean);
  count(one, known ? "explained" : "unexplained");
  if (known) for (const row of new Set(rows)) reasons.set(row.reason, (reasons.get(row.reason) ?? 0) + 1);
  else
    console.log(`UNEXPLAINED ${one.kind}, ${one.name} (${one.mutation}): ${rejects} rejects\n  expected ${one.expected}\n  actual ${one.shown}\n` +
      differences.map((difference, i) => `  ${rows[i]?.reason ?? "no row"}: ${JSON.stringify(difference)}\n`).join("") +
      (differences.length ? "" : `  ${JSON.stringify(theirs.why ?? ours.why)}`));
}

let number = 0;
for (const { make, judge, share } of sorts) {
  for (let file = 0; file < Math.max(1, Math.round(Number(files) * share)); file++, number++) {
    const made = make(Number(seed) * 1000 + number, Number(perFile), file);
    const [stock, ours] = await judge(made, number);
    for (const one of made.cases) {
      const [a, b] = [stock.get(one.name), ours.get(one.name)];
      if (!a || !b) throw new Error(`${one.name} has no verdict by ${a ? "tally" : "the stock tool"}`);
      compare(one, a, b);
    }
  }
}
server.close();
server.closeAllConnections();

const rows = [...counts, ["all", Object.fromEntries(Object.keys(empty()).map((key) => [key, [...counts.values()].reduce((sum, row) => sum + row[key], 0)]))]];
for (const [kind, row] of rows) console.log(`${kind}: ${Object.entries(row).map(([key, value]) => `${value} ${key}`).join(", ")}`);
for (const [reason, times] of reasons) console.log(`  ${times} × ${reason}`);
// A comparison in which one verdict hardly occurs would prove nothing.
const thin = rows.filter(([, row]) => Math.min(row["both accept"], row["both reject"]) * 10 < row.compared);
for (const [kind] of thin) console.log(`too few of one verdict for ${kind}: the generator is out of balance`);
process.exit(rows.at(-1)[1].unexplained || thin.length ? 1 : 0);
