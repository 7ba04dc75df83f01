#!/usr/bin/env bash
# Lists 300 review apps, each two commits behind its branch. Prints the requests and the median of the wall time, and exits 1
# over the budget: 4 requests, 60 ms.
#
#     benches/review-list.sh [FOLDER]       the binaries' folder; target/release where none is given
#
# RUNS     how many times (30)
# SERVER   a greenroom to take the rehearsal from; the folder's, where none is given
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

binaries=$(cd "${1:-${CARGO_TARGET_DIR:-target}/release}" && pwd)
server=${SERVER:-$binaries/greenroom}
runs=${RUNS:-30}

place=$(mktemp -d)
trap 'kill "$serving" 2>/dev/null || true; rm -rf "$place"' EXIT
"$server" rehearse serve >"$place/exports" 2>"$place/serve.err" &
serving=$!
for ((i = 0; i < 100; i++)); do
    if grep -q '^serving' "$place/serve.err"; then break; fi
    sleep 0.1
done
# shellcheck source=/dev/null
source "$place/exports"

# history: a main branch of 1000 commits, from whose last 100 the branches were begun, each with five commits of its own.
history() {
    awk 'function commit(ref, from) {
            printf "commit %s\nmark :%d\ncommitter Ada <ada@playhouse.example> %d +0000\ndata 1\nx\n", ref, ++mark, 1700000000 + 60 * mark
            if (from) print "from :" from
        }
        BEGIN {
            for (i = 1; i <= 1000; i++) commit("refs/remotes/origin/main", i - 1)
            for (n = 101; n <= 398; n++) for (i = 1; i <= 5; i++)
                commit("refs/remotes/origin/act-" n, i == 1 ? 1000 - n % 100 : mark)
        }'
}
cd "$place"
git init --quiet --initial-branch main repository
cd repository
history | git fast-import --quiet
printf 'pipeline = "playhouse"\n' >greenroom.toml

panel() { printf 'url = "%s/_rehearsal/%s"\nrequest = POST\ndata = "%s"\noutput = /dev/null\nnext\n' "$HEROKU_HOST" "$1" "${2//\"/\\\"}"; }
git for-each-ref --format='%(refname:lstrip=3)' 'refs/remotes/origin/act-*' | while read -r branch; do
    app=playhouse-pr-${branch#act-}
    panel apps "{\"name\":\"$app\",\"pipeline\":\"playhouse\",\"stage\":\"review\"}"
    panel review-apps "{\"branch\":\"$branch\",\"pr_number\":${branch#act-},\"status\":\"created\",\"app\":\"$app\"}"
    panel "apps/$app/builds" "{\"commit\":\"$(git rev-parse "origin/$branch~2")\"}"
done | sed '$d' | curl --silent --show-error --fail-early --fail --config -

asked() { curl --silent --show-error "$HEROKU_HOST/_rehearsal/exchanges" | grep --only-matching '"method"' | wc -l; }
"$binaries/review" list >"$place/listed"
behind=$(grep --count ' 2 behind' "$place/listed" || true)
before=$(asked)
"$binaries/review" list >/dev/null
requests=$(($(asked) - before))
milliseconds=$(for ((i = 0; i < runs; i++)); do
    started=${EPOCHREALTIME/./}
    "$binaries/review" list >/dev/null
    echo $((${EPOCHREALTIME/./} - started))
done | sort -n | awk '{ at[NR] = $1 } END { printf "%.1f", at[int((NR + 1) / 2)] / 1000 }')
echo "review list: $(($(wc -l <"$place/listed") - 1)) review apps, $behind behind their branch: $requests requests, $milliseconds ms (median of $runs)"
awk -v requests="$requests" -v ms="$milliseconds" -v behind="$behind" 'BEGIN { exit !(requests <= 4 && ms <= 60 && behind == 298) }'
