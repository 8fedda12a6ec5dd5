#!/bin/sh
# build-deb.sh TARBALL VERSION DIRECTORY - Debian packages from a released tarball.
# dpkg-buildpackage wants debian/ at the top of the tree, where upstream's own has no business: so it works on a copy.
set -eu
tarball=$1
version=$2
dir=$3
name=mta-sts-milter

for tool in dpkg-buildpackage dh; do
	if ! command -v $tool >/dev/null; then
		echo "$tool is missing: apt-get install dpkg-dev debhelper" >&2
		exit 77
	fi
done
rm -rf "$dir"
mkdir -p "$dir"
cp "$tarball" "$dir/${name}_$version.orig.tar.xz"
tar -C "$dir" -xJf "$tarball"
cp -R "$dir/$name-$version/packaging/debian" "$dir/$name-$version/debian"
cd "$dir/$name-$version"
packaged=$(dpkg-parsechangelog -S Version)
if [ "${packaged%-*}" != "$version" ]; then
	echo "packaging/debian/changelog is about $packaged, configure.ac about $version" >&2
	exit 1
fi
dpkg-buildpackage -us -uc
cd ..
rm -rf "${name:?}-$version"
ls -- *.deb
