#!/usr/bin/env bash
# Builds the wheel, installs it with the locked core dependencies alone in an empty environment outside the checkout, and runs the main
# case there from another folder. Usage: scripts/check_wheel.sh EMPTY_FOLDER
set -euo pipefail
checkout=$(cd "$(dirname "$0")/.." && pwd)
work=$(cd "$1" && pwd)
case "$work/" in "$checkout"/*) echo "$work must be outside the checkout" >&2; exit 2 ;; esac
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
unset PYTHONPATH VIRTUAL_ENV PYTHONDONTWRITEBYTECODE

cd "$checkout"
.venv/bin/python -m build --wheel --no-isolation --outdir "$work/dist" . >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 1; }
wheel=("$work"/dist/gaiatsu-*.whl)
echo "built $(basename "${wheel[0]}"), $(du -k "${wheel[0]}" | cut -f1) KiB"

if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --python .venv/bin/python "$work/venv"
    uv pip install --quiet --python "$work/venv" --require-hashes --requirement requirements/core.txt
    uv pip install --quiet --python "$work/venv" --no-deps "${wheel[0]}"
    uv pip check --quiet --python "$work/venv"
else
    .venv/bin/python -m venv "$work/venv"
    "$work/venv/bin/python" -m pip install --quiet --no-compile --require-hashes --only-binary :all: --requirement requirements/core.txt
    "$work/venv/bin/python" -m pip install --quiet --no-deps "${wheel[0]}"
    "$work/venv/bin/python" -m pip check
fi

mkdir "$work/elsewhere" "$work/home"
cd "$work/elsewhere"
export HOME="$work/home"
"$work/venv/bin/gaiatsu" --help >/dev/null
"$work/venv/bin/python" -m gaiatsu cases
"$work/venv/bin/python" "$checkout/scripts/check_installed.py" --checkout "$checkout" --venv "$work/venv" -- \
    run us-autos-steel-japan --out "$work/run"
for file in report.html outcome.parquet tables.xlsx scenario.yaml provenance.json; do
    test -s "$work/run/$file" || { echo "the run wrote no $file" >&2; exit 1; }
done
for place in "$checkout" "$work"; do
    if grep -rlF "$place" "$work/run"; then
        echo "a file of the run names the folder $place" >&2
        exit 1
    fi
done
