#!/usr/bin/env bash
# A Kubernetes control plane as two ordinary processes, etcd and kube-apiserver: no kubelet, no controllers.
#
#   hack/control-plane.sh up [--dir DIR] [-- FLAG...]
#   hack/control-plane.sh down|status [--dir DIR]
#   hack/control-plane.sh stop-apiserver|start-apiserver|kill-apiserver|compact-etcd [--dir DIR]
#
# DIR (default: control-plane in the cache) holds the data, pid files, logs and two kubeconfigs: `kubeconfig` (group
# system:masters) and `restricted.kubeconfig` (a user without any right). `up` prints the path of the first one.
# `down` stops everything and deletes all but the logs. Stopping and starting the API server keeps data, ports and FLAGs,
# which are further ones of kube-apiserver.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  sed -n '2,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

(($# > 0)) || usage
action=$1
shift
dir="$CACHE/control-plane"
flags=()
while (($# > 0)); do
  case $1 in
    --dir) dir=${2:?--dir needs a folder} && shift 2 ;;
    --)
      [[ $action == up ]] || usage
      shift
      flags=("$@")
      break
      ;;
    *) usage ;;
  esac
done
mkdir -p "$dir"
dir="$(cd "$dir" && pwd)"

etcd_pid="$dir/etcd.pid"
apiserver_pid="$dir/kube-apiserver.pid"

make_files() {
  local ports token restricted
  mapfile -t ports < <(free_ports 3)
  ((${#ports[@]} == 3)) || die "could not reserve three ports"
  token="$(openssl rand -hex 24)"
  restricted="$(openssl rand -hex 24)"
  mkdir -p "$dir/certs"
  # A new control plane has a new log; a restarted API server goes on in the old one.
  rm -f "$dir"/{etcd,kube-apiserver}.log
  : >"$dir/apiserver-flags"
  ((${#flags[@]} == 0)) || printf '%s\n' "${flags[@]}" >"$dir/apiserver-flags"
  (
    umask 077
    printf '%s,admin,admin,"system:masters"\n%s,restricted,restricted\n' "$token" "$restricted" >"$dir/tokens.csv"
    printf 'Authorization: Bearer %s\n' "$token" >"$dir/auth-header"
    openssl genrsa -out "$dir/sa.key" 2048 2>/dev/null
    make_server_certificate "$dir/certs" "control plane CA" "DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1"
    write_kubeconfig "$dir/kubeconfig" admin "$token" "${ports[2]}"
    write_kubeconfig "$dir/restricted.kubeconfig" restricted "$restricted" "${ports[2]}"
  )
  # Last: the file that says that the others are complete.
  printf 'ETCD_PORT=%d\nETCD_PEER_PORT=%d\nAPISERVER_PORT=%d\n' "${ports[@]}" >"$dir/ports.new"
  mv "$dir/ports.new" "$dir/ports"
}

write_kubeconfig() {
  cat >"$1" <<YAML
apiVersion: v1
kind: Config
clusters:
  - name: local
    cluster:
      server: https://127.0.0.1:$4
      certificate-authority-data: $(base64 -w0 <"$dir/certs/ca.pem")
users:
  - name: $2
    user:
      token: $3
contexts:
  - name: local
    context:
      cluster: local
      user: $2
current-context: local
YAML
}

find_programs() {
  etcd=etcd
  apiserver="$APISERVER_BINARY"
  [[ ! -x ${KUBEBUILDER_ASSETS:-}/etcd ]] || etcd="$KUBEBUILDER_ASSETS/etcd"
  [[ ! -x ${KUBEBUILDER_ASSETS:-}/kube-apiserver ]] || apiserver="$KUBEBUILDER_ASSETS/kube-apiserver"
}

read_ports() {
  [[ -s $dir/ports ]] || die "there is no control plane in $dir; start one with: hack/control-plane.sh up --dir $dir"
  # shellcheck disable=SC1091
  source "$dir/ports"
  hold_ports "$ETCD_PORT" "$ETCD_PEER_PORT" "$APISERVER_PORT"
}

start_etcd() {
  ! is_running "$etcd_pid" >/dev/null || return 0
  # Without fsync: this data need not survive a power cut, and tests wait for every write.
  start_process etcd "$dir" "$etcd" --data-dir "$dir/etcd" --unsafe-no-fsync \
    --listen-client-urls "http://127.0.0.1:$ETCD_PORT" --advertise-client-urls "http://127.0.0.1:$ETCD_PORT" \
    --listen-peer-urls "http://127.0.0.1:$ETCD_PEER_PORT"
  wait_for 60 "$etcd_pid" "$dir/etcd.log" etcd curl -sf --max-time 5 "http://127.0.0.1:$ETCD_PORT/health"
}

start_apiserver() {
  local further=()
  ! is_running "$apiserver_pid" >/dev/null || return 0
  [[ ! -s $dir/apiserver-flags ]] || mapfile -t further <"$dir/apiserver-flags"
  # --advertise-address: the default asks for a network route, which an isolated machine does not have.
  start_process kube-apiserver "$dir" "$apiserver" --etcd-servers="http://127.0.0.1:$ETCD_PORT" \
    --bind-address=127.0.0.1 --secure-port="$APISERVER_PORT" --advertise-address=127.0.0.1 \
    --cert-dir="$dir/certs" --tls-cert-file="$dir/certs/server.pem" --tls-private-key-file="$dir/certs/server.key" \
    --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$dir/sa.key" \
    --service-account-signing-key-file="$dir/sa.key" --token-auth-file="$dir/tokens.csv" --authorization-mode=RBAC \
    --service-cluster-ip-range=10.0.0.0/24 --disable-admission-plugins=ServiceAccount --allow-privileged=true \
    ${further[@]+"${further[@]}"}
  wait_for 120 "$apiserver_pid" "$dir/kube-apiserver.log" kube-apiserver apiserver_ready
}

api() { curl -sf --max-time 10 --cacert "$dir/certs/ca.pem" -H "@$dir/auth-header" "https://127.0.0.1:$APISERVER_PORT$1"; }
# The default namespace is made a moment after /readyz says ok for the first time.
apiserver_ready() { api /readyz && api /api/v1/namespaces/default; }

stop_all() {
  # Watches keep a polite shutdown waiting for up to a minute, and nothing here needs it to be polite.
  stop_process "$apiserver_pid" 5
  stop_process "$etcd_pid" 5
}

case $action in
  up)
    find_programs
    { have "$etcd" && have "$apiserver"; } || "$ROOT/hack/install-tools.sh" apiserver >&2
    [[ -s $dir/ports ]] || make_files
    read_ports
    start_etcd
    start_apiserver
    printf '%s\n' "$dir/kubeconfig"
    ;;
  down)
    stop_all
    if [[ -s $dir/ports ]]; then
      read_ports
      release_ports "$ETCD_PORT" "$ETCD_PEER_PORT" "$APISERVER_PORT"
    fi
    rm -rf "$dir"/{etcd,certs,ports,apiserver-flags,sa.key,tokens.csv,auth-header,kubeconfig,restricted.kubeconfig}
    ;;
  status)
    status=0
    for name in etcd kube-apiserver; do
      if pid="$(is_running "$dir/$name.pid")"; then
        printf '%s is running, pid %d\n' "$name" "$pid"
      else
        printf '%s is not running\n' "$name"
        status=1
      fi
    done
    ((status != 0)) || printf 'kubeconfig: %s\n' "$dir/kubeconfig"
    exit "$status"
    ;;
  start-apiserver)
    find_programs
    read_ports
    start_etcd
    start_apiserver
    ;;
  stop-apiserver) stop_process "$apiserver_pid" 5 ;;
  kill-apiserver) stop_process "$apiserver_pid" 10 KILL ;;
  compact-etcd)
    # etcd's own HTTP gateway: any read tells the current revision, and everything older than that goes.
    read_ports
    etcd_url="http://127.0.0.1:$ETCD_PORT/v3/kv"
    revision="$(curl -sf --max-time 10 -d '{"key":"AA=="}' "$etcd_url/range" | jq -re .header.revision)"
    curl -sf --max-time 30 -d "{\"revision\":\"$revision\",\"physical\":true}" "$etcd_url/compaction" >/dev/null
    printf '%s\n' "$revision"
    ;;
  *) usage ;;
esac
