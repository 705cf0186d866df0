#!/usr/bin/env bash
# From `helm install` to a renewed certificate, on a real API server and a real ACME certificate authority. The operator is
# a process beside them, with the service account of the chart and the flags of its Deployment.
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
CHART=charts/cert-operator
CRDS=$CHART/crds
# What the chart calls its objects in a release of this name.
RELEASE=demo
INSTALLED=demo-cert-operator
MONITORING_CRDS=tests/EndToEnd/Chart/Definitions
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

# in_helm ARGUMENT...: Helm for the demo's namespace, without a trace in the user's own folders.
in_helm() { HELM_CACHE_HOME="$dir/helm" HELM_CONFIG_HOME="$dir/helm" HELM_DATA_HOME="$dir/helm" helm "$@" --namespace "$NAMESPACE"; }

# While the operator still runs: a policy may wait for it to tidy up.
clean_cluster() {
  local dir=$1 started=$SECONDS
  say "deleting what the demo made in the cluster"
  {
    kubectl delete "$POLICIES" --all -n "$NAMESPACE" --ignore-not-found --timeout=30s || true
    kubectl delete "$RUNS" --all -n "$NAMESPACE" --ignore-not-found --timeout=30s || true
    stop_process "$dir/operator.pid" 25
    [[ ! -e $dir/values.yaml ]] || in_helm uninstall "$RELEASE" --ignore-not-found || true
    kubectl delete secrets,configmaps,serviceaccounts,events.events.k8s.io,leases.coordination.k8s.io --all -n "$NAMESPACE" --ignore-not-found --timeout=30s || true
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

# A cluster of our own gets the kinds of the Prometheus operator too; in another one the chart does without those that are missing.
install_monitoring_kinds() {
  local kind
  if [[ ! -e $dir/foreign-cluster ]]; then
    say "installing the kinds of the Prometheus operator"
    kubectl apply --server-side -f "$MONITORING_CRDS"
    kubectl wait --for=condition=Established -f "$MONITORING_CRDS" --timeout=60s >/dev/null
  fi
  for kind in servicemonitors prometheusrules; do
    [[ -z "$(kubectl get crd "$kind.monitoring.coreos.com" --ignore-not-found -o name)" ]] || printf '%s\n' "$kind" >>"$dir/monitoring"
  done
}

# known_kind KIND: whether the cluster knows that kind of the Prometheus operator.
known_kind() { grep -qsx "$1" "$dir/monitoring"; }

install_chart() {
  say "installing the chart $CHART"
  # No kubelet is needed, and somebody else's policies are none of the demo's business.
  cat >"$dir/values.yaml" <<YAML
replicaCount: 0
namespaces: [$NAMESPACE]
operator:
  egressAllow: [127.0.0.0/8]
metrics:
  readers: [{kind: ServiceAccount, name: prometheus, namespace: $NAMESPACE}]
  serviceMonitor: {enabled: $(known_kind servicemonitors && echo true || echo false)}
prometheusRule: {enabled: $(known_kind prometheusrules && echo true || echo false)}
rbac: {aggregate: false}
YAML
  sed 's/^/  /' "$dir/values.yaml"
  in_helm install "$RELEASE" "$CHART" --skip-crds --values "$dir/values.yaml" >"$dir/helm.log"
  in_helm get manifest "$RELEASE" | kubectl get -f - -o name | sed 's/^/  /'
}

# token_of ACCOUNT: for the demo's time.
token_of() { kubectl create token "$1" -n "$NAMESPACE" --duration=24h; }

start_operator() {
  local ports flags
  mapfile -t ports < <(free_ports 2)
  ((${#ports[@]} == 2)) || die "could not reserve ports for the operator"
  METRICS_PORT=${ports[0]}
  (
    umask 077
    token_of "$INSTALLED" >"$dir/operator.token"
    kubectl config view --raw --minify --flatten -o json |
      jq --rawfile token "$dir/operator.token" '.users[].user = {token: $token | rtrimstr("\n")}' >"$dir/operator.kubeconfig"
  )
  # All but where it listens and what it finds in a pod by itself.
  mapfile -t flags < <(kubectl get deployment "$INSTALLED" -n "$NAMESPACE" -o json |
    jq -r '.spec.template.spec.containers[0].args[] | select(test("^--") and (test("^--(http01|metrics|health)-listen=") | not))')
  start_process operator "$dir" env -u CERTOPERATOR_CACHE dotnet src/Operator/bin/Release/net10.0/certoperator.dll run "${flags[@]}" \
    --kubeconfig "$dir/operator.kubeconfig" --lease-namespace "$NAMESPACE" \
    --http01-listen "127.0.0.1:$PEBBLE_HTTP_PORT" --metrics-listen "127.0.0.1:$METRICS_PORT" --health-listen "127.0.0.1:${ports[1]}"
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

# scrape WHO EXPECTED [TOKEN]: asks for the metrics and shows the answer's status.
scrape() {
  local status
  printf '%s' "${3:+Authorization: Bearer $3}" >"$dir/header"
  # The operator's certificate is one of its own making, until the chart is told of a better one in metrics.tls.secretName.
  status="$(curl -s --insecure --max-time 10 -H "@$dir/header" -o "$dir/metrics" -w '%{http_code}' "https://127.0.0.1:$METRICS_PORT/metrics")"
  printf '  %-52s %s\n' "$1" "$status"
  [[ $status == "$2" ]] || die "the metrics were to answer $2"
}

show_monitoring() {
  local deadline=$((SECONDS + 20))
  kubectl create serviceaccount prometheus -n "$NAMESPACE" >/dev/null
  kubectl create serviceaccount stranger -n "$NAMESPACE" >/dev/null
  scrape "without a token" 401
  scrape "as a service account without the right" 403 "$(token_of stranger)"
  scrape "as one of metrics.readers" 200 "$(token_of prometheus)"
  rm -f "$dir/header"
  grep '^certoperator_certificate_not_after_timestamp_seconds{' "$dir/metrics" | sed 's/^/  /'
  known_kind prometheusrules || return 0
  until kubectl get prometheusrules certoperator-slo -n "$NAMESPACE" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || die "the operator wrote no PrometheusRule"
    sleep 0.2
  done
  kubectl get prometheusrules -n "$NAMESPACE" -o json |
    jq -r '.items[] | "  PrometheusRule \(.metadata.name): \([.spec.groups[].rules[] | select(.alert)] | length) alerts"'
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
install_monitoring_kinds
install_chart
say "starting the operator, as the service account $INSTALLED and with the flags of the Deployment"
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

say "who may read the metrics, and which alerts there are"
show_monitoring

say "asking for a second renewal by annotation"
started=$EPOCHREALTIME
kubectl annotate "$POLICIES/$POLICY" -n "$NAMESPACE" "certoperator.io/renew-requested-at=$(date -u +%Y-%m-%dT%H:%M:%SZ)"
show_run "$first_run"
printf '  %s s after kubectl annotate\n' "$(seconds_since "$started")"
say "the certificate in the Secret now"
show_certificate
[[ $fingerprint != "$first_fingerprint" ]] || die "the Secret still holds the first certificate"
printf '  it is not the first one, %s\n' "$first_fingerprint"
