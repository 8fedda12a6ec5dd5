# shellcheck shell=bash
# postfix.sh - what both Postfix instances have in common

# postfix_instance NAME <main.cf: an instance in $W/NAME; "sender" has Debian's own places
postfix_instance() {
	local name=$1 etc=$W/$1/etc spool=$W/$1/spool data=$W/$1/data
	[ "$name" != sender ] || etc=/etc/postfix spool=/var/spool/postfix data=/var/lib/postfix
	mkdir -p "$etc" "$spool" "$data"
	chown postfix "$data"
	cp /usr/share/postfix/dynamicmaps.cf "$etc/dynamicmaps.cf"
	cp /usr/share/postfix/master.cf.dist "$etc/master.cf"
	{
		cat <<-C
			queue_directory = $spool
			data_directory = $data
			readme_directory = no
		C
		cat
	} >"$etc/main.cf"
	postconf -c "$etc" -M 'postlog/unix-dgram=postlog unix-dgram n - n - 1 postlogd'
	[ "$name" = sender ] || postconf -c "$etc" -F '*/*/chroot=n'
}
