#!/usr/bin/env bash
# Every check runs, also after one has failed; the exit code tells whether all were fine.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

"$ROOT/hack/install-tools.sh" lint
failed=()

check() {
  local name=$1 started=$SECONDS
  shift
  say "$name"
  if "$@"; then
    say "$name: fine ($((SECONDS - started)) s)"
  else
    failed+=("$name")
    warn "$name: FAILED"
  fi
}

check_yaml() {
  local folders=() folder
  for folder in config charts .yamllint; do
    [[ ! -e $folder ]] || folders+=("$folder")
  done
  yamllint --strict "${folders[@]}"
}

# The build holds the analyzers and code style rules as errors, so the formatter has only the layout left to look at.
check "build with warnings as errors" dotnet build CertOperator.sln -c Release --nologo -v quiet -warnaserror
check "formatting" dotnet format CertOperator.sln --verify-no-changes --no-restore --severity warn
check "shell scripts" shellcheck -x hack/*.sh .ci/run
check "YAML" check_yaml
check "chart" helm lint --strict charts/cert-operator
check "generated CRDs" "$ROOT/hack/generate.sh" --check

((${#failed[@]} == 0)) || die "$(printf '%s; ' "${failed[@]}")see above"
say "lint: all fine"
