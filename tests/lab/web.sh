# shellcheck shell=bash
# web.sh - policy hosts: one nginx, with a server for each kind of misbehaviour, and every domain's host at its own address
#
# Kinds (the case's `web`): ok, ok6 (IPv6 only), down (refuses connections), dead (answers nothing), redirect, oversized,
# wrongtype, truncated, drip, notfound, and five certificates: othername, cnonly, expired, untrusted, ending.

web_up() {
	mkdir -p "$W/web/tmp"
	in_router nft -f - <<-N
		table inet web {
			set down { type ipv4_addr; }
			set dead { type ipv4_addr; }
			chain forward {
				type filter hook forward priority 0;
				ip daddr @down tcp dport 443 reject with tcp reset
				ip daddr @dead drop
			}
		}
	N
	web_write
	in_world nginx -c "$W/web/nginx.conf" 2>"$W/log/nginx-start" || die "nginx: $(tail -n 1 "$W/log/nginx-start")"
	in_world socat TCP-LISTEN:8080,bind=127.0.0.1,fork,reuseaddr "EXEC:$lab/truncated-answer" 2>"$W/log/socat" </dev/null &
	wait_for "the policy host" answers 443@203.0.113.255
}

# web_publish: after a change of the world
web_publish() {
	web_write
	in_world nginx -c "$W/web/nginx.conf" -s reload 2>>"$W/log/nginx-start"
	wait_for "the policy host's reload" web_reloaded
}

web_reloaded() { [ "$(in_world pgrep -fc 'nginx: worker process$')" = 1 ]; }

web_write() {
	local domain file
	for domain in "${DOMAINS[@]}"; do
		file=$W/web/root/mta-sts.$domain/.well-known/mta-sts.txt
		mkdir -p "${file%/*}"
		printf '%b' "${POLICY[$domain]}" >"$file"
		[ "${WEB[$domain]}" != oversized ] || printf 'x%.0s: padding\r\n' {1..6000} >>"$file"
	done
	web_block down
	web_block dead
	web_config >"$W/web/nginx.conf"
}

# web_block KIND: the router keeps the sender from the policy hosts of this kind
web_block() {
	local domain
	in_router nft flush set inet web "$1"
	for domain in $(web_domains "$1"); do
		in_router nft add element inet web "$1" "{ 203.0.113.${WEB_ADDRESS[$domain]} }"
	done
}

web_domains() {
	local domain
	for domain in "${DOMAINS[@]}"; do
		[ "${WEB[$domain]}" != "$1" ] || echo "$domain"
	done
}

web_config() {
	cat <<-C
		user root;
		worker_processes 1;
		pid $W/web/nginx.pid;
		error_log $W/log/nginx-error;
		events { worker_connections 256; }
		http {
		log_format lab '\$host "\$request" \$status';
		access_log $W/log/nginx lab;
		server_names_hash_bucket_size 128;
		client_body_temp_path $W/web/tmp/client;
		proxy_temp_path $W/web/tmp/proxy;
		fastcgi_temp_path $W/web/tmp/fastcgi;
		uwsgi_temp_path $W/web/tmp/uwsgi;
		scgi_temp_path $W/web/tmp/scgi;
		types { text/plain txt; }
		root $W/web/root/\$host;
	C
	web_server ok web ''
	web_server redirect web 'return 302 https://mta-sts.redirect-target.example/.well-known/mta-sts.txt;'
	web_server wrongtype web 'types { text/html txt; }'
	web_server truncated web 'location / { proxy_pass http://127.0.0.1:8080; }'
	web_server drip web 'limit_rate 4;'
	web_server notfound web 'return 404;'
	web_server othername web-othername ''
	web_server cnonly web-cnonly ''
	web_server expired web-expired ''
	web_server untrusted web-untrusted ''
	web_server ending web-ending ''
	echo '}'
}

# web_server KIND CERTIFICATE BEHAVIOUR
web_server() {
	local names default=''
	names=$(web_domains "$1" | sed 's/^/mta-sts./')
	[ "$1" != ok ] || default=' default_server'
	[ -n "$names$default" ] || return 0
	printf 'server { listen 443 ssl%s; listen [::]:443 ssl%s; server_name _ %s;\n' "$default" "$default" "${names//$'\n'/ }"
	printf 'ssl_certificate %s; ssl_certificate_key %s;\n%s }\n' "$W/pki/$2.pem" "$W/pki/$2.pem" "$3"
}
