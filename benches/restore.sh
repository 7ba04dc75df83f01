#!/usr/bin/env bash
# Restores a database of 1 GB into this machine, as greenroom does it, as Parity does, and as `heroku pg:pull` does, on one
# server. A download would take all of them the same time and is left out. Prints seconds, and greenroom's own peak memory.
#
#     bash benches/restore.sh [FOLDER WITH RELEASE BINARIES] [MEGABYTES] [ROUNDS]
#
# PG_BIN names the folder of PostgreSQL's programs; default: Debian's newest.
set -euo pipefail
binaries=$(realpath "${1:-target/release}")
megabytes=${2:-1024}
rounds=${3:-3}
pg=${PG_BIN:-$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)}
port=54917
jobs=$(nproc)

folder=$(mktemp -d)
chmod 755 "$folder"
as_owner=()
if [[ $(id -u) = 0 ]]; then
    chown postgres "$folder"
    as_owner=(setpriv --reuid=postgres --regid=postgres --init-groups)
fi
cd "$folder"
# fsync is on, as it is on a developer's server.
"${as_owner[@]}" "$pg/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
"${as_owner[@]}" "$pg/pg_ctl" -D "$folder/data" -l "$folder/log" -w -o "-p $port -k $folder -c listen_addresses=127.0.0.1" start >/dev/null
trap '"${as_owner[@]}" "$pg/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null; cd /; rm -rf "$folder"' EXIT

export PGHOST=127.0.0.1 PGPORT=$port PGUSER=postgres HOME=$folder
sql() { "$pg/psql" -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$2"; }

# Rows of 250 bytes in four tables, with the indexes and keys that a Rails app has.
rows=$((megabytes * 800))
sql postgres 'create database source'
for table in orders events versions tickets; do
    sql source "create table $table (id bigserial primary key, account_id bigint, token uuid, body text, created_at timestamptz);
        insert into $table (account_id, token, body, created_at)
        select i % 5000, gen_random_uuid(), repeat(md5(i::text), 5), now() - i * interval '1 second' from generate_series(1, $rows) i;
        create index on $table (account_id); create index on $table (created_at); create unique index on $table (token);"
done
size=$(sql source 'select pg_database_size(current_database()) / 1048576')
"$pg/pg_dump" -Fc -d source -f "$folder/latest.dump"
chmod 644 "$folder/latest.dump"
echo "database: $size MB, dump: $(($(stat -c %s "$folder/latest.dump") / 1048576)) MB, $jobs processors, $("$pg/pg_restore" --version)"

parity() {
    "$pg/dropdb" --if-exists app
    "$pg/createdb" app
    "$pg/pg_restore" "$folder/latest.dump" --verbose --no-acl --no-owner --dbname app --jobs "$jobs" 2>/dev/null
}
pull() {
    "$pg/dropdb" --if-exists app
    "$pg/createdb" app
    "$pg/pg_dump" -Fc -d source --no-acl --no-owner | "$pg/pg_restore" --no-acl --no-owner --dbname app
}
greenroom() {
    DATABASE_URL=postgres://postgres@127.0.0.1:$port/app GREENROOM_PG_BIN=$pg \
        "$binaries/development" restore "$folder/latest.dump" 2>"$folder/said" &
    local peak=0 now
    while kill -0 $! 2>/dev/null; do
        now=$(awk '/VmHWM/ { print $2 }' "/proc/$!/status" 2>/dev/null || true)
        if [[ ${now:-0} -gt $peak ]]; then peak=$now; fi
        # Somebody uses the old database meanwhile.
        sql app 'select count(*) from pg_class' >/dev/null || echo 'the old database did not answer' >>"$folder/refused"
        sleep 0.2
    done
    wait $! || { cat "$folder/said"; exit 1; }
    memory=$peak
}

# timed NAME: the best of the rounds.
timed() {
    local best=0 began took
    for ((round = 0; round < rounds; round++)); do
        sql postgres checkpoint
        began=$(date +%s%N)
        "$1"
        took=$((($(date +%s%N) - began) / 1000000))
        if [[ $best = 0 || $took -lt $best ]]; then best=$took; fi
        for kept in $(sql postgres "select datname from pg_database where datname like 'app_before_%'"); do
            sql postgres "drop database $kept"
        done
    done
    printf '%-10s %6d.%03d s\n' "$1" $((best / 1000)) $((best % 1000))
    result=$best
}

timed parity
parity=$result
timed pull
pull=$result
timed greenroom
echo "greenroom: $((parity * 100 / result)) % of Parity's speed, $((pull * 100 / result)) % of pg:pull's, peak memory $((memory / 1024)) MB"
if [[ -s $folder/refused ]]; then
    # While both names are exchanged, a client that comes in that moment is sent away.
    echo "questions to the old database that had no answer: $(wc -l <"$folder/refused")"
fi
