#!/usr/bin/env bash
# Measures the suite beside what people use today, on one machine in one run, against the rehearsal on loopback.
#
#     benches/side-by-side.sh [FOLDER]      the binaries' folder; target/release where none is given
#
# GREENROOM_HEROKU_CLI   the official CLI's executable; without it: `heroku` on PATH, else its rows are left out
# GREENROOM_PARITY       a checkout of thoughtbot's Parity; without it, or without ruby, its row is left out
# LINES, RUNS            how many log lines (1000000) and how many starts (200)
#
# Wall-clock medians: compare rows of one run with each other, never rows of two runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

binaries=$(cd "${1:-${CARGO_TARGET_DIR:-target}/release}" && pwd)
lines=${LINES:-1000000}
runs=${RUNS:-200}
heroku=${GREENROOM_HEROKU_CLI:-$(type -P heroku || true)}
parity=${GREENROOM_PARITY:-}

stubs=$PWD/completions

place=$(mktemp -d)
server=
cleanup() {
    if [[ -n $server ]]; then kill "$server" 2>/dev/null || true; fi
    rm -rf "$place"
}
trap cleanup EXIT

main() {
    build_no_op_heroku
    serve
    forwarding
    everyday
    round_trips
    completion
    log_lines
    promotion
}

# median RUNS COMMAND…: the median of the wall time in milliseconds, by hyperfine where there is one.
median() {
    local count=$1
    shift
    if command -v hyperfine >"/dev/null"; then
        hyperfine --shell=none --warmup 3 --runs "$count" --export-csv "$place/median.csv" "$(printf '%q ' "$@")" \
            >"$place/hyperfine" 2>&1 || { cat "$place/hyperfine" >&2 && return 1; }
        awk -F, 'NR == 2 { printf "%.2f", $(NF - 4) * 1000 }' "$place/median.csv"
        return
    fi
    local i started
    for ((i = 0; i < count; i++)); do
        started=${EPOCHREALTIME/./}
        "$@" >"/dev/null" 2>&1
        echo $((${EPOCHREALTIME/./} - started))
    done | sort -n | awk '{ at[NR] = $1 } END { printf "%.2f", at[int((NR + 1) / 2)] / 1000 }'
}

# row NAME MILLISECONDS BASE: a line with the ratio to BASE.
row() {
    awk -v name="$1" -v ms="$2" -v base="$3" 'BEGIN { printf "  %-44s %10.2f ms %8.2f x\n", name, ms, ms / base }'
}

# A CLI laid out as npm does it, with the real command list where there is one, that does nothing.
build_no_op_heroku() {
    local package=$place/npm/lib/node_modules/heroku
    mkdir -p "$place/npm/bin" "$package/bin"
    ln -s ../lib/node_modules/heroku/bin/run.js "$place/npm/bin/heroku"
    cp "$(type -P true)" "$package/bin/run.js"
    if [[ -n $heroku ]]; then
        cp "$(dirname "$(readlink -f "$heroku")")/../oclif.manifest.json" "$package/"
    fi
}

# A rehearsal for the rest of the run; this shell goes into it.
serve() {
    local i
    "$binaries/greenroom" rehearse serve >"$place/exports" 2>"$place/serve.err" &
    server=$!
    for ((i = 0; i < 100; i++)); do
        if grep -q '^serving' "$place/serve.err"; then break; fi
        sleep 0.1
    done
    # shellcheck source=/dev/null
    source "$place/exports"
    PATH=$binaries:$PATH
}

# Everything before a forwarded command's exec, with a CLI that does nothing.
forwarding() {
    local base ours
    echo "Up to the exec of a forwarded command (heroku does nothing), median of $runs:"
    base=$(PATH=$place/npm/bin:$PATH median "$runs" "$(type -P true)")
    row 'true' "$base" "$base"
    ours=$(PATH=$place/npm/bin:$PATH median "$runs" "$binaries/staging" features)
    row 'staging features' "$ours" "$base"
    row 'staging which' "$(median "$runs" "$binaries/staging" which)" "$base"
    if [[ -n $parity ]] && command -v ruby >"/dev/null"; then
        row 'Parity: staging features' \
            "$(PATH=$place/npm/bin:$PATH median $((runs / 10)) ruby -I "$parity/lib" "$parity/bin/staging" features)" "$base"
    else
        echo '  (no Parity: GREENROOM_PARITY names no checkout, or there is no ruby)'
    fi
}

