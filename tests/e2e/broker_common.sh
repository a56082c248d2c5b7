# SPDX-License-Identifier: Apache-2.0
# Sourced by the broker's end-to-end tests: requests in one line each.
. "$(dirname "${BASH_SOURCE[0]}")/../shell.sh"
need curl
# A running broker may be writing: wait for the turn, as every command of ours does.
sqlite3() { command sqlite3 -cmd '.timeout 10000' "$@"; }

# Start it again: the line with the address of the one before must not be read as the new one's.
restart_broker() { # option...
    : >"$work/broker.out"
    serve_broker "$@"
}

# Send a request: its status goes into $code, body into $work/body, head into $work/head.
ask() { # method path [body] [curl option...]
    local method=$1 path=$2 body=${3-}
    shift 2
    [ $# -gt 0 ] && shift
    local type=application/json
    [ "$method" = PATCH ] && type=application/merge-patch+json
    local options=(-g -s -o "$work/body" -D "$work/head" -w '%{http_code}' -X "$method")
    [ "$method" = GET ] || options+=(-H "Content-Type: $type" --data-binary "$body")
    code=$(curl "${options[@]}" "$@" "$broker$path")
}
# The same, insisting on the status.
get() { local want=$1; shift; ask GET "$@"; same "$want" "$code" "GET $1"; }
put() { local want=$1; shift; ask PUT "$@"; same "$want" "$code" "PUT $1: $(cat "$work/body")"; }
post() { local want=$1; shift; ask POST "$@"; same "$want" "$code" "POST $1: $(cat "$work/body")"; }
patch() { local want=$1; shift; ask PATCH "$@"; same "$want" "$code" "PATCH $1: $(cat "$work/body")"; }
# The last body or head has to hold a text.
holds() { grep -qF -- "$1" "$work/body" || fail "the answer does not hold '$1': $(cat "$work/body")"; }
lacks() { grep -qF -- "$1" "$work/body" && fail "the answer holds '$1': $(cat "$work/body")"; true; }
heads() { grep -qi -- "^$1" "$work/head" || fail "no head '$1': $(cat "$work/head")"; }
# The first text after "KEY":" in the last body.
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$work/body" | head -1; }
# Where the first link whose URL ends so leads, without scheme and host.
link_to() { grep -o "\"href\":\"[^\"]*$1\"" "$work/body" | head -1 | sed 's/"href":"http:..[^/]*//; s/"$//'; }

pact() { # consumer provider description...
    local consumer=$1 provider=$2 list= name
    shift 2
    for name in "$@"; do
        list="$list${list:+,}{\"description\":\"$name\",\"request\":{\"method\":\"GET\",\"path\":\"/$name\"},\"response\":{\"status\":200}}"
    done
    printf '{"consumer":{"name":"%s"},"provider":{"name":"%s"},"interactions":[%s],"metadata":{"pactSpecification":{"version":"4.0"}}}' \
        "$consumer" "$provider" "$list"
}
contract() { # consumer provider description...
    printf '{"consumerName":"%s","providerName":"%s","specification":"pact","contentType":"application/json","content":"%s"}' \
        "$1" "$2" "$(pact "$@" | base64 -w0)"
}
publication() { # consumer version branch contract...
    local consumer=$1 version=$2 branch=$3
    shift 3
    local IFS=,
    printf '{"pacticipantName":"%s","pacticipantVersionNumber":"%s","branch":"%s","contracts":[%s]}' \
        "$consumer" "$version" "$branch" "$*"
}
environment() { # name: its uuid goes into $uuid
    post 201 /environments "{\"name\":\"$1\",\"production\":true}"
    uuid=$(member uuid)
}
can_deploy() { # answer pacticipant version environment
    get 200 "/can-i-deploy?pacticipant=$2&version=$3&environment=$4"
    holds "\"deployable\":$1"
}
