# shellcheck shell=bash
# world.sh - what the cases say about the internet, in arrays; pki.sh, dns.sh, web.sh and mx.sh make it true
#
# Keys are domains, values text. A case's first part is read before anything starts; what it changes later is set here
# again and published.

declare -A TXT=() POLICY=() WEB=() WEB_ADDRESS=() MX=() ZONE=() # of a domain
declare -A ROUTE=() TLS_POLICY=()                               # of a domain, in the sending Postfix
declare -A HOST=() TLSA=()                                      # of an MX host: names in mx-hosts; TLSA records
declare -A CERTIFIED=()                                         # of a name in mx-hosts: MX hosts in its certificate
declare -A MX_ADDRESS=() MX_CERT=() MX_WHAT=()                  # of a name in mx-hosts
DOMAINS=() DNS_EXTRA=''

world_hosts() {
	local name address cert what
	while read -r name address cert what; do
		[[ $name == \#* || -z $name ]] && continue
		MX_ADDRESS[$name]=$address MX_CERT[$name]=$cert MX_WHAT[$name]=$what
	done <"$lab/mx-hosts"
}

world_domain() {
	[ -z "${WEB[$1]:-}" ] || return 0
	DOMAINS+=("$1")
	WEB[$1]=ok WEB_ADDRESS[$1]=${#DOMAINS[@]}
	TXT[$1]='' POLICY[$1]='' MX[$1]=''
}

# world_set DOMAIN DIRECTIVE WORDS: false when DIRECTIVE is none of the world's
world_set() {
	local domain=$1 directive=$2 value=$3
	case $directive in
	txt) TXT[$domain]=$value ;;
	txt+) TXT[$domain]+=$'\n'$value ;;
	policy) world_policy "$domain" "$value" ;;
	policy-text) POLICY[$domain]=$value ;;
	web) WEB[$domain]=$value ;;
	mx) world_mx "$domain" "$value" ;;
	tlsa) world_tlsa "$value" ;;
	zone) ZONE[$domain]=$value ;;
	dns) DNS_EXTRA+=$value$'\n' ;;
	route) ROUTE[$domain]=$value ;;
	tls-policy) TLS_POLICY[$domain]=$value ;;
	*) return 1 ;;
	esac
}

# world_policy DOMAIN "MODE PATTERN...": a well-formed policy, and the record that announces it unless there is one
world_policy() {
	local patterns pattern
	read -ra patterns <<<"$2"
	POLICY[$1]="version: STSv1\\r\\nmode: ${patterns[0]}\\r\\n"
	for pattern in "${patterns[@]:1}"; do
		POLICY[$1]+="mx: $pattern\\r\\n"
	done
	POLICY[$1]+='max_age: 604800\r\n'
	[ -n "${TXT[$1]}" ] || TXT[$1]='"v=STSv1; id=1;"'
}

# world_mx DOMAIN "PREFERENCE HOST NAME,NAME..." | "null" | "reset" | "host HOST NAME,...": the last gives an address alone
world_mx() {
	local preference host names
	read -r preference host names <<<"$2"
	case $preference in
	reset) MX[$1]='' ;;
	null) MX[$1]='0 .'$'\n' ;;
	host) HOST[$host]=$names ;;
	*)
		MX[$1]+="$preference $host."$'\n'
		[ -z "$names" ] || HOST[$host]=$names
		;;
	esac
}

# world_tlsa "HOST reset" | "HOST USAGE SELECTOR MATCHING OF": one more TLSA record for port 25; pki_tlsa knows what OF can be
world_tlsa() {
	local host record
	read -r host record <<<"$1"
	case $record in
	reset) TLSA[$host]='' ;;
	*) TLSA[$host]+=$record$'\n' ;;
	esac
}

# world_certify VALUE-OF-MX: the names in mx-hosts need HOST in their certificates
world_certify() {
	local host names name
	read -r _ host names <<<"$1"
	for name in ${names//,/ }; do
		CERTIFIED[$name]+=$host$'\n'
	done
}
