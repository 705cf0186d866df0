#!/usr/bin/env bash
# Installs the programs that the other scripts and the tests run. Quick when all is there.
#
#   hack/install-tools.sh [component or group ...]      (default: all)
#
# Components: apiserver kubectl pebble openssl jq curl nginx haproxy bind9 certbot lego promtool shellcheck yamllint
# Groups:     control-plane demo test lint bench all
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

BUILD_PACKAGES=(dpkg-dev golang-go golang-github-modern-go-reflect2-dev rsync jq ca-certificates)

members() {
  case $1 in
    control-plane) echo apiserver kubectl ;;
    demo) echo apiserver kubectl pebble openssl jq curl ;;
    test) echo apiserver kubectl pebble nginx promtool openssl jq curl ;;
    lint) echo shellcheck yamllint ;;
    bench) echo apiserver kubectl pebble certbot lego openssl jq curl ;;
    all) echo apiserver kubectl pebble openssl jq curl nginx haproxy bind9 certbot lego promtool shellcheck yamllint ;;
    *) echo "$1" ;;
  esac
}

# What a component's programs are, and the packages that bring them where they are missing.
commands_of() {
  case $1 in
    apiserver) has_own_etcd || echo etcd; echo curl jq openssl ;;
    kubectl) ;;
    pebble) echo pebble pebble-challtestsrv openssl curl ;;
    nginx) echo nginx ;;
    haproxy) echo haproxy ;;
    bind9) echo named tsig-keygen dig nsupdate ;;
    certbot | lego | promtool | shellcheck | yamllint | openssl | jq | curl) echo "$1" ;;
    *) return 1 ;;
  esac
}

package_of() {
  case $1 in
    etcd) echo etcd-server ;;
    pebble | pebble-challtestsrv) echo pebble ;;
    nginx) echo nginx-light ;;
    named) echo bind9 ;;
    tsig-keygen) echo bind9-utils ;;
    dig | nsupdate) echo bind9-dnsutils ;;
    promtool) echo prometheus ;;
    curl) echo "curl ca-certificates" ;;
    *) echo "$1" ;;
  esac
}

has_own_etcd() { [[ -n ${KUBEBUILDER_ASSETS:-} && -x $KUBEBUILDER_ASSETS/etcd ]]; }
has_own_apiserver() { [[ -n ${KUBEBUILDER_ASSETS:-} && -x $KUBEBUILDER_ASSETS/kube-apiserver ]]; }

apiserver_works() { [[ -x $1 && "$("$1" --version 2>/dev/null)" == "Kubernetes v1."* ]]; }

ensure_apiserver() {
  if has_own_apiserver; then
    apiserver_works "$KUBEBUILDER_ASSETS/kube-apiserver" || die "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS holds a kube-apiserver that does not run"
    return
  fi
  [[ -z ${KUBEBUILDER_ASSETS:-} ]] || warn "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS holds no kube-apiserver; using one of our own"
  ! apiserver_works "$APISERVER_BINARY" || return 0
  with_lock "$CACHE/locks/apiserver" build_apiserver
}

