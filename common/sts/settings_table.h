/* settings_table.h - SETTING(section, type, name, default, min or choices, max, doc); included several times, no guard
 *
 * Adding a setting is adding a row here and using settings->name. Docs are whole sentences: they become mta-sts.conf(5).
 * The rows of a section stand together. max is the longest text of a PATH and a SOCKET, the longest duration of a GRACE.
 * A text whose default is empty, or whose min is 0, may be empty. Types: setting_type.h.
 */

/* clang-format off */
SETTING(daemon, NAME, user, "mta-sts", "", "",
	"The user that the daemon becomes when it is started as root. It must exist. A daemon that is not started as root stays who it is.")
SETTING(daemon, PATH, database, "/var/lib/mta-sts/mta-sts.db", "", "4000",
	"The SQLite database that keeps policies over a restart. Its directory must be writable by the user above.")
SETTING(daemon, SIZE, memory, "32M", "1M", "16G",
	"Memory for what is known about domains and MX hosts. What does not fit is read from the database again.")
SETTING(daemon, INT, workers, "16", "1", "1000",
	"How many domains are checked at a time: records looked up, policies fetched, MX hosts probed, each in a thread of its own. A check that lasts longer than a second waits for a slow host and does not count, up to twice as many.")
SETTING(daemon, INT, queue, "1000", "1", "1000000",
	"Domains that may wait for a worker. When the queue is full the answer is that of pending.")
SETTING(daemon, PATH, control_socket, "/run/mta-sts/control.sock", "", "107",
	"The socket on which the command mta-sts asks the daemon.")
SETTING(daemon, OCTAL, control_socket_mode, "0660", "0", "0777",
	"Permissions of the control socket.")
SETTING(daemon, NAME, control_socket_group, "", "", "",
	"Group of the control socket; empty: the group of user.")
SETTING(daemon, ENUM, log, "syslog", "syslog stderr", "",
	"Where log lines go: to syslog (facility mail) or to standard error.")
SETTING(daemon, ENUM, log_level, "info", "warning info debug", "",
	"The least important lines that are written. The lines about recipients and messages are info.")

SETTING(milter, SOCKET, milter_socket, "unix:/var/spool/postfix/mta-sts/milter.sock", "", "107",
	"Where the MTA reaches the milter: unix:PATH or inet:PORT@ADDRESS. The default lies inside Debian's Postfix chroot, where smtpd_milters calls it unix:mta-sts/milter.sock. Unix sockets are much faster than TCP.")
SETTING(milter, OCTAL, milter_socket_mode, "0660", "0", "0777",
	"Permissions of a unix milter socket.")
SETTING(milter, NAME, milter_socket_group, "auto", "", "",
	"Group of a unix milter socket. auto: postfix if that group exists, else smmsp, else the group of user.")
SETTING(milter, HOST, authority, "", "", "",
	"The name that this host uses in MTA-STS-Verdict header fields; empty: the host name.")
SETTING(milter, NETWORKS, trusted_networks, "127.0.0.0/8 ::1", "", "",
	"Clients whose MTA-STS-Verdict header fields in our name are kept, because their mail was judged here before (re-injection from a content filter).")
SETTING(milter, DURATION, rcpt_deadline, "10s", "0", "25s",
	"How long one RCPT may wait for an answer. Postfix gives up at milter_command_timeout, 30s.")
SETTING(milter, DURATION, message_deadline, "30s", "0", "10m",
	"How long all RCPTs of one message together may wait.")
SETTING(milter, INT, max_waiting, "200", "0", "100000",
	"How many RCPTs may wait at the same time. More get the answer of pending at once.")

SETTING(judge, MAILERS, judge_mailers, "smtp esmtp dsmtp relay@sendmail", "", "",
	"Transports (Postfix) or mailers (Sendmail) whose deliveries are judged. NAME@postfix and NAME@sendmail hold for that MTA alone: Postfix's relay is inbound mail for a gateway's own domains, Sendmail's relay is its smart host.")
SETTING(judge, MAILERS, skip_mailers, "local virtual lmtp error discard relay@postfix retry prog file *file* *include* pipe procmail maildrop dovecot dovecot-lda cyrus cyrusv2 uucp bsmtp ifmail scalemail-backend mailman hold usenet", "", "",
	"Transports or mailers that are not judged. A name in neither list is judged, and named in the log once.")
