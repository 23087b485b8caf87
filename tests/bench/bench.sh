#!/usr/bin/env bash
# Measures metactl against named programs, side by side in one run, and prints ratios.
set -euo pipefail
build=$(realpath "$1")
metactl=$build/src/metactl
folder=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$folder"
}
trap cleanup EXIT
export HOME="$folder" XDG_CONFIG_HOME="$folder/config" XDG_DATA_HOME="$folder/data"
unset METACTL_SERVER METACTL_STATE METACTL_TOKEN METACTL_TOKEN_FILE METACTL_CONTEXT METACTL_OUTPUT

# ratio NAME GOAL COMMAND REFERENCE [PREPARE]: median of COMMAND divided by that of REFERENCE; PREPARE
# runs before each, unmeasured.
ratio() {
  local name=$1 goal=$2 command=$3 reference=$4 prepare=${5:-true}
  hyperfine -N --warmup 20 --runs 300 --prepare "$prepare" --export-csv "$folder/times.csv" "$command" "$reference" >/dev/null 2>&1
  awk -F, -v name="$name" -v goal="$goal" '
    NR == 2 { ours = $4 } NR == 3 { theirs = $4 }
    END { printf "%-50s %6.2f ms / %6.2f ms = %.2f (goal %s)\n", name, ours * 1000, theirs * 1000, ours / theirs, goal }
  ' "$folder/times.csv"
}

cmake --build "$build" --target metactl_bench metactl_resources >/dev/null
echo token >"$folder/token"
state=$folder/state.db
small=(--state "$state")
"$metactl" "${small[@]}" instance create demo --user-id ops >/dev/null
"$metactl" "${small[@]}" cluster add etl --node 10.0.0.5:9050 --node 10.0.0.6:9050 >/dev/null
"$metactl" serve --state "$state" --listen 127.0.0.1:0 --token-file "$folder/token" >"$folder/out" 2>/dev/null &
server=$!
for _ in $(seq 100); do
  url=$(sed -n 's/^listening on //p' "$folder/out")
  [ -z "$url" ] || break
  sleep 0.05
done
read_body='{"cloud_unique_id":"1:demo:x","cluster_name":"etl"}'
printf '%s' "$read_body" >"$folder/read.json"
curl_call="curl -sS -o /dev/null -X PUT $url/MetaService/http/get_cluster?token=token -d @$folder/read.json"

echo '== start and single calls (median)'
ratio 'metactl version / curl --version' '<= 0.5' "$metactl version" 'curl --version'
ratio 'local cluster get / one curl call' '<= 0.6' "$metactl --state $state -i demo cluster get etl" "$curl_call"
ratio 'local cluster suspend, durable / one curl call' '<= 0.6' "$metactl --state $state -i demo cluster suspend etl" "$curl_call" \
  "$metactl --state $state -i demo cluster resume etl"
ratio 'remote cluster get / one curl call' '<= 1.1' \
  "$metactl --server $url --token-file $folder/token -i demo cluster get etl" "$curl_call"

echo '== serve: requests per second at 1, 16 and 64 connections'
cat >"$folder/read.lua" <<LUA
wrk.method = "PUT"
wrk.body = '$read_body'
LUA
cat >"$folder/write.lua" <<'LUA'
local count = 0
request = function()
  count = count + 1
  local users = string.format('{"instance_id":"demo","cluster":{"cluster_id":"etl","mysql_user_name":["u%d"]}}', count)
  return wrk.format("PUT", nil, nil, users)
end
LUA
for connections in 1 16 64; do
  threads=$((connections > 1 ? 2 : 1))
  for kind in read:get_cluster write:update_cluster_mysql_user_name; do
    result=$(wrk -t$threads -c$connections -d3s -s "$folder/${kind%%:*}.lua" \
      "$url/MetaService/http/${kind#*:}?token=token" 2>&1)
    bad=$(awk '/Non-2xx/ { print $NF }' <<<"$result")
    printf '%2d connections, durable %-5s %s/s%s\n' "$connections" "${kind%%:*}" \
      "$(awk '/Requests\/sec/ { print $2 }' <<<"$result")" "${bad:+, $bad failed}"
  done
done
kill "$server" && wait "$server" || true
server=

