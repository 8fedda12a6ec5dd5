# shellcheck shell=bash
# dns.sh - the tree: a signed root, a signed example., children below it; a validating resolver; a resolver that strips DNSSEC

DNS_SERVER=198.51.100.130 DNS_RESOLVER=198.51.100.131 DNS_STRIPPER=198.51.100.132
DNS_SERIAL=0
declare -A DNS_KSK=() DNS_ZSK=()

dns_up() {
	mkdir -p "$W/dns"
	cd "$W/dns"
	dns_zone . root
	dns_zone example. example
	local domain
	for domain in "${!ZONE[@]}"; do
		dns_zone "$domain." "$domain"
	done
	cat >nsd.conf <<-C
		server:
		  ip-address: $DNS_SERVER
		  username: ""
		  chroot: ""
		  zonesdir: "$W/dns"
		  database: ""
		  pidfile: "$W/dns/nsd.pid"
		  xfrdfile: "$W/dns/xfrd.state"
		  zonelistfile: "$W/dns/zone.list"
		  logfile: "$W/log/nsd"
		  server-count: 1
		remote-control:
		  control-enable: yes
		  control-interface: "$W/dns/nsd.control"
		$(cat zones)
	C
	dns_write
	grep DNSKEY "${DNS_KSK[.]}.key" >root.anchor
	printf '. NS ns.example.\nns.example. A %s\n' $DNS_SERVER >root.hints
	cat >unbound.conf <<-C
		server:
		  interface: $DNS_RESOLVER
		  do-ip6: no
		  access-control: 198.51.100.0/24 allow
		  username: ""
		  chroot: ""
		  directory: "$W/dns"
		  pidfile: "$W/dns/unbound.pid"
		  logfile: "$W/log/unbound"
		  use-syslog: no
		  root-hints: root.hints
		  trust-anchor-file: root.anchor
		  cache-max-negative-ttl: 1
		  infra-host-ttl: 1
		remote-control:
		  control-enable: yes
		  control-interface: "$W/dns/unbound.control"
		  control-use-cert: no
	C
	in_world nsd -c nsd.conf || die "nsd does not start"
	cp /usr/sbin/unbound resolver # under its own name the AppArmor profile of an installed one would bind it
	in_world ./resolver -c unbound.conf || die "unbound does not start"
	in_world perl "$lab/strip-dnssec" $DNS_STRIPPER $DNS_RESOLVER 2>"$W/log/strip-dnssec" </dev/null &
	cd /
	wait_for "the resolver" dns_ready
}

# The resolver's answer for the sender's MX host is validated.
dns_ready() { drill -D @$DNS_RESOLVER mail.sender.example A | grep -q 'flags:.* ad'; }

# dns_zone ZONE FILE: keys for a zone, and nsd's mention of it
dns_zone() {
	DNS_KSK[$1]=$(ldns-keygen -a ECDSAP256SHA256 -r /dev/urandom -k "$1")
	DNS_ZSK[$1]=$(ldns-keygen -a ECDSAP256SHA256 -r /dev/urandom "$1")
	printf 'zone:\n  name: "%s"\n  zonefile: "%s.signed"\n' "$1" "$2" >>zones
}

# dns_publish: after a change of the world
dns_publish() {
	local began=$EPOCHREALTIME
	cd "$W/dns"
	dns_write
	nsd-control -c nsd.conf reload >/dev/null || die "nsd does not reload"
	cd /
	wait_for "the changed zone" dns_serves
	unbound-control -c "$W/dns/unbound.conf" reload >/dev/null || die "unbound does not reload"
	wait_for "the resolver" dns_ready
	# The TTL of everything here is 1, and libunbound lets the next second end.
	sleep "$(awk -v began="$began" -v now="$EPOCHREALTIME" 'BEGIN { print (now < began + 2.1 ? began + 2.1 - now : 0) }')"
}

dns_serves() { drill @$DNS_SERVER example. SOA | grep -q " $DNS_SERIAL "; }

