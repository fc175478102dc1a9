#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# SPDX-FileCopyrightText: The GDeferred authors

# Installs into a scratch folder, and uses what is there as a stranger would: through pkg-config and the typelib.
#
# Usage: test-install.sh MESON BUILD-FOLDER PREFIX LIBDIR GIR VAPI WRAPPERS   (the last three: whether built, true or false)

set -u
meson=$1 build=$2 prefix=$3 libdir=$4 gir=$5 vapi=$6 wrappers=$7
here=$(cd "$(dirname "$0")" && pwd)
examples=$here/../../examples
cc=${CC:-cc}

scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

root=$scratch/root$prefix
libdir=$scratch/root$libdir
lib=$libdir/libgdeferred-1.0.so
gio_lib=$libdir/libgdeferred-gio-1.0.so

export PKG_CONFIG_PATH=$libdir/pkgconfig
export LD_LIBRARY_PATH=$libdir GI_TYPELIB_PATH=$libdir/girepository-1.0
export G_DEBUG=fatal-warnings,gc-friendly
unset GJS_PATH PYTHONPATH

# shellcheck disable=SC2317 # all called by their names

installs ()
{
  env -u G_DEBUG "$meson" install -C "$build" --no-rebuild --quiet --destdir "$scratch/root" >install.log 2>&1 \
    || { cat install.log; return 1; }
  # As if it had been configured for this folder: to override the variables from outside would move GLib too.
  sed -i -e "s|^prefix=.*|prefix=$root|" -e "s|^libdir=.*|libdir=$libdir|" "$libdir"/pkgconfig/gdeferred-*.pc
}

