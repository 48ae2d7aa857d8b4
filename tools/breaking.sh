#!/bin/sh
# Fails where a client of a released contract would notice that the contract changed. Usage: breaking.sh [FOLDER]
# FOLDER is the contract to look at, proto/ unless told otherwise. The released ones are in proto/released/.
set -eu
cd "$(dirname "$0")/.."

for released in proto/released/*.binpb; do
  .venv/bin/buf breaking "${1:-proto}" --against "$released" || {
    echo "this breaks clients of the released contract $released: see docs/compatibility.md" >&2
    exit 1
  }
done
