#!/usr/bin/env bash
# From `kubectl apply` to a renewed certificate, on a real API server and a real ACME certificate authority.
#
#   hack/demo.sh             runs the demo and leaves nothing behind
#   KEEP=1 hack/demo.sh      keeps everything running and tells how to look at it and how to stop it
#   KUBECONFIG=F hack/demo.sh    uses that cluster instead of a control plane of its own
#   hack/demo.sh stop DIR    ends what KEEP=1 left running
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

NAMESPACE=certoperator-demo
POLICY=www
SECRET=www-tls
SAMPLE=config/samples/certificaterenewalpolicy-acme.yaml
CRDS=charts/cert-operator/crds
POLICIES=certificaterenewalpolicies.certoperator.io
RUNS=certificaterenewalruns.certoperator.io

# --- Ending ------------------------------------------------------------------------------------------------------

# stop_demo DIR: ends everything that belongs to the demo in DIR. Every part may be missing.
stop_demo() {
  local dir=$1
  stop_process "$dir/watch.pid" 2
  if [[ -e $dir/foreign-cluster ]]; then
    KUBECONFIG="$(<"$dir/foreign-cluster")"
    export KUBECONFIG
    [[ ! -e $dir/created-namespace ]] || clean_cluster "$dir"
  fi
  stop_process "$dir/operator.pid" 25
  if [[ -e $dir/created-crds ]]; then
    kubectl delete -f "$CRDS" --ignore-not-found --timeout=60s >>"$dir/clean-up.log" 2>&1 || warn "some CRDs may be left in the cluster; see: kubectl get crd"
  fi
  [[ ! -d $dir/pebble ]] || hack/pebble.sh down --dir "$dir/pebble"
  [[ ! -d $dir/control-plane ]] || hack/control-plane.sh down --dir "$dir/control-plane"
  rm -rf "$dir"
}

# While the operator still runs: a policy may wait for it to tidy up.
clean_cluster() {
  local dir=$1 started=$SECONDS
  say "deleting what the demo made in the cluster"
  {
    kubectl delete "$POLICIES" --all -n "$NAMESPACE" --ignore-not-found --timeout=30s || true
    kubectl delete "$RUNS" --all -n "$NAMESPACE" --ignore-not-found --timeout=30s || true
    stop_process "$dir/operator.pid" 25
    kubectl delete secrets,configmaps,events.events.k8s.io,leases.coordination.k8s.io --all -n "$NAMESPACE" --ignore-not-found --timeout=30s || true
    kubectl delete namespace "$NAMESPACE" --ignore-not-found --wait=false || true
  } >>"$dir/clean-up.log" 2>&1
  while [[ "$(kubectl get namespace "$NAMESPACE" --ignore-not-found -o name 2>>"$dir/clean-up.log")" != "" ]]; do
    # An API server without controllers has nobody who finishes the deletion; a controller would have left a condition.
    if ((SECONDS - started > 3)) && [[ -z "$(kubectl get namespace "$NAMESPACE" -o 'jsonpath={.status.conditions}' 2>>"$dir/clean-up.log")" ]]; then
      kubectl get namespace "$NAMESPACE" -o json 2>>"$dir/clean-up.log" | jq '.spec.finalizers = []' |
        kubectl replace --raw "/api/v1/namespaces/$NAMESPACE/finalize" -f - >>"$dir/clean-up.log" 2>&1 || true
    fi
    if ((SECONDS - started > 90)); then
      warn "the namespace $NAMESPACE is still being deleted; see: kubectl get namespace $NAMESPACE -o yaml"
      break
    fi
    sleep 0.5
  done
}

if [[ ${1:-} == stop ]]; then
  [[ -n ${2:-} && -e ${2:-}/certoperator-demo ]] || die "usage: hack/demo.sh stop DIR, with the folder that KEEP=1 printed"
  stop_demo "$(cd "$2" && pwd)"
  say "stopped"
  exit 0
