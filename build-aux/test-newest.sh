#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

# Runs the tests with the GLib, the compilers and the language bindings of a newer Debian, in a folder that is made with
# debootstrap once and brought up to date each time. The checkout is copied into it and not written to.
#
# Usage: test-newest.sh PACKAGE...   (those that the tests need)
#
# GD_NEWEST_SUITE   the suite; without it, the first of those below that can be made
# GD_NEWEST_DIR     where to keep the folders, one a suite; they take a gigabyte each
# GD_NEWEST_MIRROR  the mirror; without it, the one that this machine's apt takes Debian from

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

suites=(forky trixie)
[ -z "${GD_NEWEST_SUITE-}" ] || suites=("$GD_NEWEST_SUITE")
keep=${GD_NEWEST_DIR:-_build-newest}

say ()
{
  printf '%s\n' "$*" >&2
}

die ()
{
  say "test-newest: $*"
  exit 1
}

# Of the environment, only these reach root and the tests: the rest speaks of this system.
kept_environment ()
{
  local name
  for name in GD_NEWEST_DIR GD_NEWEST_MIRROR GD_NEWEST_SUITE GD_TEST_SCALE TERM http_proxy https_proxy no_proxy; do
    [ -z "${!name-}" ] || printf '%s\0' "$name=${!name}"
  done
}

mapfile -d '' environment < <(kept_environment)

# The rest of this file runs as root, and in a mount namespace of its own: what is mounted there goes with its last
# process, however that ends, and nobody else sees it.
if [ "${1-}" != --in-namespace ]; then
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    as_root=(sudo)
    [ -t 0 ] || as_root+=(-n)
  fi
  if ! "${as_root[@]}" unshare --mount true; then
    echo "0 passed, 1 failed"
    die "this needs root (or sudo) and the right to mount: debootstrap and chroot do"
  fi
  exec "${as_root[@]}" env "${environment[@]}" unshare --mount build-aux/test-newest.sh --in-namespace "$@"
fi
shift

# ./run test prints the last line, but something has to when it is not reached.
last_line="0 passed, 1 failed"
trap '[ -z "$last_line" ] || echo "$last_line"' EXIT
# Not every program that is interrupted tells the shell so, and the next suite would be tried.
trap 'exit 130' INT TERM

log=

# Runs a command into the log, and shows its end when that fails.
quietly ()
{
  "$@" >"$log" 2>&1 </dev/null && return
  tail -n 20 "$log" >&2
  return 1
}

# Security updates come from elsewhere under another label.
mirror ()
{
  if [ -n "${GD_NEWEST_MIRROR-}" ]; then
    echo "$GD_NEWEST_MIRROR"
  else
    # shellcheck disable=SC2016 # that is apt's
    apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sed -n 1p
  fi
}

# How apt is told to download here.
download_settings ()
{
  apt-config dump | grep -E '^Acquire::(Check-Valid-Until|ForceIPv[46]|https?|Retries)\b' || true
}

# Makes $root. While it is not whole it has another name.
make ()
{
  local suite=$1 from script=/usr/share/debootstrap/scripts/$1 http_proxy=${http_proxy-}
  [ -e "$script" ] || script=${script%/*}/sid
  from=$(mirror)
  [ -n "$from" ] || die "apt's lists name no mirror of Debian here (no apt-get update yet?); set GD_NEWEST_MIRROR"

  [ -n "$http_proxy" ] || eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
  [ -z "$http_proxy" ] || export http_proxy

  say "Making $root from $from"
  rm -rf --one-file-system "$root.new"
  quietly debootstrap --variant=minbase "$suite" "$root.new" "$from" "$script" || return 1
  mv "$root.new" "$root"
}

# Sets $root to the folder of the first suite that is there or can be made.
find_root ()
{
  local suite
  for suite in "${suites[@]}"; do
    root=$keep/$suite
    if [ -d "$root" ] || make "$suite"; then
      return
    fi
    say "test-newest: no $suite could be made"
  done
  die "nothing to run the tests in"
}

inside ()
{
  chroot "$root" /usr/bin/env -i "${environment[@]}" DEBIAN_FRONTEND=noninteractive HOME=/root LANG=C.UTF-8 \
    PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null
}

install_packages ()
{
  # The certificates are links into folders that are not in there.
  mkdir -p "$root/etc/ssl/certs"
  cp -L /etc/hosts /etc/resolv.conf "$root/etc/"
  [ ! -e /etc/ssl/certs/ca-certificates.crt ] || cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  {
    download_settings
    echo 'Acquire::Languages "none";'
  } >"$root/etc/apt/apt.conf.d/99test-newest"
  # Nothing is to start a service.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod +x "$root/usr/sbin/policy-rc.d"

  local apt=(inside apt-get -q -y --no-install-recommends -o Dpkg::Use-Pty=0)
  quietly inside dpkg --configure -a || die "$root is broken; remove it and try again"
  if quietly "${apt[@]}" update; then
    quietly "${apt[@]}" dist-upgrade || die "$root could not be brought up to date; remove it and try again"
  else
    say "test-newest: apt-get update failed, going on with what is in $root"
  fi
  quietly "${apt[@]}" install "$@" || die "apt-get could not install: $*"
  quietly "${apt[@]}" clean
}

copy_checkout ()
{
  rm -rf --one-file-system "$root/gdeferred"
  mkdir "$root/gdeferred"
  tar --exclude=./.git --exclude='./_build*' --exclude=__pycache__ -c . | tar --no-same-owner -C "$root/gdeferred" -x
}

# Some tell their name with the version.
print_versions ()
{
  printf 'Debian %s: GLib %s, %s, PyGObject %s, %s, Meson %s, gcc %s, %s\n' \
    "${root##*/}" \
    "$(inside pkg-config --modversion glib-2.0)" \
    "$(inside gjs --version)" \
    "$(inside python3 -c 'import gi; print(gi.__version__)')" \
    "$(inside python3 --version)" \
    "$(inside meson --version)" \
    "$(inside gcc -dumpfullversion)" \
    "$(inside valac --version)"
}

umask 022
mkdir -p "$keep"
keep=$(cd "$keep" && pwd)
log=$keep/log

exec {lock}>"$keep/lock"
flock -n "$lock" || die "another run uses $keep"

root=
find_root
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
say "Bringing $root up to date"
install_packages "$@"
copy_checkout
print_versions
last_line=
inside sh -c 'cd /gdeferred && ./run test'
