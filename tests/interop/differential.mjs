// SPDX-License-Identifier: Apache-2.0
// Generated contracts and mutated replies, judged by the stock verifier and by `tally verify`:
//   node differential.mjs FOLDER TALLY PACT [SEED [FILES [PER-FILE]]]
// Exit 1 when they disagree about an interaction and no row of `explained` says why.
import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { contract } from "./differential-cases.mjs";
import { explained } from "./differential-explained.mjs";

const [folder, tally, pact, seed = "1", files = "4", perFile = "60"] = process.argv.slice(2);
const replies = new Map();

// The stock verifier's output is of no use here: only its report counts, and a missing one is an error.
function run(command, options, report) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, options, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (part) => (said += part));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code > 1 || !fs.existsSync(report)) reject(new Error(`${command} gave ${code} and no report: ${said}`));
      else resolve(JSON.parse(fs.readFileSync(report, "utf8")));
    });
  });
}

// Both write the same report: `interactionResults` has the verdicts, `errors` what was wrong.
function verdicts(report) {
  const whys = new Map(report.errors.map(({ interaction, mismatch }) => [interaction.replace(/^.* - /, ""), mismatch]));
  return new Map(report.interactionResults.map(({ description, result }) => {
    if (!/^(ok|error)$/i.test(result)) throw new Error(`${description} has the result ${result}`);
    return [description, { ok: result === "OK", why: whys.get(description) }];
  }));
}

const server = http.createServer((request, response) => {
  request.resume();
  const reply = replies.get(request.url);
  if (!reply) return response.writeHead(599).end();
  response.writeHead(reply.status, reply.headers).end(reply.body);
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address();

const count = { compared: 0, both_pass: 0, both_fail: 0, explained: 0, unexplained: 0 };
const reasons = new Map();
for (let file = 0; file < Number(files); file++) {
  const { pact: document, cases } = contract(Number(seed) * 1000 + file, Number(perFile), file);
  const name = path.join(folder, `pact-${file}.json`);
  fs.writeFileSync(name, document);
  for (const one of cases) replies.set(one.path, one.reply);
  const [stock, ours] = [path.join(folder, `stock-${file}.json`), path.join(folder, `ours-${file}.json`)];
  const theirs = verdicts(await run(pact, ["verifier", "--file", name, "--hostname", "127.0.0.1", "--port", String(port),
    "--no-colour", "--json", stock], stock));
  const mine = verdicts(await run(tally, ["verify", "--file", name, "--provider-base-url", `http://127.0.0.1:${port}`,
    "--json", ours], ours));
  for (const one of cases) {
    const [a, b] = [theirs.get(one.name), mine.get(one.name)];
    if (!a || !b) throw new Error(`${one.name} of ${name} has no verdict by ${a ? "tally" : "the stock verifier"}`);
    count.compared++;
    if (a.ok === b.ok) {
      count[a.ok ? "both_pass" : "both_fail"]++;
      continue;
    }
    const rejects = a.ok ? "tally" : "stock";
    const rows = ((a.ok ? b : a).why?.mismatches ?? []).map((difference) =>
      explained.find((row) => row.rejects === rejects && row.when(difference, one)));
    const known = rows.length > 0 && rows.every(Boolean);
    count[known ? "explained" : "unexplained"]++;
    if (known) for (const row of new Set(rows)) reasons.set(row.reason, (reasons.get(row.reason) ?? 0) + 1);
    else
      console.log(`UNEXPLAINED ${one.name} (seed ${seed}, mutation ${one.mutation}): stock ${a.ok ? "accepts" : "rejects"}, ` +
        `tally ${b.ok ? "accepts" : "rejects"}\n  expected ${one.expected}\n  rules ${one.rules}\n  ` +
        `actual ${one.reply.status} ${JSON.stringify(one.reply.headers)} ${one.reply.body}\n  why ${JSON.stringify(a.why ?? b.why)}`);
  }
}
server.close();
server.closeAllConnections();
console.log(Object.entries(count).map(([key, value]) => `${value} ${key}`).join(", "));
for (const [reason, times] of reasons) console.log(`  ${times} × ${reason}`);
// A comparison in which one verdict hardly occurs would prove nothing.
const thin = Math.min(count.both_pass, count.both_fail) * 10 < count.compared;
if (thin) console.log("too few of one verdict: the generator is out of balance");
process.exitCode = count.unexplained || thin ? 1 : 0;
