#!/usr/bin/env bash
# Makes a virtual environment with the locked versions and all extras: with uv when it is installed, else with venv and pip.
# Usage: scripts/setup.sh [folder, .venv unless given]. PYTHON=… names the interpreter to use.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv}
unset PYTHONDONTWRITEBYTECODE

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local name
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python}; do
        if new_enough "$name"; then
            echo "$name"
            return
        fi
    done
    echo "gaiatsu needs Python 3.11 or newer: none of '${PYTHON:-python3 python3.13 python3.12 python3.11 python}' is. Name one with PYTHON=…" >&2
    return 1
}

if command -v uv >/dev/null 2>&1; then
    echo "Setting up $venv with uv, from uv.lock …"
    UV_PROJECT_ENVIRONMENT=$venv uv sync --frozen --all-extras ${PYTHON:+--python "$PYTHON"} --quiet
else
    python=$(find_python)
    echo "Setting up $venv with $python and pip, from requirements/all.txt (a few minutes the first time) …"
    new_enough "$venv/bin/python" || "$python" -m venv --clear "$venv"
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
    "$venv/bin/python" -m pip install --quiet --no-compile --require-hashes --only-binary :all: --requirement requirements/all.txt
    "$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
fi
# Compile what a run imports, and only that: compiling every package would double the time of the set-up.
"$venv/bin/python" -c "import gaiatsu.cli, gaiatsu.report, gaiatsu.trade.solve"
echo "Ready: $("$venv/bin/python" --version), $venv"
