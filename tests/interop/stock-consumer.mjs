// SPDX-License-Identifier: Apache-2.0
// Consumer tests with the stock JavaScript library; writes pacts in V3 and V4 into argv[2].
import { createRequire } from "node:module";
import http from "node:http";
import assert from "node:assert";
const require = createRequire(process.argv[3] + "/");
const { PactV3, PactV4, MatchersV3 } = require("@pact-foundation/pact");
const { like, eachLike, regex, integer, decimal } = MatchersV3;
const dir = process.argv[2];

function get(url) {
  return new Promise((resolve, reject) => {
    http.get(url, (reply) => {
      let text = "";
      reply.on("data", (part) => (text += part));
      reply.on("end", () => resolve({ status: reply.statusCode, body: text ? JSON.parse(text) : null }));
    }).on("error", reject);
  });
}

const transaction = {
  id: regex(/tx-[0-9]{4}/, "tx-0001"),
  amount: decimal(12.5),
  currency: regex("[A-Z]{3}", "EUR"),
};

const v3 = new PactV3({ consumer: "stock-v3", provider: "mobile-bff", dir, logLevel: "error" });
v3.given("the wallet has 25 transactions")
  .uponReceiving("TransactionRepository.page: first page")
  .withRequest({ method: "GET", path: "/v1/transactions", query: { limit: "5" } })
  .willRespondWith({
    status: 200,
    headers: { "Content-Type": "application/json" },
    body: { items: eachLike(transaction, 2), nextCursor: like("abc") },
  });
await v3.executeTest(async (mock) => {
  assert.equal((await get(mock.url + "/v1/transactions?limit=5")).body.items.length, 2);
});

const v4 = new PactV4({ consumer: "stock-v4", provider: "mobile-bff", dir, logLevel: "error" });
await v4
  .addInteraction()
  .given("transaction tx-0007 exists")
  .uponReceiving("TransactionRepository.detail: a transaction")
  .withRequest("GET", "/v1/transactions/tx-0007")
  .willRespondWith(200, (reply) => reply.jsonBody(transaction))
  .executeTest(async (mock) => {
    assert.equal((await get(mock.url + "/v1/transactions/tx-0007")).status, 200);
  });
await v4
  .addInteraction()
  .given("the user is signed in")
  .uponReceiving("UserRepository.me: signed-in user")
  .withRequest("GET", "/v1/me", (request) => request.headers({ Accept: "application/json" }))
  .willRespondWith(200, (reply) => reply.jsonBody({ id: like("usr-0001"), displayName: like("Ada") }))
  .executeTest(async (mock) => {
    const reply = await new Promise((resolve, reject) =>
      http.get(mock.url + "/v1/me", { headers: { Accept: "application/json" } }, resolve).on("error", reject));
    assert.equal(reply.statusCode, 200);
    reply.resume();
  });
