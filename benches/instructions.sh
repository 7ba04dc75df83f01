#!/usr/bin/env bash
# Counts the instructions of the release binaries where people wait for nothing but us, and fails over a budget.
#
#     benches/instructions.sh [FOLDER]      the binaries' folder; target/release where none is given
#
# callgrind counts the same on a busy machine as on an idle one. The counts hold the dynamic loader's 0.3 M.
# GREENROOM_HEROKU_CLI names the official CLI whose command list is read; without it a list of three is made up.
# KEEP=FOLDER keeps callgrind's files, for callgrind_annotate (build with CARGO_PROFILE_RELEASE_STRIP=none).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

binaries=$(cd "${1:-${CARGO_TARGET_DIR:-target}/release}" && pwd)
budget=2000000
budget_of_tab=2500000

place=$(mktemp -d)
server=
trap 'if [[ -n $server ]]; then kill "$server"; fi; rm -rf "$place"' EXIT
out=${KEEP:-$place/out}
mkdir -p "$out" "$place/home" "$place/npm/bin" "$place/npm/lib/node_modules/heroku/bin" "$place/playhouse"

# The official CLI as npm installs it, with a program that does nothing in place of Node.
package=$place/npm/lib/node_modules/heroku
ln -s ../lib/node_modules/heroku/bin/run.js "$place/npm/bin/heroku"
cp "$(type -P true)" "$package/bin/run.js"
if [[ -n ${GREENROOM_HEROKU_CLI:-} ]]; then
    cp "$(dirname "$(readlink -f "$GREENROOM_HEROKU_CLI")")/../oclif.manifest.json" "$package/"
else
    flags='"flags":{"app":{"name":"app","char":"a","type":"option"},"remote":{"name":"remote","char":"r","type":"option"}}'
    printf '{"commands":{"config:get":{"strict":false,%s},"features":{%s},"ps":{%s},"pg:psql":{%s}}}' \
        "$flags" "$flags" "$flags" "$flags" \
        >"$package/oclif.manifest.json"
fi

more=()
clean() {
    env -i HOME="$place/home" PATH="$place/npm/bin:/usr/bin:/bin" GIT_CONFIG_NOSYSTEM=1 LC_ALL=C "${more[@]}" "$@"
}

cd "$place/playhouse"
clean git init --quiet --initial-branch=main
for remote in origin prepare staging production; do
    clean git remote add "$remote" "https://git.heroku.com/playhouse-$remote.git"
done
clean git remote set-url origin https://github.com/playhouse/playhouse.git

code=0
# count BUDGET|- WORD…: runs the words under callgrind and prints a line, under the name in $label if there is one.
label=
count() {
    local limit=$1 verdict='' counted file
    shift
    file=$out/$(printf '%s-' "$@" | tr -c 'a-z-\n' -)
    # Once without, so that caches are warm.
    clean "$binaries/$1" "${@:2}" >/dev/null 2>&1
    # What is forwarded ends in exec, where callgrind would lose its counts: they are written just before.
    clean valgrind --tool=callgrind --callgrind-out-file="$file" --dump-before=execve \
        "$binaries/$1" "${@:2}" >/dev/null 2>"$place/err" || { cat "$place/err"; return 1; }
    # What was written before an exec is in FILE.1, and FILE is empty then.
    counted=$({ cat "$file" "$file.1" 2>/dev/null || true; } | awk '/^totals:/ { sum += $2 } END { print sum }')
    if [[ $limit != - && $counted -gt $limit ]]; then
        verdict='OVER'
        code=1
    fi
    printf '%-38s %8.3f M   %6s %s\n' "${label:-$*}" "$(bc_millions "$counted")" "$(budget_in_words "$limit")" "$verdict"
}

bc_millions() { awk -v n="$1" 'BEGIN { printf "%.3f", n / 1e6 }'; }
budget_in_words() { if [[ $1 == - ]]; then echo -; else awk -v n="$1" 'BEGIN { printf "%.1f M", n / 1e6 }'; fi; }

printf '%-38s %10s   %6s\n' 'command' 'counted' 'budget'
count "$budget" staging which
count "$budget" staging features
count "$budget" staging --dry-run features
count - staging --help
count - staging --version

# What Tab answers, from a cache that a refresh filled: 500 config vars and 5,000 releases.
clean "$binaries/greenroom" rehearse serve >"$place/exports" 2>"$place/serve.err" &
server=$!
until grep -q '^serving' "$place/serve.err"; do sleep 0.1; done
# shellcheck source=/dev/null
host=$(source "$place/exports" && echo "$HEROKU_HOST")
# shellcheck source=/dev/null
more=(HEROKU_HOST="$host" HEROKU_API_KEY="$(source "$place/exports" && echo "$HEROKU_API_KEY")")
panel() { curl --silent --show-error --fail -X "$1" "$host/_rehearsal/apps/playhouse-staging/$2" -d "$3" >"$place/panel"; }
panel PATCH config-vars "$(seq 500 | awk '{ printf "%s\"PLAYHOUSE_PROP_%03d\":\"x\"", NR == 1 ? "{" : ",", $1 } END { print "}" }')"
panel PUT releases '{"generate":5000}'

# offered N LINE: waits until so many words are offered.
offered() {
    local attempt
    for ((attempt = 0; attempt < 200; attempt++)); do
        if [[ $(clean "$binaries/greenroom" __complete fish "$2" | wc -l) -gt $1 ]]; then return; fi
        sleep 0.1
    done
    echo "no $1 words are offered for: $2"
    return 1
}
offered 500 'staging config:get '
offered 4999 'staging rollback '

# tab BUDGET|- LINE: what Tab answers to each shell whose users are most.
tab() {
    local line=$2 words
    read -ra words <<<"$line"
    if [[ $line == *' ' ]]; then words+=(''); fi
    label="Tab in bash: $line" count "$1" greenroom __complete bash "${#line}" 9 $' \t\n"\'><=;|&(:' 120 "$line"
    label="Tab in zsh:  $line" count "$1" greenroom __complete zsh 120 -- '' "${words[@]}"
    label="Tab in fish: $line" count "$1" greenroom __complete fish "$line"
}
tab "$budget_of_tab" 'staging '
tab "$budget_of_tab" 'staging pg:'
tab "$budget_of_tab" 'staging config:get '
tab - 'staging rollback v49'
tab - 'staging rollback '
exit "$code"
