#!/usr/bin/env bash
# Saves what a namespace holds that is not in Git, and puts it back, into another cluster if need be. Needs kubectl and jq.
#
#   hack/workspace.sh backup NAMESPACE FILE     the file holds private keys: keep it where you keep those
#   hack/workspace.sh restore NAMESPACE FILE    the operator has to be stopped; what is there already is left alone
#
# Restored are Secrets, the ConfigMaps of trust bundles, settings and policies with their status, so that nothing is issued again and no
# budget is forgotten. Runs and batches are in the file to be read; they are not made again. Neither are the Secrets certoperator-state-*:
# the keys in them are sealed for the policy that is gone, so after a restore there is no earlier pair to roll back to.
set -euo pipefail
umask 077

die() {
  printf '%s\n' "$*" >&2
  exit 1
}

[[ $# == 3 && ($1 == backup || $1 == restore) ]] || die "usage: hack/workspace.sh backup|restore NAMESPACE FILE"
namespace=$2 file=$3
for program in kubectl jq; do
  command -v "$program" >/dev/null || die "$program is needed and not on the PATH"
done

readonly GROUP=certoperator.io

backup() {
  local kind fresh
  kubectl get namespace "$namespace" >/dev/null || die "there is no namespace $namespace"
  fresh="$(mktemp "$file.XXXXXX")"
  # shellcheck disable=SC2064  # the name as it is now
  trap "rm -f '$fresh'" EXIT
  # One kind after the other, Secrets last: a pair that is renewed meanwhile is then newer than the status, never older.
  for kind in certificaterenewalsettings certificaterenewalpolicies certificaterenewalruns certificaterenewalbatches configmaps secrets; do
    kubectl get "$kind" -n "$namespace" -o json | jq -c --arg group "$GROUP" '.items[]
      | select(.kind != "Secret" or (.type != "kubernetes.io/service-account-token" and (.type | startswith("helm.sh/") | not)))
      | select(.kind != "ConfigMap" or (.metadata.annotations // {} | has($group + "/trust-bundle-of")))'
  done >"$fresh"
  mv "$fresh" "$file"
  trap - EXIT
  printf 'wrote to %s: %s\n' "$file" "$(jq -rs 'group_by(.kind) | map("\(length) \(.[0].kind)") | join(", ")' "$file")"
}

# of KIND FILTER: the objects of a kind in the file, as they are to be made.
of() {
  jq -c --arg kind "$1" --arg namespace "$namespace" "select(.kind == \$kind) | $2
    | .metadata |= ({name, labels, annotations} | with_entries(select(.value != null)))
    | .metadata.namespace = \$namespace" "$file"
}

# create: makes what comes from standard input unless it is there.
create() {
  local object kind name
  while read -r object; do
    kind="$(jq -r '.kind' <<<"$object")" name="$(jq -r '.metadata.name' <<<"$object")"
    if kubectl get "$kind" "$name" -n "$namespace" >/dev/null 2>&1; then
      printf '%s %s is there already and was left alone\n' "$kind" "$name"
    else
      kubectl create -f - <<<"$object"
    fi
  done
}

# status: writes the status of each policy from standard input, on the policy as it is now.
status() {
  local object name current
  while read -r object; do
    name="$(jq -r '.metadata.name' <<<"$object")"
    [[ $(jq 'has("status")' <<<"$object") == true ]] || continue
    current="$(kubectl get certificaterenewalpolicies "$name" -n "$namespace" -o json)"
    if [[ $(jq 'has("status")' <<<"$current") == true ]]; then
      printf 'policy %s has a status already and keeps it\n' "$name"
      continue
    fi
    jq -c --argjson saved "$object" '.status = $saved.status | .status.observedGeneration = .metadata.generation' <<<"$current" |
      kubectl replace --raw "/apis/$GROUP/v1alpha1/namespaces/$namespace/certificaterenewalpolicies/$name/status" -f - >/dev/null
    printf 'status of policy %s restored\n' "$name"
  done
}

restore() {
  local held
  [[ -s $file ]] || die "$file is not there or empty"
  jq -es 'length > 0 and all(.kind and .metadata.name)' "$file" >/dev/null 2>&1 || die "$file is not what 'hack/workspace.sh backup' writes"
  # A policy that is seen before its status and its Secret would be issued a certificate.
  # The Lease may have any name: who wrote it tells whose it is. Asked raw, since kubectl hides that.
  held="$(kubectl get --raw /apis/coordination.k8s.io/v1/leases | jq -r '[.items[]
    | select((.metadata.name == "certoperator" or any(.metadata.managedFields[]?; .manager == "certoperator")) and (.spec.holderIdentity // "") != "" and .spec.renewTime != null
    and ((.spec.renewTime | sub("\\.[0-9]+"; "") | fromdateiso8601) + (.spec.leaseDurationSeconds // 60) > now))
    | "\(.metadata.namespace)/\(.metadata.name)"] | first // ""')"
  [[ -z $held ]] || die "an operator is running (it holds the Lease $held): stop it first, such as with kubectl -n ${held%%/*} scale deployment -l app.kubernetes.io/name=cert-operator --replicas=0"
  kubectl get namespace "$namespace" >/dev/null 2>&1 || kubectl create namespace "$namespace"
  of Secret 'select(.type != "certoperator.io/renewal-state")' | create
  of ConfigMap . | create
  of CertificateRenewalSettings . | create
  of CertificateRenewalPolicy 'del(.status)' | create
  of CertificateRenewalPolicy . | status
}

"$1"
