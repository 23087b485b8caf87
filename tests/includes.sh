#!/usr/bin/env bash
# Every include between our folders must be one of the arrows in ARCHITECTURE.md.
set -eu
cd "$1"
allowed() {
  case $1 in
    base) echo "" ;;
    proto) echo "" ;;
    keys) echo "base" ;;
    store) echo "base" ;;
    api) echo "keys base proto" ;;
    manifest) echo "client api base proto" ;;
    core) echo "api keys store base proto" ;;
    http) echo "api base proto" ;;
    client) echo "http api base" ;;
    server) echo "core http api base proto" ;;
    render) echo "base" ;;
    cli) echo "client render http api keys base" ;;
    commands) echo "cli client render manifest http api keys base proto" ;;
    app) echo "cli commands client render server core http api keys store base proto" ;;
  esac
}
failures=0
count=0
while IFS=: read -r file include; do
  from=${file%%/*}
  [ "$from" = src ] && { from=${file#src/}; from=${from%%/*}; }
  target=${include#*\"}
  target=${target%%/*}
  count=$((count + 1))
  [ "$target" = "$from" ] && continue
  case " $(allowed "$from") " in
    *" $target "*) ;;
    *) echo "$file must not include $include"; failures=$((failures + 1)) ;;
  esac
done < <(grep -roE '#include "[a-z]+/[^"]+"' src commands --include=*.h --include=*.cpp)
[ "$count" -gt 100 ] || { echo "only $count includes found: this test looks in the wrong place"; exit 1; }
[ "$failures" = 0 ] && echo "$count includes, all along the arrows"
