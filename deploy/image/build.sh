#!/usr/bin/env bash
# Builds both images of the Dockerfile without a registry of images, with buildah, as root. Their base
# is made here: this machine's release of Debian, from Debian's packages, with this machine's Node and
# npm. That has to be Node from nodejs.org, or one built like it: a distribution's own is linked with
# libraries that the base has not. Needs what `apt-get install --no-install-recommends buildah mmdebstrap`
# installs.
#
#   deploy/image/build.sh
#   NPMRC=~/.npmrc CA_BUNDLE=authorities.pem deploy/image/build.sh
#
# NPMRC is npm's configuration (of a registry of your own, say), CA_BUNDLE the authorities that vouch for
# it; by default this machine's. Both are lent to the build's steps, and are in none of the images.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

export BUILDAH_ISOLATION="${BUILDAH_ISOLATION:-chroot}"
name=localhost/reservation-system-api
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
base="$name-base:$release-node-$(node --version)"
npmrc="${NPMRC:-$(npm config get globalconfig)}"
ca_bundle="${CA_BUNDLE:-/etc/ssl/certs/ca-certificates.crt}"

# To be cleared away however the script ends, where a step fails too.
rootfs=
container=
clean_up() {
  if [[ -n $rootfs ]]; then rm -f "$rootfs"; fi
  if [[ -n $container ]]; then buildah rm "$container" >/dev/null 2>&1 || true; fi
}
trap clean_up EXIT

# The C++ library is what Node is linked with; what the slim images leave out is left out.
make_base() {
  rootfs=$(mktemp --suffix=.tar)
  mmdebstrap --quiet --variant=minbase --include=ca-certificates,libstdc++6 \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$release" "$rootfs"

  container=$(buildah from scratch)
  buildah add --quiet "$container" "$rootfs" /
  buildah add --quiet "$container" "$(realpath "$(command -v node)")" /usr/local/bin/node
  buildah add --quiet "$container" "$(npm root --global)/npm" /usr/local/lib/node_modules/npm
  # As in Docker's image of Node: the same place for npm, and the same user.
  buildah run "$container" -- sh -euc '
    ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
    ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
    useradd --create-home --uid 1000 --user-group node
    node --version
    npm --version'
  buildah commit --quiet --rm "$container" "$base"
  container=
}

build() {
  local lent=(--volume "$ca_bundle:/etc/ssl/certs/ca-certificates.crt:ro")
  if [[ -f $npmrc ]]; then lent+=(--volume "$(realpath "$npmrc"):/usr/local/etc/npmrc:ro"); fi
  buildah bud --quiet --layers --format docker --build-arg "NODE_IMAGE=$base" "${lent[@]}" --target "$1" --tag "$2" .
}

# Kept until `buildah rmi` takes it: the steps that come after are cached by it.
if buildah inspect --type image "$base" >/dev/null 2>&1; then
  echo "The base $base is there"
else
  echo "Making the base $base"
  make_base
fi
echo "Building $name-migrate"
build migrate "$name-migrate"
echo "Building $name"
build runtime "$name"
buildah images --filter reference="$name*"
