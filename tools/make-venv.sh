#!/bin/sh
# Makes .venv without root. Usage: make-venv.sh [PYTHON]; without one, the newest suitable interpreter is looked for.
set -u

suits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if [ -n "${1:-}" ]; then
  suits "$1" || { echo "textback needs Python 3.11 or newer, and PYTHON=$1 is not; try make PYTHON=python3.13" >&2; exit 1; }
  found=$1
else
  found=
  for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
    suits "$candidate" || continue
    # One that can make a whole environment is better than a newer one that cannot.
    [ -n "$found" ] || found=$candidate
    if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then found=$candidate; break; fi
  done
  [ -n "$found" ] || { echo "textback needs Python 3.11 or newer, and none was found; make PYTHON=/path/to/python3 names one" >&2; exit 1; }
fi

"$found" -m venv .venv >/dev/null 2>&1 && exit 0
# Debian and Ubuntu leave ensurepip out: the interpreter's own pip, or uv, can fill the environment too.
rm -rf .venv
if "$found" -m venv --without-pip .venv 2>/dev/null && "$found" -m pip -q --python .venv/bin/python install pip 2>/dev/null; then exit 0; fi
rm -rf .venv
if uv venv -q --seed --python "$found" .venv 2>/dev/null; then exit 0; fi
rm -rf .venv
echo "$found cannot make a virtual environment; on Debian or Ubuntu: apt install python3-venv" >&2
exit 1
