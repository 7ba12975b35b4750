# shellcheck shell=bash
# Sourced by the other scripts here, and by you to run things by hand:
#   . dev/env.sh; newdb try; odoo -d try -i lrm_credentials

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
DEV=$ROOT/.dev
LOG=$DEV/log
FILESTORE=$DEV/data/filestore

# The folder with the `odoo` package: a checkout of the user's, or the one that dev/setup unpacks.
if [ -n "${ODOO_SRC-}" ]; then ODOO_SRC=$(realpath "$ODOO_SRC"); fi
ODOO_PATH=${ODOO_SRC:-$DEV/odoo/usr/lib/python3/dist-packages}

# The private PostgreSQL server lives in .dev/, unless its user could not enter that folder or the
# path of its socket would pass the system's limit of 107 bytes.
PG=$DEV/pg
if [ ${#PG} -gt 90 ] || { [ "$EUID" = 0 ] && ! runuser -u nobody -- test -x "$ROOT"; }; then
    PG=/tmp/lrm-pg-$(cksum <<<"$ROOT" | cut -d' ' -f1)
fi
if [ -z "${PGHOST-}${PGPORT-}${PGUSER-}" ]; then
    export PGHOST=$PG PGPORT=5432 PGUSER=odoo
fi

# Tests render with both builds; everything else finds the patched one, as most Odoo servers do.
export LRM_WKHTMLTOPDF_PATCHED=$DEV/wkhtmltopdf/patched/wkhtmltopdf
export LRM_WKHTMLTOPDF_UNPATCHED=${LRM_WKHTMLTOPDF_UNPATCHED:-/usr/bin/wkhtmltopdf}

# Only our own configuration is read, never the user's.
export ODOO_RC=$DEV/odoo.conf
export PATH=$DEV/wkhtmltopdf/patched:$DEV/venv/bin:$PATH

odoo() {
    python -m odoo "$@"
}

# newdb NAME [KIND]: NAME becomes a fresh copy, files included, of the template of that kind:
# base (the default; our addon is not installed), addon, demo or queue_job.
newdb() {
    local from
    from=$(cat "$DEV/template/${2:-base}")
    dropdb --if-exists --force "$1" 2>/dev/null
    createdb -T "$from" "$1"
    rm -rf "${FILESTORE:?}/$1"
    [ ! -d "$FILESTORE/$from" ] || cp -r "$FILESTORE/$from" "$FILESTORE/$1"
}

# template KIND INPUTS ODOO_OPTION...: the template of that kind, installed with these options, is kept
# and made again only when one of its inputs changes. Others start from base, queue_job from addon.
template() {
    local kind=$1 from=base parent='' name log=$LOG/template-$1.log file=$DEV/template/$1 old
    [ "$kind" != queue_job ] || from=addon
    [ "$kind" = base ] || parent=$(cat "$DEV/template/$from")
    name=lrm_${kind}_$(sha256sum <<<"$parent $*" | cut -c1-12)
    shift 2
    if [ "$(cat "$file" 2>/dev/null)" = "$name" ] && psql -qd "$name" -c '' 2>/dev/null; then
        return
    fi
    for old in "$name" $(cat "$file" 2>/dev/null); do
        dropdb --if-exists --force "$old"
        rm -rf "${FILESTORE:?}/$old" "$file"
    done
    if [ -n "$parent" ]; then newdb "$name" "$from"; fi
    if [ "$kind" = demo ]; then
        # Odoo loads an addon's demo data only if its dependencies have theirs, which would be clutter.
        psql -qd "$name" -c "UPDATE ir_module_module SET demo = true WHERE state = 'installed'"
    fi
    odoo -d "$name" "$@" --stop-after-init --no-http >"$log" 2>&1 || {
        tail -n 20 "$log"
        return 1
    }
    mkdir -p "$DEV/template"
    echo "$name" >"$file"
}

# addon_files ADDON: what is in it, for template(). Translations are read when a language is activated.
addon_files() {
    cd "$ROOT" && find "$1" -type f ! -name '*.pyc' ! -path '*/i18n/*' -exec sha256sum {} + | sort
}

# addon_template KIND ODOO_OPTION...: the same with our addon, made again when any file of it changes.
addon_template() {
    template "$1" "$(addon_files lrm_credentials)" -i lrm_credentials "${@:2}"
}

# The same with OCA's job queue as well.
queue_job_template() {
    template queue_job "$(addon_files lrm_credentials_queue_job)" -i lrm_credentials_queue_job
}

# step LABEL COMMAND...: runs the command and prints one line of progress, or what went wrong.
step() {
    local label=$1 begun=${EPOCHREALTIME/[.,]/} log="$LOG/$1.log" took
    shift
    # In the background, because bash ignores `set -e` in what stands before ||.
    "$@" </dev/null >"$log" 2>&1 &
    wait $! || {
        tail -n 20 "$log"
        echo "\"$label\" failed. The lines above are the end of ${log#"$ROOT/"}."
        echo "Mend what they name and run the same command again; \`make clean\` makes it start from nothing."
        exit 1
    } >&2
    took=$(((${EPOCHREALTIME/[.,]/} - begun) / 1000000))
    if [ "$took" = 0 ]; then took=ready; else took="$took s"; fi
    echo "$label … $took"
}

# numbered TOTAL [DONE]: puts [1/TOTAL] and so on before the lines of progress, DONE of which are there.
numbered() {
    local n=${2:-0} line
    while read -r line; do echo "[$((n += 1))/$1] $line"; done
}
