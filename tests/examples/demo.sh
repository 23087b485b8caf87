#!/usr/bin/env bash
# Shows metactl at its main job: on a local state, behind HTTP with plain curl, and on a server.
set -euo pipefail
metactl=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
folder=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$folder"
}
trap cleanup EXIT
export HOME="$folder" XDG_CONFIG_HOME="$folder/config" XDG_DATA_HOME="$folder/data"
unset METACTL_SERVER METACTL_STATE METACTL_TOKEN METACTL_TOKEN_FILE METACTL_CONTEXT METACTL_OUTPUT

say() { printf '\n== %s\n' "$*"; }

# Runs metactl and shows the command line as a person would type it.
run() {
  printf '$ metactl %s\n' "$*"
  "$metactl" "$@" "${target[@]}"
}

# Makes an instance with three clusters, and shows them in three forms.
operator_session() {
  run instance create demo --user-id ops --name 'demo instance'
  run cluster add frontends --type sql --node 10.0.0.1:9010/FE_MASTER --node 10.0.0.2:9010/FE_OBSERVER -i demo
  run cluster add etl --node 10.0.0.5:9050 --node 10.0.0.6:9050 -i demo
  run cluster add reports --node be-1.example:9050 -i demo
  run cluster list -i demo
  run cluster list -i demo --where NAME=etl -o json
  run cluster list -i demo --where NAME=frontends -o yaml
}

# The same without the times, which differ from run to run.
without_times() { sed -E 's/"?1[0-9]{9}"?/<time>/; s/[0-9-]{10}T[0-9:]{8}Z/<time>/'; }

# Starts a server on a free port; sets `server` and `url`.
start_server() {
  "$metactl" serve --listen 127.0.0.1:0 --state "$1" --token-file "$folder/token" >"$folder/serve.out" 2>"$folder/serve.err" &
  server=$!
  for _ in $(seq 200); do
    url=$(sed -n 's/^listening on //p' "$folder/serve.out")
    [ -z "$url" ] || return 0
    sleep 0.05
  done
  cat "$folder/serve.err"
  exit 1
}

stop_server() {
  kill "$server"
  wait "$server"
  server=
}

# Plays one request example of the API document with plain curl.
play() {
  local route=$1 body=$2
  printf '\n$ curl -X PUT "$URL/MetaService/http/v1/%s?token=$TOKEN" -d @%s\n' "$route" "$(basename "$body")"
  curl -sS -X PUT "$url/MetaService/http/v1/$route?token=$token" -d "@$body"
}

token=demo-token
printf '%s\n' "$token" >"$folder/token"

say 'On a local state file: no server, no network'
target=(--state "$folder/local.db")
operator_session | tee "$folder/local.out"

say 'Behind HTTP: the request examples of the API document, with plain curl'
start_server "$folder/documents.db"
while read -r route file; do
  if [ "$route" = get_instance ]; then
    printf '\n$ curl "$URL/MetaService/http/v1/get_instance?token=$TOKEN&instance_id=%s"\n' "$file"
    curl -sS "$url/MetaService/http/v1/get_instance?token=$token&instance_id=$file"
  else
    play "$route" "$here/requests/$file"
  fi
done <"$here/requests/order.txt"
stop_server

say 'Manifests: what is wanted, what would be done, and done in one transaction'
cd "$here/../.."
target=(--state "$folder/manifests.db")
run plan -f examples/production.yaml
run apply -f examples/production.yaml
run apply -f examples/production.yaml
run cluster drop always --yes
run diff -f examples/production.yaml || [ $? = 1 ]
run apply -f examples/production.yaml
run cluster suspend etl --dry-run

say 'On a server: the same command lines with --server'
start_server "$folder/remote.db"
target=(--server "$url" --token-file "$folder/token")
operator_session | tee "$folder/remote.out"
stop_server

if diff <(without_times <"$folder/local.out") <(without_times <"$folder/remote.out"); then
  say "Both outputs are the same: $(without_times <"$folder/local.out" | wc -c) bytes, but for the times"
else
  say 'The outputs differ'
  exit 1
fi
