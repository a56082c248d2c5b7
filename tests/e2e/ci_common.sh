# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For the scripts about what pipelines run: expectations with a pattern, a contract, raw requests.
. "$(dirname "${BASH_SOURCE[0]}")/../shell.sh"
tally=$BIN/tally
case $tally in /*) ;; *) tally=$PWD/$tally ;; esac
[ -x "$tally" ] || fail "there is no $tally; build it first"
# Nothing of the caller's pipeline may be taken for this one's.
export HOME=$work
for name in $(env | sed -n 's/^\(\(PACT\|TALLY\|GITHUB\|CI\)_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
unset GITLAB_CI JENKINS_URL BITRISE_IO CM_BUILD_ID TF_BUILD BUILDKITE CIRCLECI \
    BITBUCKET_BUILD_NUMBER TRAVIS
cd "$work" || exit 2

# Run a command; its exit status and some line of its output must be as said.
try() { # status pattern command...
    local status=$1 pattern=$2
    shift 2
    expect "$status" "$@" </dev/null
    cat "$work/out" "$work/err" | grep -q -- "$pattern" && return
    echo "\$ $*"
    cat "$work/out" "$work/err"
    fail "no line like /$pattern/"
}
# The last command's standard output must, or must not, have a line like this.
shows() { grep -q -- "$1" "$work/out" || { cat "$work/out"; fail "no line like /$1/"; }; }
hides() { ! grep -q -- "$1" "$work/out" || { cat "$work/out"; fail "a line like /$1/"; }; }
# What went wrong takes one line on standard error.
one_line() { [ "$(wc -l <"$work/err")" = 1 ] || { cat "$work/err"; fail "expected one line"; }; }

# Send JSON to the broker without any tool of ours; prints the answer, head included.
request() { # method path body
    local address=${broker#http://}
    exec 9<>"/dev/tcp/${address%:*}/${address#*:}" || return 1
    printf '%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAccept: application/hal+json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
        "$1" "$2" "$address" "${#3}" "$3" >&9
    cat <&9
    exec 9>&-
}

# A contract with two interactions of one app.
contract() { # consumer [field]
    cat <<JSON
{"consumer":{"name":"$1"},"provider":{"name":"mobile-bff"},"interactions":[
{"type":"Synchronous/HTTP","description":"TransactionRepository.detail: one",
 "request":{"method":"GET","path":"/v1/transactions/tx-0007"},
 "response":{"status":200,"body":{"content":{"${2:-amount}":63.40},"contentType":"application/json","encoded":false}}},
{"type":"Synchronous/HTTP","description":"UserRepository.me: signed in",
 "request":{"method":"GET","path":"/v1/me"},"response":{"status":200}}],
"metadata":{"pactSpecification":{"version":"4.0"}}}
JSON
}