# What people type all day, beside curl with the same requests and the official CLI.
everyday() {
    local app=$HEROKU_HOST/apps/playhouse-staging
    echo "Everyday commands, median of $runs (the official CLI: of 5):"
    beside ps "$app" "$app/dynos"
    beside config "$app/config-vars"
    beside releases "$app/releases"
    run_beside
}

# beside COMMAND URL…: ours, curl, and the official CLI's.
beside() {
    local base command=$1
    local -a ask=(curl --silent --show-error --fail --parallel --parallel-immediate
        -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3.sdk')
    shift
    base=$(median "$runs" "${ask[@]}" "$@")
    row "curl, what $command asks for" "$base" "$base"
    row "staging $command" "$(median "$runs" "$binaries/staging" "$command")" "$base"
    if [[ -n $heroku ]]; then
        row "heroku $command" "$(median 5 "$heroku" "$command" --app playhouse-staging)" "$base"
    fi
}

# A one-off dyno: curl starts it, and openssl is its terminal. The dyno itself takes no time: what it takes at Heroku is the
# same for all three, and would hide what they add.
run_beside() {
    local base
    api PATCH /_rehearsal/settings '{"dyno_start_time_ms":0,"rendezvous_pause_ms":1}' >"/dev/null"
    cat >"$place/run-echo" <<'END'
#!/usr/bin/env bash
set -euo pipefail
url=$(curl --silent --show-error --fail "$HEROKU_HOST/apps/playhouse-staging/dynos" \
    -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3' \
    -H 'Content-Type: application/json' --data '{"attach":true,"command":"echo hi"}' \
    | sed -E 's/.*"attach_url": ?"rendezvous:..([^"]*)".*/\1/')
# Not a pipe, whose end would be waited for: the dyno ends the session, and stdin stays open until then.
openssl s_client -quiet -connect "${url%%/*}" 2>/dev/null < <(printf '%s\r\n' "${url#*/}" && exec sleep 2) | grep -q hi
END
    chmod +x "$place/run-echo"
    if command -v openssl >"/dev/null"; then
        base=$(median $((runs / 10)) "$place/run-echo")
        row 'curl and openssl, what run echo asks for' "$base" "$base"
    else
        base=$(median $((runs / 10)) "$binaries/staging" run echo hi)
    fi
    row 'staging run echo hi' "$(median $((runs / 10)) "$binaries/staging" run echo hi)" "$base"
    if [[ -n $heroku ]]; then
        row 'heroku run echo hi' "$(median 5 "$heroku" run --app=playhouse-staging -- echo hi)" "$base"
    fi
}

# Every answer comes 100 ms late, as over a distance: what a command waits for is its rounds of requests.
round_trips() {
    local base command
    echo 'With 100 ms per round trip, median of 5:'
    api PATCH /_rehearsal/settings '{"latency_ms":100}' >"/dev/null"
    base=$(median 5 curl --silent --fail "$HEROKU_HOST/apps/playhouse-staging" \
        -H "Authorization: Bearer $HEROKU_API_KEY" -H 'Accept: application/vnd.heroku+json; version=3')
    row 'curl, one request' "$base" "$base"
    for command in ps config 'open --dry-run' restart 'promote --dry-run'; do
        # shellcheck disable=SC2086
        row "production $command" "$(median 5 "$binaries/production" $command)" "$base"
    done
    api PATCH /_rehearsal/settings '{"latency_ms":0}' >"/dev/null"
}

# What Tab answers, from a cache that is warm, beside what the official CLI's own completion starts.
completion() {
    local base line
    echo "What Tab is told, median of $runs:"
    api PATCH /_rehearsal/apps/playhouse-staging/config-vars \
        "$(seq 500 | awk '{ printf "%s\"PROP_%d\":\"x\"", NR == 1 ? "{" : ",", $1 } END { print "}" }')" >"/dev/null"
    api PUT /_rehearsal/apps/playhouse-staging/releases '{"generate":5000}' >"/dev/null"
    base=$(PATH=$place/npm/bin:$PATH median "$runs" "$(type -P true)")
    row 'true' "$base" "$base"
    for line in 'staging ' 'staging pg:' 'staging config:get ' 'staging rollback '; do
        PATH=$place/npm/bin:$PATH "$binaries/greenroom" __complete fish "$line" >"/dev/null"
        sleep 1
        row "Tab: $line" "$(PATH=$place/npm/bin:$PATH median "$runs" "$binaries/greenroom" __complete fish "$line")" "$base"
    done
    if [[ -n $heroku ]]; then
        row "heroku autocomplete:options, for --app" \
            "$(median 5 "$heroku" autocomplete:options 'heroku config:get --app ')" "$base"
    fi
    echo "A shell that reads nothing, and one that reads its stub, median of $runs:"
    stub bash "$stubs/greenroom.bash" '' --norc --noprofile
    stub zsh "$stubs/_greenroom" "autoload -Uz compinit && compinit -u -C -d $place/zcompdump;" -f
    stub fish "$stubs/greenroom.fish" '' --no-config --interactive
}

