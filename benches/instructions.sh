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

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
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
    printf '{"commands":{"domains":{%s},"ps":{%s},"pg:psql":{%s}}}' "$flags" "$flags" "$flags" \
        >"$package/oclif.manifest.json"
fi

clean() {
    env -i HOME="$place/home" PATH="$place/npm/bin:/usr/bin:/bin" GIT_CONFIG_NOSYSTEM=1 LC_ALL=C "$@"
}

cd "$place/playhouse"
clean git init --quiet --initial-branch=main
for remote in origin prepare staging production; do
    clean git remote add "$remote" "https://git.heroku.com/playhouse-$remote.git"
done
clean git remote set-url origin https://github.com/playhouse/playhouse.git

code=0
# count BUDGET|- WORD…: runs the words under callgrind and prints a line.
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
    printf '%-30s %8.3f M   %6s %s\n' "$*" "$(bc_millions "$counted")" "$(budget_in_words "$limit")" "$verdict"
}

bc_millions() { awk -v n="$1" 'BEGIN { printf "%.3f", n / 1e6 }'; }
budget_in_words() { if [[ $1 == - ]]; then echo -; else awk -v n="$1" 'BEGIN { printf "%.1f M", n / 1e6 }'; fi; }

printf '%-30s %10s   %6s\n' 'command' 'counted' 'budget'
count "$budget" staging which
count "$budget" staging domains
count "$budget" staging --dry-run domains
count - staging --help
count - staging --version
exit "$code"
