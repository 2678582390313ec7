#!/usr/bin/env bash
# Set up everything that `proceedings` needs, in this folder's .venv and, for system libraries, through apt.
# It may be run again at any time: what is there already is left alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
    cat <<'TEXT'
Usage: ./install.sh [--dev] [--no-system]

  --dev        also install the tools of the tests
  --no-system  install no system packages (you have seen to them yourself)

Then run .venv/bin/proceedings, or first `source .venv/bin/activate`.
TEXT
}

lock=requirements.lock
system=yes
for option in "$@"; do
    case $option in
        --dev) lock=requirements-dev.lock ;;
        --no-system) system=no ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; exit 2 ;;
    esac
done

say() { printf '==> %s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

# package: what it is for
system_packages='
ca-certificates: reaching the package registries
libpango-1.0-0: setting the type of the PDF
libpangoft2-1.0-0: setting the type of the PDF
libharfbuzz-subset0: embedding only the glyphs that are used
fonts-noto-core: scripts beyond Latin, Greek and Cyrillic
fonts-noto-cjk: Chinese, Japanese and Korean
poppler-utils: figures in PDF
ghostscript: figures in EPS
default-jre-headless: the validators of EPUB and PDF
'

install_system_packages() {
    if ! command -v dpkg-query apt-get > /dev/null; then
        say "This is not Debian or Ubuntu: please install the like of these yourself:$system_packages"
        return
    fi
    local missing=() name purpose
    while IFS=: read -r name purpose; do
        [[ -z $name ]] && continue
        if ! dpkg-query --show --showformat='${db:Status-Status}\n' "$name" 2> /dev/null | grep -qx installed; then
            missing+=("$name")
            say "needs the system package $name, for$purpose"
        fi
    done <<< "$system_packages"
    [[ ${#missing[@]} -eq 0 ]] && return

    local as_root=()
    if [[ $(id -u) -ne 0 ]]; then
        command -v sudo > /dev/null || fail "run this as root first: apt-get install ${missing[*]}"
        as_root=(sudo)
        say "asks for root, for apt-get only"
    fi
    say "installing ${#missing[@]} system packages"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}" > /dev/null
}

# The Python environment is made of the lock file alone; a copy of what it was made from spares the next run.
install_python_packages() {
    local python=${PYTHON:-python3} stamp=.venv/installed.txt
    command -v "$python" > /dev/null || fail "$python is not installed: apt-get install python3 python3-venv"
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$("$python" --version) is too old: 3.11 or later is needed (choose one with PYTHON=/path/to/python3)"

    if ! .venv/bin/python -m pip --version > /dev/null 2>&1; then
        say "making the Python environment .venv"
        "$python" -m venv --clear .venv || fail "apt-get install python3-venv, then try again"
    fi
    local wanted
    wanted=$(.venv/bin/python --version; sha256sum pyproject.toml "$lock"; pwd)
    if [[ -f $stamp && $(< "$stamp") == "$wanted" ]]; then
        return
    fi
    say "installing the Python packages of $lock"
    local pip=(.venv/bin/python -m pip --disable-pip-version-check --quiet)
    "${pip[@]}" install --require-hashes --only-binary=:all: -r "$lock"
    "${pip[@]}" install --no-deps --no-build-isolation -e .
    printf '%s\n' "$wanted" > "$stamp"
}

[[ $system == yes ]] && install_system_packages
install_python_packages
say "fetching the data that are pinned: schemas and typefaces"
.venv/bin/proceedings doctor --install
say "done: .venv/bin/proceedings --help"