# stub SHELL FILE BEFORE OPTION…: what reading the file adds to a start of the shell.
stub() {
    local shell=$1 file=$2 before=$3 base
    shift 3
    if ! command -v "$shell" >"/dev/null"; then return; fi
    : >"$place/empty"
    base=$(median "$runs" "$shell" "$@" -c "$before . $place/empty")
    row "$shell, an empty file" "$base" "$base"
    row "$shell, ${file##*/}" "$(median "$runs" "$shell" "$@" -c "$before . $file")" "$base"
}

api() {
    curl --silent --show-error --fail -X "$1" "$HEROKU_HOST$2" -H "Authorization: Bearer $HEROKU_API_KEY" \
        -H 'Accept: application/vnd.heroku+json; version=3' -H 'Content-Type: application/json' --data "$3"
}

# watched NAME BASE COMMAND…: runs once with stdout thrown away; its time in $took and its peak memory in the row.
watched() {
    local name=$1 base=$2 started pid peak=0 now
    shift 2
    started=${EPOCHREALTIME/./}
    "$@" >"/dev/null" 2>"$place/watched.err" &
    pid=$!
    while now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [[ -n $now ]]; do
        peak=$now
        sleep 0.01
    done
    wait "$pid" || { cat "$place/watched.err" && return 1; }
    took=$(((${EPOCHREALTIME/./} - started) / 1000))
    row "$name" "$took" "${base:-$took}"
    printf '  %-44s %10d kB at most\n' '' "$peak"
}

log_lines() {
    local url base i printed
    echo "A log of $lines lines, written away, three times each in turn:"
    api PUT /_rehearsal/apps/playhouse-staging/logs "{\"generate\":$lines}" >"/dev/null"
    printed=$("$binaries/staging" logs | wc -l)
    if [[ $printed != "$lines" ]]; then
        echo "staging logs prints $printed lines of $lines: there is nothing to compare" >&2
        return 1
    fi
    for i in 1 2 3; do
        url=$(api POST /apps/playhouse-staging/log-sessions '{"tail":false,"lines":1500}' \
            | sed -E 's/.*"logplex_url": ?"([^"]*)".*/\1/')
        watched "curl of the same stream ($i)" '' curl -sN -H 'Accept: text/event-stream' "$url"
        base=$took
        watched "staging logs ($i)" "$base" "$binaries/staging" logs
    done
    if [[ -n $heroku ]]; then
        watched 'heroku logs (once)' "$base" "$heroku" logs --app playhouse-staging
    fi
    api PUT /_rehearsal/apps/playhouse-staging/logs '{"generate":0}' >"/dev/null"
}

# A promotion changes what it is measured on, so each has a rehearsal of its own, and is timed within it.
promotion() {
    local base
    echo 'A promotion from staging to production, each in a fresh rehearsal (which takes 0.5 s for it), median of 5:'
    base=$(rehearsed "$binaries/production" --yes promote)
    row 'production --yes promote' "$base" "$base"
    row 'production --dry-run promote' "$(rehearsed "$binaries/production" --dry-run promote)" "$base"
    if [[ -n $heroku ]]; then
        row 'heroku pipelines:promote' \
            "$(rehearsed "$heroku" pipelines:promote --app playhouse-staging --to playhouse-production)" "$base"
    fi
}

# rehearsed COMMAND…: the median of five fresh rehearsals, in milliseconds.
rehearsed() {
    local i
    for i in 1 2 3 4 5; do
        # shellcheck disable=SC2016
        "$binaries/greenroom" rehearse -- bash -c '
            started=${EPOCHREALTIME/./}
            "$@" >"$0" 2>&1 || { cat "$0" >&2; exit 1; }
            echo $((${EPOCHREALTIME/./} - started))' "$place/rehearsed-$i" "$@" </dev/null
    done | sort -n | awk '{ at[NR] = $1 } END { printf "%.2f", at[3] / 1000 }'
}

main
