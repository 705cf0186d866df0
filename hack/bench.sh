#!/usr/bin/env bash
# Measures the operator next to certbot and lego. Arguments go to the benchmark program; --help lists them.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

"$ROOT/hack/install-tools.sh" bench
say "building in Release"
run_quiet bench-build dotnet build tests/Benchmarks -c Release --nologo -v quiet
exec dotnet tests/Benchmarks/bin/Release/net10.0/CertOperator.Benchmarks.dll "$@"
