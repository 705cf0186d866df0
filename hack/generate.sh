#!/usr/bin/env bash
# Writes what is made from code: the CRDs into the chart, the rules for Prometheus into config and the chart, the reference
# pages into docs, and what is made from the Lua files in config/argocd. --check only compares.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

crds=charts/cert-operator/crds
pages=docs/reference
# Each file of rules, and what it is called where it is written anew.
declare -A rules=([config/prometheus/slo.yml]=slo.yml [charts/cert-operator/files/slo-rules.yaml]=chart/slo.yml)
argocd=config/argocd/argocd-cm.yaml
case ${1:-} in
  "") check=false ;;
  --check) check=true ;;
  *) die "usage: hack/generate.sh [--check]" ;;
esac

run_quiet generate-build dotnet build src/Operator -c Release --nologo -v quiet
fresh="$(mktemp -d)"
trap 'rm -rf "$fresh"' EXIT
program=(dotnet src/Operator/bin/Release/net10.0/certoperator.dll)
"${program[@]}" crds --output "$fresh/crds" >/dev/null
"${program[@]}" docs --output "$fresh/pages" >/dev/null
"${program[@]}" rules --output "$fresh" >/dev/null
"${program[@]}" rules --chart --output "$fresh/chart" >/dev/null
[[ -n "$(find "$fresh/crds" -name '*.yaml' -print -quit)" ]] || die "the crds command wrote no file"
[[ -s "$fresh/slo.yml" && -s "$fresh/chart/slo.yml" ]] || die "the rules command wrote no file"
[[ -n "$(find "$fresh/pages" -name '*.md' -print -quit)" ]] || die "the docs command wrote no file"
hack/argocd.sh >"$fresh/argocd-cm.yaml"

if $check; then
  diff -u "$argocd" "$fresh/argocd-cm.yaml" || die "$argocd is not what the Lua files say: run make generate and commit the result"
  diff -ru "$crds" "$fresh/crds" || die "$crds is not what the types say: run make generate and commit the result"
  # Pages written by hand may stand beside the generated ones.
  for page in "$fresh"/pages/*; do
    diff -u "$pages/$(basename "$page")" "$page" || die "$pages is not what the code says: run make generate and commit the result"
  done
  for file in "${!rules[@]}"; do
    diff -u "$file" "$fresh/${rules[$file]}" || die "$file is not what the code says: run make generate and commit the result"
  done
  exit 0
fi
mkdir -p "$crds" "$pages"
# A kind that is gone leaves no file behind.
rm -f "$crds"/*.yaml
cp "$fresh"/crds/*.yaml "$crds/"
cp "$fresh"/pages/*.md "$pages/"
for file in "${!rules[@]}"; do
  mkdir -p "$(dirname "$file")"
  cp "$fresh/${rules[$file]}" "$file"
done
cp "$fresh/argocd-cm.yaml" "$argocd"
say "wrote $(find "$fresh" -type f | wc -l) files to $crds, $pages, ${!rules[*]} and $argocd"