echo '== an instance with 10,000 nodes in 200 clusters'
"$build/tests/bench/metactl_bench" "$folder/large.db"
/usr/bin/env bash -c "TIMEFORMAT='node list of 10,000: %R s'; time '$metactl' --state '$folder/large.db' -i large node list >/dev/null"
/usr/bin/env bash -c "TIMEFORMAT='node list of 10,000 as JSON: %R s'; time '$metactl' --state '$folder/large.db' -i large node list -o json >/dev/null"

echo '== manifests of that size: 10,000 nodes in 200 clusters'
awk 'BEGIN {
  print "apiVersion: metactl/v1\nkind: Instance\nmetadata: {name: many}\nspec: {userId: bench}"
  for (c = 0; c < 200; ++c) {
    printf "---\napiVersion: metactl/v1\nkind: Cluster\nmetadata: {instance: many, name: c%03d}\n", c
    print "spec:\n  type: COMPUTE\n  nodes:"
    for (n = 0; n < 50; ++n) printf "    - {ip: 10.1.%d.%d, heartbeatPort: 9050}\n", c, n
  }
}' >"$folder/many.yaml"
resources() { "$build/tests/bench/metactl_resources" "$@" >/dev/null; }
resources 'apply from nothing' '1000 ms' "$metactl" --state "$folder/many.db" apply -f "$folder/many.yaml"
resources 'plan without change' '100 ms, 60 MiB' "$metactl" --state "$folder/many.db" plan -f "$folder/many.yaml"
resources 'cluster list' '100 ms' "$metactl" --state "$folder/many.db" -i many cluster list
resources 'node list' '100 ms' "$metactl" --state "$folder/many.db" -i many node list
resources 'export' '-' "$metactl" --state "$folder/many.db" -i many export

echo '== a memory broker with 10,000 proxies on 100 hosts, one process a call'
awk 'BEGIN {
  printf "{\"version\":\"mem-broker-0.2\",\"global_epoch\":1,\"clusters\":{},\"all_proxies\":{"
  for (h = 0; h < 100; ++h) for (p = 0; p < 100; ++p) {
    a = sprintf("10.0.%d.1:%d", h, 7000 + p)
    printf "%s\"%s\":{\"proxy_address\":\"%s\",\"node_addresses\":[\"%s1\",\"%s2\"],\"host\":\"10.0.%d.1\",\"index\":0,\"cluster\":null}", (h + p ? "," : ""), a, a, a, a, h
  }
  printf "},\"failed_proxies\":[],\"failures\":{},\"enable_ordered_proxy\":false}"
}' >"$folder/broker.json"
broker=("$metactl" --state "$folder/broker.db" broker)
resources 'metadata restore' '1000 ms' "${broker[@]}" metadata restore "$folder/broker.json" --yes -q
resources 'cluster create of 19,000 nodes' '1000 ms' "${broker[@]}" cluster create large --nodes 19000
resources 'cluster get' '1000 ms' "${broker[@]}" cluster get large
resources 'proxy list' '1000 ms' "${broker[@]}" proxy list
resources 'metadata dump' '1000 ms' "${broker[@]}" metadata dump -
resources 'resources check' '1000 ms' "${broker[@]}" resources check

echo '== key grep, and grep -c, on a log of 1 GB without keys (median of 5)'
line='I0701 10:00:01.107203 meta_service.cpp:1067] finished get_tablet_stats instance_id=demo tablet_id=10710167 ip=10.0.0.5 cost=610'
# Exit status 141: head has read enough.
{ yes "$line" || [ $? = 141 ]; } 2>/dev/null | head -c 1000000000 >"$folder/keyless.log"
hyperfine -N -i --warmup 1 --runs 5 --export-csv "$folder/times.csv" \
  "$metactl key grep --count $folder/keyless.log" "grep -c 0110696e $folder/keyless.log" >/dev/null 2>&1
awk -F, '
  NR == 2 { ours = $4 } NR == 3 { theirs = $4 }
  END { printf "key grep --count %.0f MB/s, grep -c %.0f MB/s: %.2f (goal >= 500 MB/s)\n", 1000 / ours, 1000 / theirs, theirs / ours }
' "$folder/times.csv"
rm "$folder/keyless.log"
