#!/usr/bin/env bash
# Runs the commands of README.md's console blocks on a fresh state and compares what they print.
set -euo pipefail
readme=$1/README.md
metactl=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export HOME="$folder" XDG_CONFIG_HOME="$folder/config" XDG_DATA_HOME="$folder/data"
unset METACTL_SERVER METACTL_STATE METACTL_TOKEN METACTL_TOKEN_FILE METACTL_CONTEXT METACTL_OUTPUT
metactl() { "$metactl" "$@"; }
cp -r "$1/examples" "$folder"

sed -n '/^```console$/,/^```$/p' "$readme" | grep -v '^```' >"$folder/expected"
count=$(grep -c '^\$ ' "$folder/expected")
[ "$count" -ge 10 ] || { echo "only $count commands found in README.md"; exit 1; }
cd "$folder"
grep '^\$ ' "$folder/expected" | while IFS= read -r line; do
  printf '%s\n' "$line"
  eval "${line#\$ }" 2>&1 </dev/null || true
done | grep -v '/mtime: ' >"$folder/printed" # There only when a second has passed.
diff "$folder/expected" "$folder/printed" && echo "$count commands print what README.md says"
