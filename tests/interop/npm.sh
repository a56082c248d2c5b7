# SPDX-License-Identifier: Apache-2.0
# Sourced by interop tests: installs the pinned stock clients once per build folder.
# Sets $modules and $pact; skips the test when there is no npm or its registry cannot be reached.
command -v node >/dev/null && command -v npm >/dev/null || "$root/ci/setup" --purpose interop ||
    skip "there is no npm and it cannot be installed"
modules=${TALLY_BUILD:-$root/build/dev}/interop/node_modules
lock=$root/tests/interop/package-lock.json
if ! cmp -s "$lock" "${modules%/*}/installed-lock.json"; then
    mkdir -p "${modules%/*}"
    cp "$root/tests/interop/package.json" "$lock" "${modules%/*}"
    (cd "${modules%/*}" && npm ci --no-audit --no-fund --fetch-retries=1 --fetch-timeout=30000) >"$work/npm.log" 2>&1 || {
        tail -5 "$work/npm.log"
        skip "npm cannot install the stock Pact clients: $(grep -m1 -E 'code E|ERR' "$work/npm.log")"
    }
    cp "$lock" "${modules%/*}/installed-lock.json"
fi
pact=$modules/.bin/pact
export PACT_DO_NOT_TRACK=true
