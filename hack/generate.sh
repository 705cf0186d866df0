#!/usr/bin/env bash
# Writes the CRDs, which come from the types in src/Crds, into the chart. --check only compares.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

crds=charts/cert-operator/crds
case ${1:-} in
  "") check=false ;;
  --check) check=true ;;
  *) die "usage: hack/generate.sh [--check]" ;;
esac

run_quiet generate-build dotnet build src/Operator -c Release --nologo -v quiet
fresh="$(mktemp -d)"
trap 'rm -rf "$fresh"' EXIT
dotnet src/Operator/bin/Release/net10.0/certoperator.dll crds --output "$fresh"
[[ -n "$(find "$fresh" -name '*.yaml' -print -quit)" ]] || die "the crds command wrote no file"

if $check; then
  diff -ru "$crds" "$fresh" || die "$crds is not what the types say: run make generate and commit the result"
  exit 0
fi
mkdir -p "$crds"
# A kind that is gone leaves no file behind.
rm -f "$crds"/*.yaml
cp "$fresh"/*.yaml "$crds/"
say "wrote $(find "$crds" -name '*.yaml' | wc -l) files to $crds"