fi
(($# == 0)) || die "usage: hack/demo.sh [stop DIR]"

dir="$(mktemp -d "${TMPDIR:-/tmp}/certoperator-demo.XXXXXX")"
: >"$dir/certoperator-demo"

finish() {
  local status=$?
  trap - EXIT
  # A second Ctrl-C must not leave half of it running.
  trap '' INT TERM
  if ((status >= 128)); then
    printf '\ninterrupted\n' >&2
  elif ((status != 0)); then
    if [[ -s $dir/operator.log ]]; then
      printf -- '\n--- the last lines of the operator'"'"'s log\n' >&2
      tail -n 40 "$dir/operator.log" >&2
      printf -- '---\n' >&2
    fi
    printf 'error: the demo failed (exit code %d)\n' "$status" >&2
  fi
  if [[ ${KEEP:-} == 1 && $status -lt 128 ]]; then
    printf '\nEverything is kept. To look at it and to stop it:\n  export KUBECONFIG=%s\n  kubectl get crp,crr -n %s\n  tail -f %s\n  hack/demo.sh stop %s\n' \
      "${KUBECONFIG:-}" "$NAMESPACE" "$dir/operator.log" "$dir"
  else
    stop_demo "$dir" || { ((status != 0)) || status=1; }
    if ((status == 0)); then say "done; nothing is left running"; fi
  fi
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- The parts ---------------------------------------------------------------------------------------------------

start_cluster() {
  if [[ -n ${KUBECONFIG:-} ]]; then
    say "using the cluster of KUBECONFIG=$KUBECONFIG"
    kubectl get --raw /readyz >/dev/null || die "that cluster does not answer"
    [[ -z "$(kubectl get namespace "$NAMESPACE" --ignore-not-found -o name)" ]] ||
      die "the cluster has a namespace $NAMESPACE already; the demo wants to make and delete it: kubectl delete namespace $NAMESPACE"
    printf '%s' "$KUBECONFIG" >"$dir/foreign-cluster"
    return
  fi
  say "starting etcd and kube-apiserver"
  KUBECONFIG="$(hack/control-plane.sh up --dir "$dir/control-plane")"
  export KUBECONFIG
}

install_crds() {
  if [[ -e $dir/foreign-cluster && -n "$(kubectl get crd "$POLICIES" --ignore-not-found -o name)" ]]; then
    say "the cluster has the CRDs already; they stay as they are"
  else
    say "installing the CRDs from $CRDS"
    [[ ! -e $dir/foreign-cluster ]] || : >"$dir/created-crds"
    kubectl apply --server-side --force-conflicts -f "$CRDS"
  fi
  kubectl wait --for=condition=Established "crd/$POLICIES" "crd/$RUNS" --timeout=60s >/dev/null
  [[ ! -e $dir/foreign-cluster ]] || : >"$dir/created-namespace"
  kubectl create namespace "$NAMESPACE"
}

start_operator() {
  local ports scope=()
  mapfile -t ports < <(free_ports 2)
  ((${#ports[@]} == 2)) || die "could not reserve ports for the operator"
  # Somebody else's cluster may have policies of its own: they are none of the demo's business.
  [[ ! -e $dir/foreign-cluster ]] || scope=(--namespaces "$NAMESPACE")
  start_process operator "$dir" env -u CERTOPERATOR_CACHE dotnet src/Operator/bin/Release/net10.0/certoperator.dll run --kubeconfig "$KUBECONFIG" \
    --http01-listen "127.0.0.1:$PEBBLE_HTTP_PORT" --metrics-listen "127.0.0.1:${ports[0]}" --metrics-auth false --health-listen "127.0.0.1:${ports[1]}" \
    --egress-allow 127.0.0.0/8 --lease-namespace "$NAMESPACE" --log-format json ${scope[@]+"${scope[@]}"}
  wait_for 60 "$dir/operator.pid" "$dir/operator.log" "the operator" curl -sf --max-time 5 "http://127.0.0.1:${ports[1]}/readyz"
}

# The sample, with the address and the HTTPS authority of our own Pebble.
render_policy() {
  awk -v url="$PEBBLE_DIRECTORY" -v pem="$PEBBLE_CA" '
    /^ *server: / {
      match($0, /^ */)
      indent = substr($0, 1, RLENGTH)
      print indent "server: " url
      print indent "caBundle: |"
      while ((getline line < pem) > 0) print indent "  " line
      next
    }
    { print }' "$SAMPLE"
}

start_watch() {
  mkfifo "$dir/runs"
  # Opened for both, so that neither end waits for the other.
  exec 7<>"$dir/runs"
  setsid kubectl get "$RUNS" -n "$NAMESPACE" -l "certoperator.io/policy=$POLICY" --watch -o json >"$dir/runs" 2>"$dir/watch.log" 7>&- </dev/null &
  printf '%d %s\n' $! "$(process_start_time $! || true)" >"$dir/watch.pid"
  disown
}

# show_run SKIP: prints the steps of the run that is not SKIP as they happen, until it has ended; its name to DIR/run.
show_run() {
  local status=0
  # shellcheck disable=SC2016  # jq's variables
  timeout --foreground 120 jq -n -r --unbuffered --arg skip "$1" '
    foreach (inputs | select(.kind == "CertificateRenewalRun" and .metadata.name != $skip)) as $run ({run: null, seen: {}, news: []};
      .seen as $seen
      | .news = [$run.status.steps[]? | select(.state != "Pending" and $seen[.name] != "\(.state) \(.attempts)")]
      | .fresh = (.run == null)
      | .run = $run
      | reduce .news[] as $step (.; .seen[$step.name] = "\($step.state) \($step.attempts)");
      if .fresh then "  run \(.run.metadata.name), started by: \(.run.spec.trigger // "-")" else empty end,
      (.news[] | "    \(.finishedAt // .startedAt // "-")  \(.name + "                "[(.name | length):])  \(.state)"
        + (if (.attempts // 1) > 1 then ", attempt \(.attempts)" else "" end)
        + (if (.message // "") != "" then ": \(.message)" else "" end)),
      (.run.status | if .phase == "Succeeded" then "  \(.phase)", halt
        elif .phase == "Failed" or .phase == "NeedsManual" then "  \(.phase): \(.reason // "") \(.message // "")", ("" | halt_error(9))
        else empty end))' <&7 || status=$?
  case $status in
    0) ;;
    9) die "the run did not succeed" ;;
    124) die "no run of the policy ended within two minutes: $(kubectl get "$POLICIES" "$POLICY" -n "$NAMESPACE" -o 'jsonpath={range .status.conditions[*]}{.type}={.status} {.message}; {end}' 2>&1 || true)" ;;
    *) die "could not follow the run (exit code $status): $(<"$dir/watch.log")" ;;
  esac
}

secret_field() { kubectl get secret "$SECRET" -n "$NAMESPACE" -o "jsonpath={.data.$1}" | base64 -d; }

# show_certificate: what the Secret holds, checked; the fingerprint goes into $fingerprint.
show_certificate() {
  secret_field 'tls\.crt' >"$dir/tls.crt"
  openssl x509 -in "$dir/tls.crt" -noout -subject -issuer -dates -ext subjectAltName | sed 's/^/  /'
  fingerprint="$(openssl x509 -in "$dir/tls.crt" -noout -fingerprint -sha256 | sed 's/.*=//')"
  printf '  SHA-256 fingerprint %s\n' "$fingerprint"
  [[ "$(openssl x509 -in "$dir/tls.crt" -noout -pubkey)" == "$(secret_field 'tls\.key' | openssl pkey -pubout)" ]] ||
    die "the key in the Secret is not the certificate's"
  printf '  the private key in the Secret belongs to the certificate\n'
  curl -sf --max-time 10 --cacert "$PEBBLE_CA" "$PEBBLE_MANAGEMENT/roots/0" >"$dir/root.pem"
  openssl verify -CAfile "$dir/root.pem" -untrusted "$dir/tls.crt" -verify_hostname www.demo.example.com "$dir/tls.crt" >"$dir/verify.log" 2>&1 ||
    die "the chain does not lead to the certificate authority's root: $(<"$dir/verify.log")"
  printf '  the chain leads to the root of the certificate authority, and the name is right\n'
}

# Events are written beside the work, so the last ones may come a moment later.
show_events() {
  local deadline=$((SECONDS + 20)) count=0
  until count="$(kubectl get events.events.k8s.io -n "$NAMESPACE" -o name | wc -l)" && ((count > 0)); do
    ((SECONDS < deadline)) || die "no Event was written"
    sleep 0.2
  done
  kubectl get events.events.k8s.io -n "$NAMESPACE" -o json |
    jq -r '.items | sort_by(.eventTime // .metadata.creationTimestamp)[] | "  \(.type)  \(.reason)  \(.regarding.kind)/\(.regarding.name)  \(.note)"'
}

seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }'; }

# --- The demo ----------------------------------------------------------------------------------------------------

hack/install-tools.sh demo
say "building the operator"
run_quiet demo-build dotnet build src/Operator -c Release --nologo -v quiet
start_cluster

say "starting Pebble, an ACME certificate authority, and its DNS server"
hack/pebble.sh up --dir "$dir/pebble" >/dev/null
# shellcheck disable=SC1091
source "$dir/pebble/env"

install_crds
say "starting the operator"
start_operator
start_watch

say "applying $SAMPLE with the address of our own certificate authority"
render_policy >"$dir/policy.yaml"
started=$EPOCHREALTIME
kubectl apply -f "$dir/policy.yaml"
show_run ""
printf '  %s s after kubectl apply\n' "$(seconds_since "$started")"
first_run="$(kubectl get "$RUNS" -n "$NAMESPACE" -l "certoperator.io/policy=$POLICY" -o 'jsonpath={.items[0].metadata.name}')"

say "the certificate in the Secret $NAMESPACE/$SECRET"
show_certificate
first_fingerprint=$fingerprint
kubectl wait --for=condition=Ready "$POLICIES/$POLICY" -n "$NAMESPACE" --timeout=30s >/dev/null
kubectl get "$POLICIES" -n "$NAMESPACE" | sed 's/^/  /'

say "the Events"
show_events

say "asking for a second renewal by annotation"
started=$EPOCHREALTIME
kubectl annotate "$POLICIES/$POLICY" -n "$NAMESPACE" "certoperator.io/renew-requested-at=$(date -u +%Y-%m-%dT%H:%M:%SZ)"
show_run "$first_run"
printf '  %s s after kubectl annotate\n' "$(seconds_since "$started")"
say "the certificate in the Secret now"
show_certificate
[[ $fingerprint != "$first_fingerprint" ]] || die "the Secret still holds the first certificate"
printf '  it is not the first one, %s\n' "$first_fingerprint"
