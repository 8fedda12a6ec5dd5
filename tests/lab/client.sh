# shellcheck shell=bash
# client.sh - who hands mail to the sending Postfix: an SMTP client, and sendmail

declare -A REPLY=() # by recipient: what the MTA answered

# client_smtp PORT OPTIONS FROM TEXT RCPT...: one message in one session. OPTIONS: login=NAME, auth=NAME (with a password), from=ADDRESS, utf8
client_smtp() {
	local port=$1 options=$2 sender=$3 text=$4 option rcpt accepted='' reply mail utf8=''
	shift 4
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	client_reply
	client_say "EHLO client.example"
	for option in $options; do
		case $option in
		auth=*) client_say "AUTH PLAIN $(printf '\0%s\0secret' "${option#*=}" | base64)" ;;
		login=*) client_pose "LOGIN=${option#*=}" ;;
		from=*) client_pose "ADDR=${option#*=} NAME=client.example" ;;
		utf8) utf8=' SMTPUTF8' ;;
		esac
	done
	client_say "MAIL FROM:<$sender>$utf8"
	mail=$reply
	for rcpt; do
		[[ $mail != 2* ]] || client_say "RCPT TO:<$rcpt>"
		REPLY[$rcpt]=$reply
		[[ $reply != 2* ]] || accepted=yes
	done
	if [ -n "$accepted" ]; then
		client_say DATA
		client_say "${text//$'\n'/$'\r\n'}"$'\r\n.'
		[[ $reply == 2* ]] || REPLY[$1]=$reply
	fi
	client_say QUIT
	exec 5>&-
}

# client_rcpt PORT RCPT: what is answered to it, and no message
client_rcpt() {
	local reply said
	exec 5<>"/dev/tcp/127.0.0.1/$1"
	client_reply
	client_say "EHLO client.example"
	client_say "MAIL FROM:<$SENDER>"
	[[ $reply != 2* ]] || client_say "RCPT TO:<$2>"
	said=$reply
	client_say QUIT
	exec 5>&-
	echo "$said"
}

# client_pose WHAT: Postfix takes it from us that we are somebody else
client_pose() {
	client_say "XCLIENT $1"
	client_say "EHLO client.example"
}

client_say() {
	printf '%s\r\n' "$1" >&5
	client_reply
}

# The last line of a reply, into the caller's `reply`; 000 when none comes.
client_reply() {
	local line
	reply='000 no reply'
	while IFS= read -r -t 40 -u 5 line; do
		reply=${line%$'\r'}
		[ "${reply:3:1}" = - ] || return 0
	done
	return 0
}

# client_sendmail FROM TEXT: a program on the sender's own host; the recipients stand in the header
client_sendmail() { sendmail -t -f "$1" <<<"$2"; }