SETTING(judge, DOMAINS, skip_domains, "", "", "",
	"Policy domains that are never judged: own domains, domains behind this gateway. .example.com stands for everything below example.com.")

SETTING(action, ENUM, action, "tempfail", "tempfail annotate", "",
	"What happens to a recipient whose domain's enforce policy cannot be satisfied. tempfail: 451, the client keeps the mail and tries again. annotate: the mail is accepted and marked.")
SETTING(action, ENUM, action_authenticated, "action", "action tempfail annotate", "",
	"The same for clients that have logged in or come from authenticated_networks. A person's mail program does not try again by itself.")
SETTING(action, NETWORKS, authenticated_networks, "", "", "",
	"Clients that count as authenticated.")
SETTING(action, ENUM, action_local, "accept", "accept action", "",
	"What happens to mail that Postfix hands over outside an SMTP session (non_smtpd_milters). A tempfail there would hold the whole message in maildrop without a bounce.")
SETTING(action, BOOL, delivery_bound, "no", "", "",
	"yes: the MTA's delivery agent asks this daemon as well and refuses a bad MX host by itself, so one MX host that it can use suffices. no: mail waits while the MTA could try a bad MX host before a good one.")
SETTING(action, GRACE, txt_failure, "tempfail 1h", "accept tempfail", "7d",
	"When the TXT look-up of a domain fails and no policy is known, or its policy cannot be fetched while the database cannot be read, which may hold it: accept, tempfail, or tempfail DURATION, which accepts once that has lasted so long.")
SETTING(action, GRACE, pending, "txt_failure", "txt_failure accept tempfail", "7d",
	"When the answer is not known within the deadline, or too many domains are being checked: as for txt_failure. A known enforce policy is never opened by this.")
SETTING(action, ENUM, probe_inconclusive, "tempfail", "tempfail accept", "",
	"When an enforce policy is known but no MX host can be reached to check it. accept is for hosts that cannot connect to port 25.")

SETTING(delivery, SOCKETS, socketmap, "unix:/var/spool/postfix/mta-sts/policy.sock inet:5461@127.0.0.1", "", "107",
	"Where Postfix and Sendmail ask what a delivery must demand, in the socketmap protocol: unix:PATH or inet:PORT@ADDRESS, as many as are needed; none: empty. The first default lies inside Debian's Postfix chroot, the second is where Sendmail's FEATURE(sts) asks. An answer tells which policies are known here: keep it on this host.")
SETTING(delivery, OCTAL, socketmap_mode, "0660", "0", "0777",
	"Permissions of the unix sockets of socketmap.")
SETTING(delivery, NAME, socketmap_group, "auto", "", "",
	"Group of the unix sockets of socketmap. auto: postfix if that group exists, else smmsp, else the group of user.")
SETTING(delivery, DURATION, socketmap_deadline, "20s", "0", "90s",
	"How long a delivery agent's question may wait for an answer, whichever MTA asks. Postfix gives up after 100s, Exim when its readsocket says so.")
SETTING(delivery, NAMES, postfix_maps, "postfix", "", "",
	"The map names that are answered in Postfix's words. A site that comes from another policy server can keep the name that its Postfix asks for.")
SETTING(delivery, VERSION, postfix_version, "", "", "",
	"The version of the Postfix that asks, as postconf mail_version tells it. From 3.10 on the answers carry what its TLS reports need; to an older or unknown one they must not, because it would defer the mail.")
SETTING(delivery, ENUM, dane, "off", "off postfix exim", "",
	"Who honours DANE when mail is delivered. off: the MTA does not; a host that fails DANE is not offered to it, one that DANE alone vouches for is of no use to it, and where nothing is left mail waits. postfix: Postfix does, with smtp_tls_security_level = dane; domains that DANE governs are left to it. exim: the same for Exim, with a resolver that says what it has validated.")
SETTING(delivery, SOCKETS, exim_socket, "unix:/run/mta-sts/exim.sock", "", "107",
	"Where Exim asks, with one line for each question; see the guide. None: empty.")
