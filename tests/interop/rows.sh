# SPDX-License-Identifier: Apache-2.0
# Sourced by interop tests that are tables: each row runs a command or asks the broker and says what has to come out.
#
#   STATUS WORD... | text | text ...
#
# STATUS is the exit status of `pact broker WORD...`; or, where the first word is GET, PUT, POST or DELETE, the HTTP
# status of that path (third word: the body; more words: options of curl); or that of the test's own function row_WORD.
# Words are the shell's, so that quotes and variables work; " | " ends them. A text has to be in the output; one that
# starts with
#   !   must not be there;
#   =   is a whole line of it (columns of a table as "a ┆ b");
#   .   is an expression about the output's JSON, like .name === "a" (JavaScript);
#   >   is a variable that takes the output's last word;
#   :   is a variable and such an expression, whose value it takes, like :link ._links.self.href
# Paths may be whole URLs.
# Environment of a row's command: only PATH, HOME (the work folder), and $row_env.
binary=$(find "$modules"/@pact-foundation/pact-cli-*/standalone -name pact -type f 2>/dev/null | head -1)
row_env=()
ran=" "

# Prints the output with the frames of tables taken off, and colours too.
plain_output() {
    sed -E 's/\x1b\[[0-9;]*m//g; s/^│ *//; s/ *│ *$//; s/ +┆ +/ ┆ /g; s/ +$//' "$work/out" "$work/err"
}
row_fails() { # row what
    echo "row: $1"
    cat "$work/out" "$work/err"
    fail "$2"
}
stock() { # word...
    local env=(PATH="$PATH" HOME="$work" PACT_DO_NOT_TRACK=true NO_COLOR=1 PACT_BROKER_HTTP_RETRIES=1 "${row_env[@]}")
    [ "$1" = broker ] && env+=(PACT_BROKER_BASE_URL="$broker")
    (cd "$work" && env -i "${env[@]}" "${binary:-$pact}" "$@")
}
row_status() { # word... -> $status
    status=0
    case $1 in
    GET | PUT | POST | DELETE)
        local method=$1 path=$2 body=()
        [ -z "${3-}" ] || body=(-H 'Content-Type: application/json' -d "$3")
        : >"$work/out"
        case $path in http*) ;; *) path=$broker$path ;; esac
        status=$(curl -s -g -X "$method" -o "$work/out" -w '%{http_code}' "${body[@]}" "${@:4}" "$path" 2>"$work/err")
        ;;
    *)
        if declare -F "row_$1" >/dev/null; then
            "row_$1" "${@:2}" >"$work/out" 2>"$work/err"
        else
            ran+="$1 "
            stock broker "$@" >"$work/out" 2>"$work/err"
        fi
        status=$?
        ;;
    esac
}
# The values of expressions about the output's JSON, one a line. A line before it, as publish prints one, is passed
# over.
json() { # expression...
    node -e 'const [file, ...expressions] = process.argv.slice(1);
        const text = require("fs").readFileSync(file, "utf8");
        const d = JSON.parse(text.slice(text.search(/^[{[]/m)));
        for (const e of expressions) console.log(String(eval("d" + e)));' "$work/out" "$@" 2>&1
}
# One process for all expressions of a row: starting it is what takes time.
row_json() { # row expression...
    local row=$1 values i
    shift
    [ $# -gt 0 ] || return 0
    mapfile -t values < <(json "$@")
    for ((i = 1; i <= $#; i++)); do
        [ "${values[i - 1]-}" = true ] || row_fails "$row" "not true of the JSON: ${!i}: ${values[*]}"
    done
}
row_text() { # row text
    local row=$1 text=$2 value
    case $text in
    '!'*) ! grep -qF -- "${text#!}" "$work/plain" || row_fails "$row" "something says '${text#!}'" ;;
    =*) grep -qxF -- "${text#=}" "$work/plain" || row_fails "$row" "no line is '${text#=}'" ;;
    .*) expressions+=("$text") ;;
    :*)
        value=$(json "${text#* }")
        case $value in '' | undefined | *Error*) row_fails "$row" "the JSON has no ${text#* }: $value" ;; esac
        text=${text%% *}
        printf -v "${text#:}" %s "$value"
        ;;
    '>'*) printf -v "${text#>}" %s "$(awk 'NF {last = $NF} END {print last}' "$work/out")" ;;
    *) grep -qF -- "$text" "$work/plain" || row_fails "$row" "nothing says '$text'" ;;
    esac
}
rows() { # the table is standard input
    local row command texts want status text words expressions
    while IFS= read -r row <&3; do
        case $row in '' | '#'*) continue ;; esac
        command=${row%% | *}
        texts=${row#"$command"}
        eval "words=($command)" || fail "cannot read: $row"
        want=${words[0]}
        row_status "${words[@]:1}"
        [ "$status" = "$want" ] || row_fails "$row" "status $status, expected $want"
        plain_output >"$work/plain"
        expressions=()
        while [ -n "$texts" ]; do
            texts=${texts# | }
            text=${texts%% | *}
            texts=${texts#"$text"}
            eval "text=\"${text//\"/\\\"}\""
            row_text "$row" "$text"
        done
        row_json "$row" "${expressions[@]}"
    done 3< <(cat)
}
