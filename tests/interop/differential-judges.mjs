// SPDX-License-Identifier: Apache-2.0
// The two sides of each comparison. A verdict is { ok, differences }: what the side says is wrong.
import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import { dump } from "./differential-cases.mjs";

// The verifiers' output is of no use here: only the report counts, and a missing one is an error.
function run(command, options, input = "") {
  return new Promise((resolve, reject) => {
    const child = spawn(command, options, { stdio: ["pipe", "pipe", "pipe"] });
    let out = "";
    let said = "";
    child.stdout.on("data", (part) => (out += part));
    child.stderr.on("data", (part) => (said += part));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, said }));
    child.stdin.on("error", () => {}); // who does not read it says why on stderr
    child.stdin.end(input);
  });
}

// Both verifiers write the same report: `interactionResults` has the verdicts, `errors` what was wrong.
async function verify(command, options, report) {
  const { code, said } = await run(command, [...options, "--json", report]);
  if (code > 1 || !fs.existsSync(report)) throw new Error(`${command} gave ${code} and no report: ${said}`);
  const { errors, interactionResults } = JSON.parse(fs.readFileSync(report, "utf8"));
  const whys = new Map(errors.map(({ interaction, mismatch }) => [interaction.replace(/^.* - /, ""), mismatch]));
  return new Map(interactionResults.map(({ description, result }) => {
    if (!/^(ok|error)$/i.test(result)) throw new Error(`${description} has the result ${result}`);
    const why = whys.get(description);
    return [description, { ok: result === "OK", differences: why?.mismatches ?? [], why }];
  }));
}

export const stockVerifier = (pact, file, port, report) =>
  verify(pact, ["verifier", "--file", file, "--hostname", "127.0.0.1", "--port", String(port), "--no-colour"], report);
export const ourVerifier = (tally, file, port, report) =>
  verify(tally, ["verify", "--file", file, "--provider-base-url", `http://127.0.0.1:${port}`], report);

// The function for every item, several at a time.
async function each(items, width, work) {
  const left = [...items];
  await Promise.all(Array.from({ length: width }, async () => {
    while (left.length) await work(left.shift());
  }));
}

// ---- requests: the stock mock server, and `tally match` ----

export async function startMocks(pact, folder) {
  const child = spawn(pact, ["mock", "--host", "127.0.0.1", "--port", "0", "--no-file-log", "--no-term-log", "start", "--output", folder],
    { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const port = await new Promise((resolve, reject) => {
    let said = "";
    const listen = (part) => {
      said += part;
      const found = /started on port (\d+)/.exec(said);
      if (found) resolve(Number(found[1]));
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.on("close", (code) => reject(new Error(`the stock mock server gave ${code}: ${said}`)));
  });
  // It is a script that starts the server, so both go, however this one ends.
  process.on("exit", () => child.exitCode === null && process.kill(-child.pid));
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));
  return port;
}

function send(port, { method, path, query = null, headers = {}, body = null }) {
  return new Promise((resolve, reject) => {
    const target = path + (query === null ? "" : `?${query}`);
    const request = http.request({ host: "127.0.0.1", port, method, path: target, headers, agent: false }, (reply) => {
      let text = "";
      reply.on("data", (part) => (text += part));
      reply.on("end", () => resolve({ status: reply.statusCode, headers: reply.headers, text }));
    });
    request.on("error", (error) => reject(new Error(`${method} ${target} at port ${port}: ${error.message}`)));
    request.end(body ?? undefined);
  });
}

// The stock program breaks off when it is asked for a mock server whose id consists of digits; then it makes another.
async function makeMock(mocks, document) {
  const answer = await send(mocks, { method: "POST", path: "/", headers: { "content-type": "application/json" }, body: document });
  if (answer.status !== 200) throw new Error(`no stock mock server: ${answer.status} ${answer.text}`);
  const made = JSON.parse(answer.text).mockServer;
  return /^\d+$/.test(made.id) ? makeMock(mocks, document) : made;
}

// What was wrong is told by the path of the interaction that came closest, which no two cases share.
export async function stockMock(mocks, document, cases) {
  const { id, port } = await makeMock(mocks, document);
  const verdicts = new Map();
  await each(cases, 2, async (one) => {
    const reply = await send(port, one.sent);
    const how = reply.headers["x-pact"];
    if (reply.status !== 222 && !how) throw new Error(`${one.name}: the stock mock server answers ${reply.status}`);
    verdicts.set(one.name, { ok: reply.status === 222, differences: [], why: how });
  });
  const summary = await send(mocks, { method: "POST", path: `/mockserver/${id}/verify` });
  const said = summary.text ? JSON.parse(summary.text).mismatches : [];
  for (const one of cases) {
    const verdict = verdicts.get(one.name);
    if (verdict.ok) continue;
    const found = said.find(({ type, path }) => type === "request-mismatch" && path === one.wanted.path);
    verdict.differences = found?.mismatches ?? [{ type: "NoRequest", mismatch: verdict.why }];
  }
  await send(mocks, { method: "DELETE", path: `/mockserver/${id}` });
  return verdicts;
}

const types = { method: "MethodMismatch", path: "PathMismatch", query: "QueryMismatch", header: "HeaderMismatch", body: "BodyMismatch",
  "body-content-type": "BodyTypeMismatch" };

export async function ourMatch(tally, cases, folder) {
  const verdicts = new Map();
  await each(cases, 2, async (one) => {
    const expected = `${folder}/${one.name}.json`;
    fs.writeFileSync(expected, dump(one.wanted));
    const { code, out, said } = await run(tally, ["match", "--part", "request", "--spec", one.spec, "--expected", expected, "--actual", "-"], dump(one.got));
    if (code === 2 || code > 3) throw new Error(`${one.name}: tally match gave ${code}: ${said}\n${dump(one.wanted)}\n${dump(one.got)}`);
    const { ok, mismatches, error } = JSON.parse(out);
    const differences = (mismatches ?? []).map(({ kind, path, message, ...rest }) =>
      ({ type: types[kind], path, key: path, parameter: path, mismatch: message, ...rest }));
    verdicts.set(one.name, { ok: ok === true, differences, why: error });
  });
  return verdicts;
}