dns_write() {
	local domain zone
	DNS_SERIAL=$((DNS_SERIAL + 1))
	rm -f ./*.zone
	dns_head . >root.zone
	printf 'example. NS ns.example.\nns.example. A %s\n' $DNS_SERVER >>root.zone
	ldns-key2ds -n -2 "${DNS_KSK[example.]}.key" >>root.zone
	{
		dns_head example.
		echo "ns.example. A $DNS_SERVER"
		echo 'sender.example. MX 10 mail.sender.example.'
		echo 'mail.sender.example. A 198.51.100.2'
		printf '%s' "$DNS_EXTRA"
	} >example.zone
	for domain in "${!ZONE[@]}"; do
		dns_head "$domain." >"$domain.zone"
		dns_delegate "$domain" >>example.zone
	done
	for domain in "${DOMAINS[@]}"; do
		dns_zone_of "$domain"
		dns_domain "$domain" >>"$zone.zone"
	done
	for domain in "${!HOST[@]}"; do
		dns_zone_of "$domain"
		dns_host "$domain" >>"$zone.zone"
	done
	for domain in "${!TLSA[@]}"; do
		dns_zone_of "$domain"
		dns_tlsa "$domain" >>"$zone.zone"
	done
	dns_sign . root
	dns_sign example. example
	for domain in "${!ZONE[@]}"; do
		case ${ZONE[$domain]} in
		unsigned) mv "$domain.zone" "$domain.signed" ;;
		broken) ;; # nsd answers SERVFAIL for what it cannot load
		*) dns_sign "$domain." "$domain" ;;
		esac
	done
}

dns_head() {
	# shellcheck disable=SC2016
	printf '$ORIGIN %s\n$TTL 1\n%s SOA ns.example. host.example. %s 3600 900 86400 1\n%s NS ns.example.\n' \
		"$1" "$1" $DNS_SERIAL "$1"
}

# dns_delegate DOMAIN: as its kind of zone wants it. "bogus" has the DS record of a key that the zone does not have.
dns_delegate() {
	echo "$1. NS ns.example."
	[ "${ZONE[$1]}" != bogus ] || ldns-key2ds -n -2 "${DNS_KSK[example.]}.key" | sed "s/^[^ \t]*/$1./"
	[ "${ZONE[$1]}" != signed ] || ldns-key2ds -n -2 "${DNS_KSK[$1.]}.key"
}

# dns_zone_of NAME: into the caller's `zone`; there are hundreds of names
dns_zone_of() {
	for zone in "${!ZONE[@]}"; do
		[[ .$1 != *.$zone ]] || return 0
	done
	zone=example
}

dns_domain() {
	local line
	while read -r line; do
		[ -z "$line" ] || echo "$1. MX $line"
	done <<<"${MX[$1]}"
	while read -r line; do
		[ -z "$line" ] || echo "_mta-sts.$1. TXT $line"
	done <<<"${TXT[$1]}"
	[ -n "${TXT[$1]}" ] || return 0
	if [ "${WEB[$1]}" = ok6 ]; then
		echo "mta-sts.$1. AAAA 2001:db8:443::${WEB_ADDRESS[$1]}"
	else
		echo "mta-sts.$1. A 203.0.113.${WEB_ADDRESS[$1]}"
	fi
}

dns_host() {
	local name
	for name in ${HOST[$1]//,/ }; do
		case ${MX_ADDRESS[$name]:-} in
		*:*) echo "$1. AAAA ${MX_ADDRESS[$name]}" ;;
		*.*) echo "$1. A ${MX_ADDRESS[$name]}" ;;
		*) die "no MX host named '$name' in mx-hosts" ;;
		esac
	done
}

dns_tlsa() {
	local usage selector matching of data
	while read -r usage selector matching of; do
		[ -n "$usage" ] || continue
		pki_tlsa "$selector" "$matching" "$of"
		echo "_25._tcp.$1. TLSA $usage $selector $matching $data"
	done <<<"${TLSA[$1]}"
}

dns_sign() { ldns-signzone -f "$2.signed" "$2.zone" "${DNS_ZSK[$1]}" "${DNS_KSK[$1]}" || die "zone $1 is wrong"; }
