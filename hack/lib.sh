# shellcheck shell=bash
# Shared by the scripts in this folder; sourced, never run.

# shellcheck disable=SC2034  # read by the scripts that source this file
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
if [[ -z ${HOME:-} ]]; then
  HOME="$(getent passwd "$(id -u)" | cut -d: -f6)"
  export HOME
fi
CACHE="${CERTOPERATOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/certoperator}"
export CERTOPERATOR_CACHE="$CACHE"
mkdir -p "$CACHE/bin" "$CACHE/logs" "$CACHE/locks"
# named and nginx live in sbin, which an ordinary user's PATH lacks.
export PATH="$CACHE/bin:$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false

# The one version of kube-apiserver that everything here is tried against.
KUBE_VERSION=v1.20.2
# The number goes up when the way of building changes, so that no machine keeps a program built the old way.
APISERVER_BINARY="$CACHE/bin/kube-apiserver-$KUBE_VERSION-2"
PEBBLE_BINARY="$CACHE/bin/pebble-2.4.0-2"
export APISERVER_BINARY PEBBLE_BINARY

say() { printf '==> %s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# run_quiet LOG COMMAND...: keeps the output in the cache's logs and shows its end only on failure.
run_quiet() {
  local log="$CACHE/logs/$1.log" status=0
  shift
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if ((status != 0)); then
    {
      printf 'error: this failed with exit code %d: %s\n' "$status" "$*"
      printf -- '--- the last lines of %s\n' "$log"
      tail -n 60 "$log"
      printf -- '---\n'
    } >&2
  fi
  return "$status"
}

# with_lock FILE COMMAND...: one caller at a time, in a subshell. Closing 9 for the command keeps a server that it
# starts from holding the lock for ever; the subshell itself still holds it.
with_lock() {
  local file=$1
  shift
  (
    flock 9
    "$@" 9>&-
  ) 9>"$file"
}

# --- Debian packages -------------------------------------------------------------------------------------------

# missing_packages PACKAGE...: prints those that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" == installed ]] || printf '%s\n' "$package"
  done
}

# apt_install PACKAGE...: installs what is missing and starts no daemon.
apt_install() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]} > 0)) || return 0
  have apt-get || die "this needs the programs of these Debian packages, and there is no apt-get here: ${missing[*]}"
  ((EUID == 0)) || die "these packages are missing and only root can install them: apt-get install -y --no-install-recommends ${missing[*]}"
  say "installing Debian packages: ${missing[*]}"
  mkdir -p /run/lock
  with_lock /run/lock/certoperator-apt.lock apt_install_locked "${missing[@]}"
}

apt_install_locked() {
  (
    # policy-rc.d with exit code 101 is Debian's way to say: do not start the services that packages bring.
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
      printf '#!/bin/sh\nexit 101\n' >"$policy"
      chmod 755 "$policy"
      # shellcheck disable=SC2064  # expanded now on purpose
      trap "rm -f '$policy'" EXIT
    fi
    apt_update_once
    DEBIAN_FRONTEND=noninteractive run_quiet apt-install apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 \
      install -y --no-install-recommends "$@"
  )
}