# Debian ships the source of kube-apiserver but no package of it.
build_apiserver() {
  local build="$CACHE/build/kubernetes" mirror suite source built started=$SECONDS
  # Another caller may have built it while this one waited for the lock.
  ! apiserver_works "$APISERVER_BINARY" || return 0
  apt_install "${BUILD_PACKAGES[@]}"
  rm -rf "$build"
  mkdir -p "$build"/{sources,lists/partial,apt/archives/partial,src,gopath,gocache,tmp,home}

  suite="$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")"
  # shellcheck disable=SC2016  # apt's own placeholders, not the shell's
  mirror="$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Identifier: Packages' 2>/dev/null |
    awk -v suite="$suite" '($1 == suite || $1 == "stable") && $2 == "main" && $3 ~ /debian\/?$/ { print $3; exit }')"
  {
    echo "Types: deb-src"
    echo "URIs: ${mirror:-http://deb.debian.org/debian}"
    echo "Suites: $suite"
    echo "Components: main"
    [[ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ]] || echo "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg"
  } >"$build/sources/source.sources"
  local apt=(apt-get -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$build/sources" -o "Dir::State::lists=$build/lists"
    -o "Dir::Cache=$build/apt" -o APT::Sandbox::User=root -o Acquire::Retries=3)
  say "downloading the source of kube-apiserver $KUBE_VERSION from ${mirror:-http://deb.debian.org/debian} ($suite)"
  run_quiet apiserver-source "${apt[@]}" update
  (cd "$build/src" && run_quiet apiserver-source "${apt[@]}" source kubernetes)
  source="$(find "$build/src" -mindepth 1 -maxdepth 1 -type d -name 'kubernetes-*' | head -n 1)"
  [[ -n $source ]] || die "the source package of kubernetes held no source tree"
  # The copy of reflect2 in that source calls the map functions of Go's runtime as they were before Go 1.18: built with
  # Debian's Go 1.19 it overwrites memory whenever a map goes through JSON. Debian's own package of it is repaired.
  local reflect2="$source/vendor/github.com/modern-go/reflect2"
  rm -f "$reflect2"/*.go "$reflect2"/*.s
  cp /usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} "$reflect2/"
  rm -f "$reflect2"/*_test.go

  say "building kube-apiserver $KUBE_VERSION (about 7 minutes on two cores, once; log: $CACHE/logs/apiserver-build.log)"
  # env -i: a GOFLAGS or GOROOT of the user's own must not change what is built.
  (cd "$source" && run_quiet apiserver-build env -i "PATH=/usr/lib/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
    "HOME=$build/home" "GOPATH=$build/gopath" "GOCACHE=$build/gocache" "TMPDIR=$build/tmp" GO111MODULE=off GOFLAGS= \
    KUBE_GIT_VERSION="$KUBE_VERSION" KUBE_GIT_MAJOR=1 KUBE_GIT_MINOR=20 KUBE_GIT_TREE_STATE=clean KUBE_GIT_COMMIT=debian FORCE_HOST_GO=y \
    make kube-apiserver GO111MODULE=off)
  built="$(find -L "$source/_output/local/bin" -name kube-apiserver -type f | head -n 1)"
  { [[ -n $built ]] && apiserver_works "$built"; } || die "the build of kube-apiserver left no working program; log: $CACHE/logs/apiserver-build.log"
  # Renamed into place: a copy cut short must never look like the finished program.
  cp "$built" "$APISERVER_BINARY.new"
  mv "$APISERVER_BINARY.new" "$APISERVER_BINARY"
  chmod -R u+w "$build"
  rm -rf "$build"
  say "built $APISERVER_BINARY in $(((SECONDS - started) / 60)) min $(((SECONDS - started) % 60)) s"
}

kubectl_works() {
  have kubectl && timeout 60 kubectl version --client >/dev/null 2>&1 &&
    timeout 60 kubectl create configmap probe --dry-run=client -o name >/dev/null 2>&1
}

# Unpacked into the cache, not installed: the machine may have another package that owns /usr/bin/kubectl.
ensure_kubectl() {
  ! kubectl_works || return 0
  ((EUID == 0)) || die "no working kubectl found on the PATH: install one (Debian: apt-get install kubernetes-client)"
  with_lock "$CACHE/locks/kubectl" unpack_kubectl
  kubectl_works || die "the kubectl from Debian's kubernetes-client does not run"
}

unpack_kubectl() {
  local dir
  ! kubectl_works || return 0
  say "fetching kubectl from Debian's kubernetes-client"
  apt_update_once
  dir="$(mktemp -d)"
  (cd "$dir" && run_quiet kubectl-download apt-get -o APT::Sandbox::User=root -o Acquire::Retries=3 download kubernetes-client &&
    dpkg -x kubernetes-client_*.deb tree && cp tree/usr/bin/kubectl "$CACHE/bin/kubectl.new" && mv "$CACHE/bin/kubectl.new" "$CACHE/bin/kubectl")
  rm -rf "$dir"
  hash -r
}

main() {
  local component member command commands packages=()
  local -A wanted=()
  (($# > 0)) || set -- all
  for component in "$@"; do
    for member in $(members "$component"); do
      commands="$(commands_of "$member")" || die "unknown component '$member'; see the head of ${BASH_SOURCE[0]}"
      wanted[$member]=1
      for command in $commands; do
        # shellcheck disable=SC2207  # package names hold no blanks
        have "$command" || packages+=($(package_of "$command"))
      done
    done
  done
  ((${#packages[@]} == 0)) || apt_install "${packages[@]}"
  [[ -z ${wanted[kubectl]:-} ]] || ensure_kubectl
  [[ -z ${wanted[apiserver]:-} ]] || ensure_apiserver
}

main "$@"
