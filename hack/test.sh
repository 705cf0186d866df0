#!/usr/bin/env bash
# Runs the tests of every test project in the solution.
#
#   hack/test.sh           all of them; installs the components they run against
#   hack/test.sh --unit    only those that need no component
#
# The last line is "N passed, N failed, N skipped" over all projects. The exit code is non-zero when a test failed,
# when a test process broke off, or when no test ran at all.
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

unit=false
case ${1:-} in
  "") ;;
  --unit) unit=true ;;
  *) die "usage: hack/test.sh [--unit]" ;;
esac

results="$(mktemp -d)"
trap 'rm -rf "$results"' EXIT
passed=0 failed=0 skipped=0 broken=()

# test_assemblies: the assemblies of the solution's test projects, one a line.
test_assemblies() {
  local project name
  sed -n 's/^Project(.*"\([^"]*\.csproj\)".*/\1/p' CertOperator.sln | tr '\134' '/' | sort | while read -r project; do
    grep -q '<IsTestProject>true</IsTestProject>' "$project" || continue
    name="$(sed -n 's:.*<AssemblyName>\(.*\)</AssemblyName>.*:\1:p' "$project")"
    printf '%s/bin/Release/net10.0/%s.dll\n' "$(dirname "$project")" "${name:-$(basename "$project" .csproj)}"
  done
}

# run NAME DLL...: one run of the test platform, its figures added to the sums.
run() {
  local name=$1 status=0 options settings=() counters one_failed
  shift
  # A test that hangs must not hang the whole run; a quarter of an hour is more than any test takes.
  options=(--blame-hang-timeout 15m --blame-hang-dump-type none)
  if $unit; then
    options=(--filter "TestCategory!=Component")
    # A process per assembly, as many at a time as there are cores: nothing here waits for a server.
    settings=(-- RunConfiguration.MaxCpuCount=0)
  fi
  dotnet test "$@" "${options[@]}" --nologo --results-directory "$results/$name" \
    --logger "trx;LogFilePrefix=result" --logger "console;verbosity=minimal" ${settings[@]+"${settings[@]}"} || status=$?
  counters="$(grep -ho '<Counters [^>]*>' "$results/$name"/*.trx 2>/dev/null || true)"
  one_failed="$(counter failed "$counters")"
  passed=$((passed + $(counter passed "$counters")))
  failed=$((failed + one_failed))
  skipped=$((skipped + $(counter total "$counters") - $(counter executed "$counters")))
  if ((status != 0 && one_failed == 0)); then
    failed=$((failed + 1))
    broken+=("$name: the test process ended with exit code $status without naming a failed test")
  fi
}

# failures: from TRX to the name of each failed test with the first lines of what it said. The console printed them long ago.
failures() {
  awk '
    /<UnitTestResult / { name = ""; said = 0 }
    /<UnitTestResult .*outcome="Failed"/ { name = $0; sub(/.*testName="/, "", name); sub(/".*/, "", name); print "  " name }
    name != "" && /<Message>/ { inside = 1; sub(/.*<Message>/, "") }
    inside {
      last = sub(/<\/Message>.*/, "")
      if (said++ < 25) print "      " $0
      if (last) inside = 0
    }' | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#xD;//g; s/&amp;/\&/g'
}

# slowest: from TRX to the ten tests that took longest. No head: sort would die of a closed pipe, and this script with it.
slowest() {
  sed -n 's/.*<UnitTestResult .*testName="\([^"]*\)".* duration="\([0-9:.]*\)".*/\2 \1/p' | sort -r | sed -n 1,10p | cut -c1-200
}

counter() {
  local value
  value="$(sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$2" | head -n 1)"
  printf '%d' "${value:-0}"
}

$unit || "$ROOT/hack/install-tools.sh" test
say "building in Release"
run_quiet test-build dotnet build CertOperator.sln -c Release --nologo -v quiet
mapfile -t assemblies < <(test_assemblies)
((${#assemblies[@]} > 0)) || die "no test project in the solution"

if $unit; then
  run unit "${assemblies[@]}"
else
  # The end-to-end tests judge in the end what all of them did together.
  export ALL_TESTS=true
  # One after another: each project's tests start servers of their own, and a machine with two cores has enough of one set.
  for assembly in "${assemblies[@]}"; do
    say "testing $(basename "$assembly" .dll)"
    run "$(basename "$assembly" .dll)" "$assembly"
  done
fi

if ((failed > 0)); then
  printf '\nFailed:\n'
  find "$results" -name '*.trx' -exec cat {} + | failures
  for line in ${broken[@]+"${broken[@]}"}; do printf '  %s\n' "$line"; done
  printf '\n'
fi
((passed + failed > 0)) || warn "no test ran"
if ! $unit; then
  printf 'The slowest tests:\n'
  find "$results" -name '*.trx' -exec cat {} + | slowest | sed 's/^/  /'
fi
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
((failed == 0 && passed > 0))
