# shellcheck shell=bash
# pki.sh - two authorities, one of them trusted, and a certificate for every server
#
# A server's chain is $W/pki/NAME.pem: key, certificate; of an anchored one also its authority, as DANE-TA needs it.

pki_up() {
	local name
	mkdir -p "$W/pki/new"
	cd "$W/pki"
	: >index
	echo 01 >serial
	cat >ca.conf <<-C
		[ca]
		default_ca = lab
		[lab]
		database = index
		serial = serial
		new_certs_dir = new
		default_md = sha256
		policy = any
		unique_subject = no
		[any]
		commonName = supplied
	C
	pki_authority trusted "Trusted Authority of the Lab"
	pki_authority other "Authority That Nobody Trusts"
	for name in "${!MX_CERT[@]}"; do
		pki_leaf "mx-$name" "${MX_CERT[$name]}" "${CERTIFIED[$name]:-}"
	done
	pki_leaf web valid "$(printf 'mta-sts.%s\n' "${DOMAINS[@]}")"
	pki_leaf web-othername othername
	pki_leaf web-cnonly cnonly "$(pki_web_names cnonly)"
	pki_leaf web-expired expired "$(pki_web_names expired)"
	pki_leaf web-untrusted untrusted "$(pki_web_names untrusted)"
	pki_leaf web-ending ending "$(pki_web_names ending)"
	cd /
}

pki_web_names() {
	local domain
	for domain in "${DOMAINS[@]}"; do
		[ "${WEB[$domain]}" != "$1" ] || echo "mta-sts.$domain"
	done
}

pki_authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.crt" \
		-days 30 -subj "/CN=$2" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>"$1.log"
}

# pki_leaf NAME KIND HOSTNAMES
pki_leaf() {
	local name=$1 kind=$2 from='-2 days' to='+30 days' by=trusted hosts=${3:-} san anchor=''
	[ "$kind" != none ] || return 0
	[[ $kind != anchored* ]] || anchor=other.crt by=other kind=${kind#anchored} kind=${kind#-}
	case $kind in
	expired) from='-40 days' to='-1 day' ;;
	notyet) from='+2 days' ;;
	ending) to='+2 days' ;;
	untrusted) by=other ;;
	othername) hosts=somebody-else.example ;;
	esac
	hosts=${hosts%$'\n'}
	hosts=${hosts:-unused.example}
	san=subjectAltName=DNS:${hosts//$'\n'/,DNS:}
	[ "$kind" != cnonly ] || san=nsComment=no-names
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$name.key" -out "$name.csr" \
		-subj "/CN=$([ "$kind" = cnonly ] && head -n 1 <<<"$hosts" || echo "lab $name")" 2>"$name.log"
	printf '%s\n' "$san" basicConstraints=CA:FALSE extendedKeyUsage=serverAuth >"$name.ext"
	if [ "$kind" = selfsigned ]; then
		openssl x509 -req -in "$name.csr" -signkey "$name.key" -days 30 -extfile "$name.ext" -out "$name.crt"
	else
		openssl ca -batch -notext -config ca.conf -cert "$by.crt" -keyfile "$by.key" -in "$name.csr" -out "$name.crt" \
			-extfile "$name.ext" -startdate "$(date -ud "$from" +%Y%m%d%H%M%SZ)" \
			-enddate "$(date -ud "$to" +%Y%m%d%H%M%SZ)"
	fi >"$name.log" 2>&1 || die "no certificate $name: $(tail -n 1 "$name.log")"
	cat "$name.key" "$name.crt" $anchor >"$name.pem"
}

# pki_tlsa SELECTOR MATCHING OF: the data of a TLSA record, hexadecimal, into the caller's `data`. OF: a name in mx-hosts,
# ca:AUTHORITY or =HEX
pki_tlsa() {
	local selector=$1 matching=$2 of=$3 known=$W/pki/tlsa-$1-$2-$3
	data=${of#=}
	[[ $of != =* ]] || return 0
	[ -s "$known" ] || pki_tlsa_of "$selector" "$([[ $of == ca:* ]] && echo "${of#ca:}" || echo "mx-$of")" |
		case $matching in
		1) openssl dgst -sha256 -binary ;;
		2) openssl dgst -sha512 -binary ;;
		*) cat ;;
		esac | od -An -v -tx1 | tr -d ' \n' >"$known"
	[ -s "$known" ] || die "no certificate for a TLSA record of '$of'"
	data=$(<"$known")
}

pki_tlsa_of() {
	if [ "$1" = 0 ]; then
		openssl x509 -in "$W/pki/$2.crt" -outform DER
	else
		openssl x509 -in "$W/pki/$2.crt" -noout -pubkey | openssl pkey -pubin -outform DER
	fi
}
