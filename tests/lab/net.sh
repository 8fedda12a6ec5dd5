# shellcheck shell=bash
# net.sh - three hosts in a row: the sender (this network namespace), a router that the attacker owns, the world
#
# The world answers for whole networks, so that every MX host and policy host has an address of its own. What no host
# answers for is refused (port closed) or, below DEAD, swallowed by the router.

net_up() {
	[ -d /proc/sys/net/ipv6 ] || die "this kernel has IPv6 switched off, and the lab needs it"
	mount -t tmpfs -o mode=755 netns /run
	ip netns add router
	ip netns add world
	net_link sender router 198.51.100.2 198.51.100.1 2001:db8:0:1::2 2001:db8:0:1::1
	net_link router world 198.51.100.5 198.51.100.6 2001:db8:0:2::1 2001:db8:0:2::2
	ip link set lo up
	ip route add default via 198.51.100.1
	ip -6 route add default via 2001:db8:0:1::1
	ip -n world route add default via 198.51.100.5
	ip -n world -6 route add default via 2001:db8:0:2::1
	in_router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	in_world sh -c 'echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind'
	local net
	for net in 198.51.100.128/25 203.0.113.0/24; do
		ip -n router route add $net via 198.51.100.6
		ip -n world route add local $net dev lo
	done
	for net in 2001:db8:25::/64 2001:db8:443::/64; do
		ip -n router -6 route add $net via 2001:db8:0:2::2
		ip -n world -6 route add local $net dev lo
	done
	ip -n router route add blackhole 198.51.100.64/26
	ip -n router -6 route add blackhole 2001:db8:dead::/64
	echo mail.sender.example >/proc/sys/kernel/hostname
	printf '%s\n' '127.0.0.1 localhost' '::1 localhost' '198.51.100.2 mail.sender.example mail' >/etc/hosts
	rm -f /etc/resolv.conf # may be a link
	echo "nameserver $DNS_RESOLVER" >/etc/resolv.conf
}

in_router() { ip netns exec router "$@"; }
in_world() { ip netns exec world "$@"; }

# net_link A B A4 B4 A6 B6: a cable between two hosts
net_link() {
	local side name
	ip link add "$1-$2" type veth peer name "$2-$1"
	for side in 1 2; do
		[ $side = 1 ] && name=$1-$2 || name=$2-$1
		[ "${!side}" = sender ] || ip link set "$name" netns "${!side}"
	done
	net_port "$1" "$1-$2" "$3" "$5"
	net_port "$2" "$2-$1" "$4" "$6"
}

# net_port HOST PORT ADDR4 ADDR6
net_port() {
	local on=()
	[ "$1" = sender ] || on=(-n "$1")
	ip "${on[@]}" link set lo up
	ip "${on[@]}" addr add "$3/30" dev "$2"
	ip "${on[@]}" -6 addr add "$4/64" dev "$2" nodad
	ip "${on[@]}" link set "$2" up
}

# wait_for WHAT COMMAND...: until COMMAND succeeds, for at most 10 seconds
wait_for() {
	local what=$1 i
	shift
	for ((i = 0; i < 200; i++)); do
		if "$@" >/dev/null 2>&1; then return; fi
		sleep 0.05
	done
	die "$what is not up after 10 seconds"
}

# answers PORT@ADDRESS: something listens there
answers() { (exec 3<>"/dev/tcp/${1#*@}/${1%@*}") 2>/dev/null; }