SETTING(delivery, OCTAL, exim_socket_mode, "0660", "0", "0777",
	"Permissions of the unix sockets of exim_socket.")
SETTING(delivery, NAME, exim_socket_group, "auto", "", "",
	"Group of the unix sockets of exim_socket. auto: Debian-exim if that group exists, else the group of user.")
SETTING(delivery, PATH, tlsrpt_socket, "/var/spool/postfix/mta-sts/tlsrpt.sock", "0", "107",
	"The datagram socket on which Postfix 3.10 and later tells how its TLS sessions came out (smtp_tlsrpt_socket_name). Empty: nobody is listened to, as where Postfix reports to another collector.")
SETTING(delivery, NAMES, tlsrpt_users, "postfix root", "", "",
	"Users whose word is taken on tlsrpt_socket, beside the one that the daemon runs as.")

SETTING(dns, RESOLVERS, dns, "resolvconf", "", "",
	"resolvconf: the servers of /etc/resolv.conf. recurse: ask the root and below. Otherwise addresses of resolvers, ADDRESS or ADDRESS@PORT. DNSSEC is validated here in every case.")
SETTING(dns, STUBS, dns_stub, "", "", "",
	"ZONE@ADDRESS or ZONE@ADDRESS@PORT: authoritative servers to ask directly for a zone, for private zones and laboratories.")
SETTING(dns, PATH, dns_trust_anchor, "/usr/share/dns/root.key", "", "4000",
	"DNSSEC trust anchors, as DS or DNSKEY records.")
SETTING(dns, DURATION, dns_timeout, "5s", "100ms", "60s",
	"How long one set of DNS questions may take.")

SETTING(policy, PATH, ca_bundle, "/etc/ssl/certs/ca-certificates.crt", "", "4000",
	"Trusted roots for policy hosts and MX hosts, in PEM form.")
SETTING(policy, DURATION, fetch_timeout, "20s", "1s", "5m",
	"How long the fetch of one policy may take, from connect to the last byte.")
SETTING(policy, DURATION, idle_forget, "30d", "1d", "366d",
	"How long a policy that no mail has needed is still fetched again every day. After that it is left to expire.")
SETTING(policy, DURATION, expiry_warning, "1w", "1h", "60d",
	"How long before its expiry an enforce or testing policy that cannot be fetched again is named in the log; never before half of its lifetime is over.")
SETTING(policy, DURATION, certificate_warning, "1w", "1h", "60d",
	"How long before its end the certificate of a policy host or MX host is named in the log.")
SETTING(policy, NETWORKS, allow_networks, "", "", "",
	"Networks that policy hosts and MX hosts may have addresses in although they are not on the public internet.")

SETTING(probe, HOST, probe_helo, "", "", "",
	"The name that probes say in EHLO; empty: the host name.")
SETTING(probe, ADDRESS4, source_address, "", "", "",
	"IPv4 address that probes come from; empty: the system's choice.")
SETTING(probe, ADDRESS6, source_address6, "", "", "",
	"IPv6 address that probes come from; empty: the system's choice.")
SETTING(probe, ENUM, address_families, "any", "any ipv4 ipv6", "",
	"Which addresses of MX hosts and policy hosts are used.")
SETTING(probe, ENUM, probe_min_tls, "1.2", "1.2 1.3", "",
	"The oldest TLS version that satisfies a policy.")
SETTING(probe, DURATION, connect_timeout, "5s", "100ms", "60s",
	"How long a probe waits for a connection.")
SETTING(probe, DURATION, greeting_timeout, "15s", "1s", "5m",
	"How long a probe waits for the greeting. Keep it above the 6s that Postfix's postscreen takes.")
SETTING(probe, DURATION, probe_timeout, "25s", "1s", "10m",
	"How long one probe may take in all.")
SETTING(probe, INT, host_connections, "4", "1", "64",
	"Connections to one address of an MX host or policy host at the same time.")
SETTING(probe, DURATION, facts_ttl_good, "1h", "1m", "7d",
	"How long a passed probe is believed, never past the certificate's end.")
SETTING(probe, DURATION, facts_ttl_bad, "2m", "1s", "1d",
	"How long a failed or inconclusive probe is believed. Beside a passed one an inconclusive probe is believed as long as that.")
/* clang-format on */
