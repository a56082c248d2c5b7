// SPDX-License-Identifier: Apache-2.0
// The stock JavaScript verifier with the options of the stock command line. Usage: FOLDER OPTION...
import { createRequire } from "node:module";
const require = createRequire(process.argv[2] + "/");
const { Verifier } = require("@pact-foundation/pact");

const list = (name) => (options, value) => ((options[name] ??= []).push(...value.split(",")));
const text = (name) => (options, value) => (options[name] = value);
const takers = {
  "--broker-url": text("pactBrokerUrl"),
  "--url": list("pactUrls"),
  "--webhook-callback-url": list("pactUrls"),
  "--provider-name": text("provider"),
  "--port": (options, value) => (options.providerBaseUrl = "http://127.0.0.1:" + value),
  "--user": text("pactBrokerUsername"),
  "--password": text("pactBrokerPassword"),
  "--token": text("pactBrokerToken"),
  "--consumer-version-tags": list("consumerVersionTags"),
  "--consumer-version-selectors": (options, value) => (options.consumerVersionSelectors ??= []).push(JSON.parse(value)),
  "--filter-consumer": list("consumerFilters"),
  "--include-wip-pacts-since": text("includeWipPactsSince"),
  "--provider-version": text("providerVersion"),
  "--provider-branch": text("providerVersionBranch"),
  "--provider-tags": list("providerVersionTags"),
  "--build-url": text("buildUrl"),
};
const switches = {
  "--publish": { publishVerificationResult: true },
  "--enable-pending": { enablePending: true },
  "--ignore-no-pacts-error": { failIfNoPactsFound: false },
};

const options = { logLevel: "error", failIfNoPactsFound: true };
const words = process.argv.slice(3);
while (words.length > 0) {
  const word = words.shift();
  if (word in switches) Object.assign(options, switches[word]);
  else if (word in takers) takers[word](options, words.shift());
  else throw new Error("no such option: " + word);
}
// An address of one contract is all that is asked for; the broker's own would bring its others.
if (options.pactUrls) delete options.pactBrokerUrl;
try {
  await new Verifier(options).verifyProvider();
} catch (error) {
  console.log("verification failed: " + error.message);
  process.exit(1);
}
process.exit(0);
