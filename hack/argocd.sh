#!/usr/bin/env bash
# Prints the entries of Argo CD's ConfigMap argocd-cm that the Lua files in config/argocd make up.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT/config/argocd"

indented() { sed "s/^\(.\)/$1\1/" "$2"; }

cat <<'EOF'
# Made by hack/generate.sh from the Lua files beside it; change those.
# To take it over: kubectl -n argocd patch configmap argocd-cm --patch-file config/argocd/argocd-cm.yaml
data:
EOF
for kind in certoperator.io/*/; do
  name="${kind%/}"
  name="${name/\//_}"
  printf '  resource.customizations.health.%s: |\n' "$name"
  indented "    " "$kind/health.lua"
  [[ -d $kind/actions ]] || continue
  printf '  resource.customizations.actions.%s: |\n    discovery.lua: |\n' "$name"
  indented "      " "$kind/actions/discovery.lua"
  printf '    definitions:\n'
  for action in "$kind"/actions/*.lua; do
    [[ $action != */discovery.lua ]] || continue
    printf '      - name: %s\n        action.lua: |\n' "$(basename "$action" .lua)"
    indented "          " "$action"
  done
done
