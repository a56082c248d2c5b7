# SPDX-License-Identifier: Apache-2.0
# Sourced by the tests of the stock verifiers, which say in verifier() how to start theirs: which contracts each
# selector brings, what pending and work in progress forgive, and what is published. Each contract asks for one path
# of its own, so that the provider knows what ran. Starting the one of JavaScript takes long: with $every_selector
# there are more rows.
. "$(dirname "$0")/../shell.sh"
. "$(dirname "$0")/npm.sh"
. "$(dirname "$0")/rows.sh"
need curl
serve_broker --webhook-scheme-whitelist http --webhook-host-whitelist 127.0.0.1 --webhook-first-delay 0

cat >"$work/provider.mjs" <<'JS'
import { createServer } from "node:http";
import { appendFileSync, readFileSync } from "node:fs";
const [asked, broken] = process.argv.slice(2);
const server = createServer((request, reply) => {
  appendFileSync(asked, request.url + "\n");
  const good = !readFileSync(broken, "utf8").split("\n").includes(request.url);
  reply.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ id: good ? 1 : 2 }));
});
server.listen(0, "127.0.0.1", () => console.log("provider listening on http://127.0.0.1:" + server.address().port));
JS
: >"$work/asked"
: >"$work/broken"
serve provider node "$work/provider.mjs" "$work/asked" "$work/broken"
port=${url##*:}

# The paths that the provider was asked for become the last line of the output.
row_verify_as() { # provider option...
    local result
    : >"$work/asked"
    verifier --provider-name "$1" --port "$port" "${@:2}"
    result=$?
    echo "asked$(sort -u "$work/asked" | sed 's/^/ /' | tr -d '\n')"
    return "$result"
}
row_verify() { row_verify_as bff --broker-url "$broker" "$@"; }
broken() { printf '%s\n' "$@" >"$work/broken"; }
publish() { # consumer version branch tag
    mkdir -p "$work/pacts"
    cat >"$work/pacts/$1.json" <<JSON
{"consumer": {"name": "$1"}, "provider": {"name": "bff"},
 "interactions": [{"description": "asks for $1 $2", "request": {"method": "GET", "path": "/$1/$2"},
   "response": {"status": 200, "body": {"id": 1}}}],
 "metadata": {"pactSpecification": {"version": "3.0.0"}}}
JSON
    expect 0 stock broker publish "pacts/$1.json" -a "$2" --branch "$3" --tag "$4"
}
publish app 1 main live
publish app 2 main built
publish app 3 feat/x dev
publish shop 1 main live
publish shop 2 main built
publish shop 3 topic dev
rows <<'ROWS'
0 create-environment --name prod --production
0 create-environment --name test
0 record-deployment -a app -e 1 --environment prod
0 record-release -a shop -e 1 --environment prod
0 record-deployment -a shop -e 2 --environment test
ROWS

# What is selected, and why.
s=--consumer-version-selectors
rows <<'ROWS'
0 verify $s '{"mainBranch":true}' | =asked /app/2 /shop/2 | main branch
0 verify $s '{"deployedOrReleased":true}' | =asked /app/1 /shop/1 /shop/2 | prod
0 verify $s '{"environment":"prod"}' | =asked /app/1 /shop/1
0 verify $s '{"branch":"feat/x"}' | =asked /app/3 | feat/x
0 verify $s '{"matchingBranch":true}' --provider-branch feat/x | =asked /app/3
0 verify $s '{"tag":"dev","latest":true}' | =asked /app/3 /shop/3 | dev
0 verify $s '{"tag":"nothing","fallbackTag":"live","latest":true}' | =asked /app/1 /shop/1
0 verify --consumer-version-tags live,built | =asked /app/1 /app/2 /shop/1 /shop/2
0 verify $s '{"mainBranch":true}' --filter-consumer shop | =asked /shop/2
1 verify $s '{"branch":"nothing"}' | =asked
0 verify $s '{"branch":"nothing"}' --ignore-no-pacts-error | =asked
1 verify $s '{"environment":"nowhere"}' | =asked | nowhere
1 verify_as nobody --broker-url $broker $s '{"mainBranch":true}' | =asked
ROWS
[ -z "${every_selector-}" ] || rows <<'ROWS'
0 verify $s '{"deployed":true}' | =asked /app/1 /shop/2
0 verify $s '{"released":true}' | =asked /shop/1
0 verify $s '{"environment":"test"}' $s '{"deployed":true,"consumer":"app"}' | =asked /app/1 /shop/2
0 verify $s '{"branch":"main","consumer":"shop"}' | =asked /shop/2
0 verify $s '{"tag":"live","latest":true,"consumer":"shop"}' | =asked /shop/1
0 verify $s '{"latest":true}' | =asked /app/3 /shop/3
0 verify $s '{"mainBranch":true}' $s '{"deployedOrReleased":true}' | =asked /app/1 /app/2 /shop/1 /shop/2
ROWS

# What is published: branch, tags, build, and each interaction's result.
main=(--publish --provider-branch main --enable-pending "$s" '{"mainBranch":true}')
rows <<'ROWS'
0 verify $s '{"mainBranch":true}' --publish --provider-version 1 --provider-branch feat/y --provider-tags a,b --build-url http://ci.example.org/1 | =asked /app/2 /shop/2
200 GET /pacticipants/bff/versions/1 | ._embedded.branchVersions[0].name === "feat/y" | ._embedded.tags.map(t => t.name).sort().join() === "a,b"
200 GET /pacts/provider/bff/consumer/app/version/2/verification-results/latest | .success === true | .completeness === "complete" | .providerApplicationVersion === "1" | .buildUrl === "http://ci.example.org/1" | .verifiedBy.implementation === "Pact-Rust" | .testResults.length === 1 | .testResults[0].success === true
0 can-i-deploy -a bff -e 1 -a app -e 2 | =app ┆ 2 ┆ bff ┆ 1 ┆ true ┆ 1
1 can-i-deploy -a app -e 1 -a bff -e 1 | There is no verified pact
ROWS

# A branch that never kept a contract may fail at it; one that did may not. Another branch's success before its
# first version counts as well, so the contract of app 4 is new to everybody.
publish app 4 main built
broken /app/4
rows <<'ROWS'
1 verify $s '{"mainBranch":true}' --publish --provider-version 2 --provider-branch main | =asked /app/4 /shop/2
200 GET /pacts/provider/bff/consumer/app/version/4/verification-results/latest | .success === false | .testResults[0].success === false | .testResults[0].mismatches.length > 0
0 verify "${main[@]}" --provider-version 3 | =asked /app/4 /shop/2 | pending
200 GET /pacts/provider/bff/consumer/app/version/4/verification-results/latest | .success === false | .providerApplicationVersion === "3"
1 can-i-deploy -a bff -e 3 -a app -e 4 | =app ┆ 4 ┆ bff ┆ 3 ┆ false ┆ 1
ROWS
broken
rows <<'ROWS'
0 verify "${main[@]}" --provider-version 4 | =asked /app/4 /shop/2
0 can-i-deploy -a bff -e 4 -a app -e 4 | =app ┆ 4 ┆ bff ┆ 4 ┆ true ┆ 1
ROWS
broken /app/4
rows <<'ROWS'
1 verify "${main[@]}" --provider-version 5 | =asked /app/4 /shop/2
1 can-i-deploy -a bff -e 5 -a app -e 4 | =app ┆ 4 ┆ bff ┆ 5 ┆ false ┆ 1
ROWS

# Work in progress: heads of other branches and tags come too and break nothing, even where they were kept as such.
broken /app/3
wip=("${main[@]}" --include-wip-pacts-since 2020-01-01)
rows <<'ROWS'
0 verify "${wip[@]}" --provider-version 6 | =asked /app/1 /app/3 /app/4 /shop/1 /shop/2 /shop/3 | work in progress
200 GET /pacts/provider/bff/consumer/app/version/3/verification-results/latest | .success === false
ROWS
broken
rows <<'ROWS'
0 verify "${main[@]}" --include-wip-pacts-since 2999-01-01 --provider-version 7 | =asked /app/4 /shop/2
0 verify "${wip[@]}" --provider-version 8 | =asked /app/1 /app/3 /app/4 /shop/1 /shop/2 /shop/3
0 verify $s '{"branch":"feat/x"}' --publish --provider-version 9 --provider-branch main | =asked /app/3
0 verify "${wip[@]}" --provider-version 10 | =asked /app/1 /app/4 /shop/1 /shop/2 /shop/3
ROWS

# One contract by its address, as a webhook brings it, and as a mere URL.
link=$(curl -sf "$broker/pacts/provider/bff/consumer/shop/version/3" | sed -n 's/.*"pb:pact-version":{[^}]*"href":"\([^"]*\)".*/\1/p')
rows <<'ROWS'
0 verify --webhook-callback-url $link --publish --provider-version 11 --provider-branch main --provider-tags hook | =asked /shop/3
200 GET /pacts/provider/bff/consumer/shop/version/3/verification-results/latest | .success === true | .providerApplicationVersion === "11"
200 GET /pacticipants/bff/versions/11/tags/hook
200 GET /pacticipants/bff/branches/main/versions/11
ROWS
broken /shop/3
rows <<'ROWS'
1 verify --webhook-callback-url $broker/pacts/provider/bff/consumer/shop/version/3 --publish --provider-version 12 | =asked /shop/3
200 GET /pacts/provider/bff/consumer/shop/version/3/verification-results/latest | .success === false | .providerApplicationVersion === "12"
1 verify --webhook-callback-url $broker/pacts/provider/bff/consumer/shop/version/404 | =asked
ROWS
row_by_url() { row_verify_as bff --url "$@"; }
rows <<'ROWS'
0 by_url $broker/pacts/provider/bff/consumer/shop/version/2 | =asked /shop/2
1 by_url $link | =asked /shop/3
ROWS

# What a webhook says of a new contract is enough to verify it.
expect 0 stock broker create-webhook "http://127.0.0.1:$port/told?\${pactbroker.pactUrl}" -X POST --provider bff \
    --contract-requiring-verification-published
: >"$work/asked"
publish shop 4 next other
for ((i = 0; i < 100; i++)); do
    grep -q '^/told' "$work/asked" && break
    sleep 0.1
done
told=$(node -e 'console.log(decodeURIComponent(process.argv[1].split("?")[1]))' "$(grep -m1 '^/told' "$work/asked")") ||
    fail "no webhook came: $(cat "$work/broker.err")"
rows <<'ROWS'
0 verify --webhook-callback-url $told --publish --provider-version 13 --provider-branch main | =asked /shop/4
200 GET /pacts/provider/bff/consumer/shop/version/4/verification-results/latest | .success === true | .providerApplicationVersion === "13"
0 can-i-deploy -a bff -e 13 -a shop -e 4 | =shop ┆ 4 ┆ bff ┆ 13 ┆ true ┆ 1
ROWS

# Names with all that has to be encoded in a URL.
mkdir "$work/named"
cat >"$work/named/pact.json" <<'JSON'
{"consumer": {"name": "Ünï App/iOS"}, "provider": {"name": "my bff & co/api+1"},
 "interactions": [{"description": "asks", "request": {"method": "GET", "path": "/named"}, "response": {"status": 200}}],
 "metadata": {"pactSpecification": {"version": "3.0.0"}}}
JSON
rows <<'ROWS'
0 publish named -a '1.0.0+5/x y' --branch 'feat/ä b' --tag 'rc/1 2' | Created Ünï App/iOS version 1.0.0+5/x y with branch feat/ä b and tags rc/1 2
0 verify_as 'my bff & co/api+1' --broker-url $broker $s '{"tag":"rc/1 2","latest":true}' --publish --provider-version '1/ä b+c' --provider-branch 'x/y z' --provider-tags 'q/r s' | =asked /named
0 describe-version -a 'my bff & co/api+1' -e '1/ä b+c' | =1/ä b+c ┆ q/r s
200 GET /pacticipants/my%20bff%20%26%20co%2Fapi%2B1/branches/x%2Fy%20z/versions/1%2F%C3%A4%20b%2Bc
0 can-i-deploy -a 'my bff & co/api+1' -e '1/ä b+c' -a 'Ünï App/iOS' -e '1.0.0+5/x y' | =Ünï App/iOS ┆ 1.0.0+5/x y ┆ my bff & co/api+1 ┆ 1/ä b+c ┆ true ┆ 1
ROWS

# Who asks: accounts and tokens.
expect 0 "$BIN/tally" broker token add verifier --role verify --database "$work/broker.sqlite"
token=$(cat "$work/out")
expect 0 "$BIN/tally" broker token add reader --role read --database "$work/broker.sqlite"
reader=$(cat "$work/out")
kill "$broker_pid"
wait "$broker_pid"
serve_broker --basic-auth-username jo --basic-auth-password secret
one=("$s" '{"mainBranch":true,"consumer":"shop"}' --publish --provider-branch main)
rows <<'ROWS'
1 verify "${one[@]}" --provider-version 20 | =asked
1 verify "${one[@]}" --provider-version 20 --user jo --password wrong | =asked
0 verify "${one[@]}" --provider-version 20 --user jo --password secret | =asked /shop/2
0 verify "${one[@]}" --provider-version 21 --token $token | =asked /shop/2
1 verify "${one[@]}" --provider-version 22 --token tally_nothing | =asked
0 by_url $broker/pacts/provider/bff/consumer/shop/version/2 --token $token | =asked /shop/2
200 GET /pacts/provider/bff/consumer/shop/version/2/verification-results/latest '' -u jo:secret | .providerApplicationVersion === "21"
# What may only read asks and is not believed.
0 verify "${one[@]}" --provider-version 23 --token $reader | =asked /shop/2 | 403
404 GET /pacticipants/bff/versions/23 '' -u jo:secret
ROWS