# is_versioned LIBRARY
is_versioned ()
{
  local soname
  soname=$(readelf -d "$1" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
  echo "soname $soname"
  [ "$soname" = "${1##*/}.0" ] && [ -e "$libdir/$soname" ] && [ -L "$1" ]
}

has_versioned_library ()
{
  is_versioned "$lib"
}

# exported [LIBRARY]
exported ()
{
  nm -D --defined-only "${1-$lib}" | awk '{ print $NF }' | sed 's/@.*//' | LC_ALL=C sort -u
}

exports_only_our_names ()
{
  [ -n "$(exported)" ] && ! exported | grep -v '^g_deferred_'
}

exports_the_listed_names ()
{
  exported | diff -u "$here/../symbols.txt" -
}

headers_stand_alone ()
{
  local header cflags
  cflags=$(pkg-config --cflags gdeferred-1.0) || return 1
  cd "$root/include/gdeferred-1.0" || return 1
  for header in gdeferred/*.h; do
    case $header in
    *-private.h) echo "$header is private"; return 1 ;;
    esac
    # shellcheck disable=SC2086
    echo "#include <$header>" | $cc -x c -std=c11 -Wall -Wextra -Werror -fsyntax-only $cflags - || return 1
  done
}

c_program_builds_and_runs ()
{
  # shellcheck disable=SC2046
  $cc -std=c11 -Wall -Werror -o program-c "$here/program.c" $(pkg-config --cflags --libs gdeferred-1.0) && ./program-c
}

# A Python that has PyGObject: the first one on the path may be another.
find_python ()
{
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -c 'import gi' 2>/dev/null; then
      echo "$python"
      return 0
    fi
  done
  return 1
}

python_program_runs ()
{
  "$python" "$here/program.py"
}

gjs_program_runs ()
{
  gjs "$here/program.js"
}

# says_hello ERROR COMMAND...: the README's example, which says what is in a file, or the error.
says_hello ()
{
  local error=$1
  shift
  printf Hello >greeting
  diff -u - <("$@" greeting && "$@" /nowhere) <<END
It says: Hello
Sorry: $error
END
}

# Where Python would find what was installed. With the prefix that is real, one of the folders that it knows.
python_folder ()
{
  local override
  override=$(find "$root" -path '*-packages/gi/overrides/GDeferred.py')
  [ -n "$override" ] && echo "${override%/gi/overrides/GDeferred.py}"
}

python_example_runs_with_the_override ()
{
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(python_folder) \
    says_hello "[Errno 2] No such file or directory: '/nowhere'" "$python" "$examples/hello.py"
}

python_types_are_installed ()
{
  [ -e "$(python_folder)/gi-stubs/repository/GDeferred.pyi" ]
}

gjs_example_runs_with_the_override ()
{
  XDG_DATA_DIRS=$root/share:${XDG_DATA_DIRS:-/usr/local/share:/usr/share} \
    says_hello "Error opening file /nowhere: No such file or directory" gjs -m "$examples/hello.js"
}

vapi_has_the_namespace ()
{
  grep -q '^namespace GDeferred {' "$root/share/vala/vapi/gdeferred-1.0.vapi"
}

vala_program_builds_and_runs ()
{
  local flags=() flag
  for flag in $(pkg-config --cflags --libs gdeferred-1.0); do
    flags+=(-X "$flag")
  done
  valac --vapidir "$root/share/vala/vapi" --pkg gio-2.0 --pkg gdeferred-1.0 "${flags[@]}" -X -w \
    -o program-vala "$here/program.vala" && ./program-vala
}

# --- the wrappers for GIO, and the tool that makes them ---

wrappers_are_a_versioned_library ()
{
  is_versioned "$gio_lib"
}

wrappers_export_the_listed_names ()
{
  exported "$gio_lib" | diff -u "$here/../codegen/symbols-gio.txt" -
}

wrappers_header_stands_alone ()
{
  # shellcheck disable=SC2046
  echo "#include <gdeferred-gio/gdeferred-gio.h>" \
    | $cc -x c -std=c11 -Wall -Wextra -Werror -fsyntax-only $(pkg-config --cflags gdeferred-gio-1.0) -
}

wrappers_program_builds_and_runs ()
{
  # shellcheck disable=SC2046
  $cc -std=c11 -Wall -Werror -o program-gio "$here/program-gio.c" $(pkg-config --cflags --libs gdeferred-gio-1.0) \
    && ./program-gio
}

wrappers_python_program_runs ()
{
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$(python_folder) "$python" "$here/program-gio.py"
}

codegen_runs ()
{
  local toy=$here/../codegen
  "$root/bin/gdeferred-codegen" --version | grep -q '^gdeferred-codegen [0-9]' \
    && "$root/bin/gdeferred-codegen" "$toy/Toy-1.0.gir" --rules "$toy/toy.rules" --newest 1.0 --header - \
      | diff -u "$toy/toy-deferred.h.expected" -
}

# As somebody builds who has a library of his own.
own_wrappers_build_and_run ()
{
  local PATH=$root/bin:$PATH
  (
    unset G_DEBUG
    "$meson" setup own "$examples/own-wrappers" && "$meson" compile -C own
  ) >own.log 2>&1 || { cat own.log; return 1; }
  diff -u - <(own/greet world; own/greet) <<END
Hello, world (12 letters)
There is nobody to greet
END
}

number=0

# check FUNCTION: one case; what the function prints is shown when it fails.
check ()
{
  number=$((number + 1))
  if ("$1") >case.log 2>&1; then
    echo "ok $number ${1//_/-}"
  else
    sed 's/^/# /' "$scratch/case.log"
    echo "not ok $number ${1//_/-}"
  fi
}

skip ()
{
  number=$((number + 1))
  echo "ok $number ${1//_/-} # SKIP $2"
}

check installs
check has_versioned_library
check exports_only_our_names
check exports_the_listed_names
check headers_stand_alone
check c_program_builds_and_runs

python=$(find_python)
if [ "$gir" = true ] && [ -n "$python" ]; then
  check python_program_runs
  check python_example_runs_with_the_override
  check python_types_are_installed
else
  skip python_program_runs "no typelib, or no PyGObject"
  skip python_example_runs_with_the_override "no typelib, or no PyGObject"
  skip python_types_are_installed "no typelib, or no PyGObject"
fi
if [ "$gir" = true ] && command -v gjs >/dev/null; then
  check gjs_program_runs
  check gjs_example_runs_with_the_override
else
  skip gjs_program_runs "no typelib, or no GJS"
  skip gjs_example_runs_with_the_override "no typelib, or no GJS"
fi
if [ "$vapi" = true ]; then
  check vapi_has_the_namespace
else
  skip vapi_has_the_namespace "no vapi"
fi
if [ "$vapi" = true ] && command -v valac >/dev/null; then
  check vala_program_builds_and_runs
else
  skip vala_program_builds_and_runs "no vapi, or no valac"
fi

check codegen_runs
if [ "$gir" = true ]; then
  check own_wrappers_build_and_run
else
  skip own_wrappers_build_and_run "no GIR"
fi
if [ "$wrappers" = true ]; then
  check wrappers_are_a_versioned_library
  check wrappers_export_the_listed_names
  check wrappers_header_stands_alone
  check wrappers_program_builds_and_runs
else
  skip wrappers_are_a_versioned_library "no wrappers"
  skip wrappers_export_the_listed_names "no wrappers"
  skip wrappers_header_stands_alone "no wrappers"
  skip wrappers_program_builds_and_runs "no wrappers"
fi
if [ "$wrappers" = true ] && [ "$gir" = true ] && [ -n "$python" ]; then
  check wrappers_python_program_runs
else
  skip wrappers_python_program_runs "no wrappers, no typelib, or no PyGObject"
fi
echo "1..$number"
