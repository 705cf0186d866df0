#!/usr/bin/env bash
# Pebble, an ACME certificate authority for tests, with a DNS server that answers every name with 127.0.0.1.
#
#   hack/pebble.sh up [--dir DIR] [option ...]
#   hack/pebble.sh down|restart [--dir DIR]
#
#   --http-port N          where http-01 challenges are asked for (default: a free port)
#   --eab KID=MAC          ask for an external account binding; MAC in base64url; may be repeated
#   --validity SECONDS     lifetime of the certificates
#   --nonce-reject PCT     share of good nonces to refuse (default 0)
#   --alternate-roots N    offer N alternate chains
#   --chain-length N       intermediates in a chain
#   --authz-reuse PCT      share of valid authorizations to use again (default 0)
#   --orders-per-page N    page size of an account's list of orders
#   --strict               Pebble's stricter mode
#   --dns HOST:PORT        another DNS server, instead of our own
#
# DIR/env tells where everything is, as shell variables. `restart` keeps the ports and loses Pebble's state;
# `down` stops everything and keeps only the logs.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

usage() {
  sed -n '2,21s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

(($# > 0)) || usage
action=$1
shift
dir="$CACHE/pebble"
http_port="" validity=7776000 nonce_reject=0 alternate_roots=0 chain_length=1 authz_reuse=0 orders_per_page="" strict="" dns=""
eab=()
while (($# > 0)); do
  [[ $1 == --strict || $# -ge 2 ]] || usage
  case $1 in
    --dir) dir=$2 && shift ;;
    --http-port) http_port=$2 && shift ;;
    --eab) eab+=("$2") && shift ;;
    --validity) validity=$2 && shift ;;
    --nonce-reject) nonce_reject=$2 && shift ;;
    --alternate-roots) alternate_roots=$2 && shift ;;
    --chain-length) chain_length=$2 && shift ;;
    --authz-reuse) authz_reuse=$2 && shift ;;
    --orders-per-page) orders_per_page=$2 && shift ;;
    --strict) strict=-strict ;;
    --dns) dns=$2 && shift ;;
    *) usage ;;
  esac
  shift
done
mkdir -p "$dir"
dir="$(cd "$dir" && pwd)"