# The lists from an hour ago are new enough, as long as nobody has removed them since.
apt_update_once() {
  local stamp=/run/lock/certoperator-apt-updated
  mkdir -p /run/lock
  if [[ -n "$(find "$stamp" -mmin -60 2>/dev/null)" && -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -print -quit)" ]]; then
    return 0
  fi
  run_quiet apt-update apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 update
  : >"$stamp"
}

# --- Ports -----------------------------------------------------------------------------------------------------

# A port is handed out once and stays reserved for half an hour, so that two callers that both have yet to start
# their server do not get the same one. tests/TestSupport keeps to the same files.
PORT_RESERVATIONS="/tmp/certoperator-ports"
PORT_LOW=20000
PORT_HIGH=32000

# free_ports COUNT: prints COUNT ports that nobody listens on, one a line. The exclusive creation of the file is what
# makes a port the caller's own.
free_ports() {
  local wanted=$1 used port tries=0
  if [[ ! -d $PORT_RESERVATIONS ]]; then
    mkdir -p "$PORT_RESERVATIONS"
    chmod 1777 "$PORT_RESERVATIONS" 2>/dev/null || true
  fi
  find "$PORT_RESERVATIONS" -maxdepth 1 -name '[0-9]*' -mmin +30 -delete 2>/dev/null || true
  used=" $(ports_in_use | tr '\n' ' ')"
  while ((wanted > 0)); do
    ((++tries <= 5000)) || die "no free port between $PORT_LOW and $PORT_HIGH"
    port=$((PORT_LOW + (RANDOM * 32768 + RANDOM) % (PORT_HIGH - PORT_LOW)))
    [[ $used != *" $port "* ]] || continue
    (set -o noclobber && : >"$PORT_RESERVATIONS/$port") 2>/dev/null || continue
    printf '%d\n' "$port"
    wanted=$((wanted - 1))
  done
}

# hold_ports PORT...: renews the reservation, for a server that is stopped for a while and comes back.
hold_ports() {
  local port
  for port in "$@"; do
    : >"$PORT_RESERVATIONS/$port"
  done
}

release_ports() {
  local port
  for port in "$@"; do
    rm -f "$PORT_RESERVATIONS/$port"
  done
}

# Every local port in use, TCP and UDP, from /proc: neither ss nor netstat has to be there.
ports_in_use() {
  local file hex rest
  for file in /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6; do
    [[ -r $file ]] || continue
    while read -r _ hex rest; do
      # The first line is a heading.
      if [[ $hex == *:* && -n $rest ]]; then printf '%d\n' "0x${hex##*:}"; fi
    done <"$file"
  done | sort -un
}

# --- Processes -------------------------------------------------------------------------------------------------

# A pid file holds "PID STARTTIME": a pid that the kernel has given to somebody else since is not ours to kill.
process_start_time() {
  local stat
  { stat="$(<"/proc/$1/stat")"; } 2>/dev/null || return 1
  stat="${stat##*) }"
  # A zombie has ended; only its parent has not noticed.
  [[ ${stat%% *} != Z ]] || return 1
  cut -d' ' -f20 <<<"$stat"
}

# is_running PIDFILE: prints the pid when the process that was started is still there.
is_running() {
  local pid start
  [[ -s $1 ]] || return 1
  read -r pid start <"$1" || return 1
  [[ "$(process_start_time "$pid" || true)" == "$start" && -n $start ]] || return 1
  printf '%d\n' "$pid"
}

# start_process NAME DIR COMMAND...: in a session of its own, output appended to DIR/NAME.log, pid in DIR/NAME.pid.
start_process() {
  local name=$1 dir=$2 pid
  shift 2
  setsid "$@" >>"$dir/$name.log" 2>&1 </dev/null &
  pid=$!
  disown "$pid" 2>/dev/null || true
  printf '%d %s\n' "$pid" "$(process_start_time "$pid" || true)" >"$dir/$name.pid"
}

# stop_process PIDFILE SECONDS [SIGNAL]: asks it to end, and after SECONDS kills it. Nothing running is fine.
stop_process() {
  local file=$1 seconds=$2 signal=${3:-TERM} pid deadline
  if pid="$(is_running "$file")"; then
    kill "-$signal" "$pid" 2>/dev/null || true
    deadline=$((SECONDS + seconds))
    while is_running "$file" >/dev/null; do
      if ((SECONDS >= deadline)); then
        kill -KILL "$pid" 2>/dev/null || true
        deadline=$((SECONDS + 10))
      fi
      sleep 0.05
    done
  fi
  rm -f "$file"
}

# wait_for SECONDS PIDFILE LOG WHAT COMMAND...: until COMMAND succeeds; ends early when the process has died.
wait_for() {
  local deadline=$((SECONDS + $1)) pidfile=$2 log=$3 what=$4
  shift 4
  until "$@" >/dev/null 2>&1; do
    if ! is_running "$pidfile" >/dev/null; then
      tail -n 40 "$log" >&2 || true
      die "$what ended before it was ready; its log: $log"
    fi
    if ((SECONDS >= deadline)); then
      tail -n 40 "$log" >&2 || true
      die "$what was not ready in time; its log: $log"
    fi
    sleep 0.1
  done
}

# --- Certificates ----------------------------------------------------------------------------------------------

# make_server_certificate DIR NAME SUBJECTALTNAMES: a CA in DIR/ca.pem and a leaf in DIR/server.pem, DIR/server.key.
# The CA's key is thrown away: nothing else is to be issued under it.
make_server_certificate() {
  local dir=$1 name=$2 names=$3 work
  work="$(mktemp -d)"
  (
    cd "$work"
    printf '[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=%s\n[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n' "$name" >ca.cnf
    printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=%s\nauthorityKeyIdentifier=keyid\n' "$names" >leaf.ext
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -config ca.cnf -extensions ca -keyout ca.key -out ca.pem
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config ca.cnf -subj "/CN=localhost" -keyout server.key -out server.csr
    openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 -extfile leaf.ext -out server.pem
  ) >"$work/openssl.log" 2>&1 || {
    cat "$work/openssl.log" >&2
    die "openssl could not make the certificate for $name"
  }
  mkdir -p "$dir"
  cp "$work"/{ca.pem,server.pem,server.key} "$dir/"
  chmod 600 "$dir/server.key"
  rm -rf "$work"
}
