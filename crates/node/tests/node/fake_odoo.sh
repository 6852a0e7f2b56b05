#!/bin/sh
# A stand-in for Odoo's command line: fills the database with Odoo's own tables instead of installing modules.
set -eu
database=; configuration=
while [ $# -gt 0 ]; do
  case $1 in
    -c) configuration=$2; shift ;;
    -d) database=$2; shift ;;
  esac
  shift
done
value() { sed -n "s/^$1 = //p" "$configuration"; }
if grep -q "db_password = broken" "$configuration"; then
  echo "2026-01-01 00:00:00,000 1 CRITICAL $database odoo.modules: no such luck" >&2
  exit 1
fi
echo "2026-01-01 00:00:00,000 1 INFO $database odoo.modules.loading: Loading module web (2/4) " >&2
PGPASSWORD=$(value db_password); export PGPASSWORD
run() { "@psql@" -qAt -v ON_ERROR_STOP=1 -h "$(value db_host)" -p "$(value db_port)" -U "$(value db_user)" -d "$database" "$@"; }
[ -n "$(run -c "SELECT to_regclass('res_users')")" ] || run -f "@sql@" >/dev/null
store=$(value data_dir)/filestore/$database
mkdir -p "$store/1d"
printf 'a picture' > "$store/1d/1d1e5c382d544d695a9e2b884cf7d1ce12d94384"