write_config() {
  local ports bindings='{}' pair
  mapfile -t ports < <(free_ports 6)
  ((${#ports[@]} == 6)) || die "could not reserve six ports"
  rm -f "$dir"/{pebble,challtestsrv}.log
  [[ -s $dir/ca.pem ]] || make_server_certificate "$dir" "ACME server CA" "DNS:localhost,IP:127.0.0.1"
  for pair in ${eab[@]+"${eab[@]}"}; do
    [[ $pair == *=* ]] || die "--eab wants KID=MAC, not '$pair'"
    bindings="$(jq -c --arg kid "${pair%%=*}" --arg mac "${pair#*=}" '.[$kid] = $mac' <<<"$bindings")"
  done
  jq -n --arg dir "$dir" --argjson listen "${ports[0]}" --argjson management "${ports[1]}" --argjson http "${http_port:-${ports[2]}}" \
    --argjson tls "${ports[3]}" --argjson bindings "$bindings" --argjson validity "$validity" '{pebble: {
      listenAddress: "127.0.0.1:\($listen)", managementListenAddress: "127.0.0.1:\($management)",
      certificate: "\($dir)/server.pem", privateKey: "\($dir)/server.key", httpPort: $http, tlsPort: $tls, ocspResponderURL: "",
      externalAccountBindingRequired: ($bindings | length > 0), externalAccountMACKeys: $bindings,
      domainBlocklist: ["blocked-domain.example"], certificateValidityPeriod: $validity}}' >"$dir/config.json"
  {
    printf 'PEBBLE_DIRECTORY=%q\n' "https://127.0.0.1:${ports[0]}/dir"
    printf 'PEBBLE_MANAGEMENT=%q\n' "https://127.0.0.1:${ports[1]}"
    printf 'PEBBLE_CA=%q\n' "$dir/ca.pem"
    printf 'PEBBLE_HTTP_PORT=%q\n' "${http_port:-${ports[2]}}"
    printf 'PEBBLE_DNS=%q\n' "${dns:-127.0.0.1:${ports[4]}}"
    [[ -n $dns ]] || printf 'CHALLTESTSRV=%q\n' "http://127.0.0.1:${ports[5]}"
    printf 'PEBBLE_PORTS=%q\n' "${ports[*]}"
    printf 'PEBBLE_STRICT=%q\n' "$strict"
    # Pebble's own switches, by its own names.
    printf 'PEBBLE_VA_NOSLEEP=1\nPEBBLE_WFE_NONCEREJECT=%q\nPEBBLE_AUTHZREUSE=%q\n' "$nonce_reject" "$authz_reuse"
    printf 'PEBBLE_ALTERNATE_ROOTS=%q\nPEBBLE_CHAIN_LENGTH=%q\n' "$alternate_roots" "$chain_length"
    [[ -z $orders_per_page ]] || printf 'PEBBLE_WFE_ORDERS_PER_PAGE=%q\n' "$orders_per_page"
  } >"$dir/env.new"
  mv "$dir/env.new" "$dir/env"
}

read_env() {
  [[ -s $dir/env ]] || die "there is no Pebble in $dir; start one with: hack/pebble.sh up --dir $dir"
  set -a
  # shellcheck disable=SC1091
  source "$dir/env"
  set +a
  # shellcheck disable=SC2086  # a list of numbers
  hold_ports $PEBBLE_PORTS
}

# A DNS server of the caller's own leaves this one unneeded.
start_dns() {
  [[ -n ${CHALLTESTSRV:-} ]] || return 0
  ! is_running "$dir/challtestsrv.pid" >/dev/null || return 0
  start_process challtestsrv "$dir" pebble-challtestsrv -management "${CHALLTESTSRV#http://}" -dns01 "$PEBBLE_DNS" \
    -http01 "" -https01 "" -tlsalpn01 "" -defaultIPv4 127.0.0.1 -defaultIPv6 ""
  wait_for 30 "$dir/challtestsrv.pid" "$dir/challtestsrv.log" pebble-challtestsrv accepts "${CHALLTESTSRV##*:}"
  wait_for 30 "$dir/challtestsrv.pid" "$dir/challtestsrv.log" pebble-challtestsrv accepts "${PEBBLE_DNS##*:}"
}

accepts() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start_pebble() {
  ! is_running "$dir/pebble.pid" >/dev/null || return 0
  start_process pebble "$dir" "$PEBBLE_BINARY" ${PEBBLE_STRICT:+"$PEBBLE_STRICT"} -config "$dir/config.json" -dnsserver "$PEBBLE_DNS"
  wait_for 30 "$dir/pebble.pid" "$dir/pebble.log" pebble curl -sf --max-time 5 --cacert "$dir/ca.pem" "$PEBBLE_DIRECTORY"
}

case $action in
  up)
    { [[ -x $PEBBLE_BINARY ]] && have pebble-challtestsrv && have openssl && have curl && have jq; } || "$ROOT/hack/install-tools.sh" pebble jq >&2
    [[ -s $dir/env ]] || write_config
    read_env
    start_dns
    start_pebble
    printf '%s\n' "$dir/env"
    ;;
  down)
    stop_process "$dir/pebble.pid" 5
    stop_process "$dir/challtestsrv.pid" 5
    if [[ -s $dir/env ]]; then
      read_env
      # shellcheck disable=SC2086
      release_ports $PEBBLE_PORTS
    fi
    rm -f "$dir"/{env,config.json,ca.pem,server.pem,server.key}
    ;;
  restart)
    read_env
    stop_process "$dir/pebble.pid" 5
    start_dns
    start_pebble
    ;;
  *) usage ;;
esac
