# SPDX-License-Identifier: Apache-2.0
# Sourced by end-to-end and interop tests: a private folder, servers on free ports, clean-up.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BIN=${TALLY_BIN:-$root/build/dev/bin}
work=$(mktemp -d)
pids=()
export NO_COLOR=1
unset PACT_BROKER_BASE_URL PACT_BROKER_TOKEN PACT_BROKER_USERNAME PACT_BROKER_PASSWORD TALLY_BROKER_BASE_URL

finish() {
    local status=$?
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 1' INT TERM

skip() { echo "$*"; exit 77; }
fail() { echo "FAILED: $*"; exit 1; }
need() { type -P "$1" >/dev/null || skip "$1 is not installed"; }

# Start a server in the background; its address goes into $url, its process into $pid.
serve() { # name command...
    local name=$1 i
    shift
    : >"$work/$name.out" # so that an earlier server of that name is not taken for this one
    "$@" >"$work/$name.out" 2>"$work/$name.err" &
    pid=$!
    pids+=("$pid")
    for ((i = 0; i < 200; i++)); do
        url=$(sed -n 's/.* listening on \(http[^ ]*\).*/\1/p' "$work/$name.out" | head -1)
        [ -n "$url" ] && return 0
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    cat "$work/$name.out" "$work/$name.err"
    fail "$name did not start"
}

# Run a command, its output to $work/out and $work/err, and insist on its exit status.
expect() { # status command...
    local want=$1 status
    shift
    "$@" >"$work/out" 2>"$work/err"
    status=$?
    [ "$status" = "$want" ] && return 0
    echo "\$ $*"
    cat "$work/out" "$work/err"
    fail "exit status $status, expected $want"
}
# The last command's output (or error output) has to hold a text.
says() { grep -qF -- "$1" "$work/out" "$work/err" || { cat "$work/out" "$work/err"; fail "nothing says '$1'"; }; }
# expected actual what
same() { [ "$1" = "$2" ] || fail "$3: expected '$1', saw '$2'"; }

# The reference BFF with its four services: $bff, and $bff_pid to stop it.
serve_bff() { # name option...
    local name=$1 service
    shift
    if [ -z "${ups+x}" ]; then
        ups=()
        for service in user transaction product notification; do
            serve "$service" "$BIN/tally-upstream" --service "$service" --port 0
            ups+=("--$service-url" "$url")
        done
    fi
    serve "$name" "$BIN/tally-bff" --port 0 --test-hooks "${ups[@]}" "$@"
    bff=$url bff_pid=$pid
}
serve_broker() { # option...
    serve broker "$BIN/tally" broker --port 0 --database "$work/broker.sqlite" "$@"
    broker=$url broker_pid=$pid
}
