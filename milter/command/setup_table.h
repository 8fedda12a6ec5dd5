/* setup_table.h - what `mta-sts setup MTA --check` looks at, and every fault it knows; included several times, no guard
 *
 * CHECK(id, name, what is so when nothing is wrong)
 * FAULT(id, check, state, what is wrong, remedy): @ stands for what was found, ~ for what is to be written instead.
 * Adding a check is adding rows here, deciding in setup_<mta>_check.c, and planting the fault in tests/unit/test_setup_*.c.
 */

/* clang-format off */
#ifdef CHECK
CHECK(MTA, "mta", "the MTA is installed, and tells its configuration")
CHECK(BUILT_IN, "built-in", "the MTA is compiled with what is needed")
CHECK(MILTER, "milter", "the MTA asks the milter about every recipient")
CHECK(MILTER_SERVICES, "milter-services", "no service leaves the milter out")
CHECK(MILTER_SOCKET, "milter-socket", "the MTA reaches the milter, as its own user and in its chroot")
CHECK(MILTER_ACTION, "milter-action", "mail waits while the milter is away")
CHECK(MILTER_TIMES, "milter-times", "the MTA waits longer than the milter does")
CHECK(LOCAL_MAIL, "local-mail", "local submissions do no harm")
CHECK(POLICY_MAP, "policy-map", "the delivery agent asks what to demand")
CHECK(POLICY_ORDER, "policy-order", "no other table is asked first")
CHECK(POLICY_SERVICES, "policy-services", "no delivery service leaves the policy map out")
CHECK(POLICY_SOCKET, "policy-socket", "the delivery agent reaches the policy service, and is answered")
CHECK(NEXT_HOP, "next-hop", "the MTA asks about the domain that it delivers to")
CHECK(ACL, "acl", "recipients are put off at RCPT")
CHECK(TRANSPORT, "transport", "the transport demands what the policy says")
CHECK(EXIM_SOCKET, "exim-socket", "Exim reaches the daemon, and is answered")
CHECK(TLS_LEVEL, "tls-level", "other domains get TLS where it is offered")
CHECK(CA, "ca", "the MTA knows which roots to trust")
CHECK(CA_BUNDLE, "ca-bundle", "the daemon knows which roots to trust")
CHECK(DANE, "dane", "who honours DANE is settled")
CHECK(RESOLVER, "resolver", "the MTA's resolver validates DNSSEC, and says so")
CHECK(VERSION, "version", "postfix_version is that of the Postfix installed")
CHECK(MX_PATTERNS, "mx-patterns", "Postfix holds MX names against the policy by itself")
CHECK(BOUND, "delivery-bound", "delivery_bound says what is so")
CHECK(TLSRPT, "tlsrpt", "Postfix tells how its TLS sessions come out")
CHECK(TLS_REQUIRED, "tls-required", "senders can ask that TLS policies be ignored (RFC 8689)")
#endif

#ifdef FAULT
FAULT(MTA_SILENT, MTA, PROBLEM, "@", "mend the MTA's configuration first")
FAULT(NOT_ROOT, MTA, WARNING, "@", "run this command as root: only root can look as the MTA's user, in its chroot")

FAULT(MILTER_MISSING, MILTER, PROBLEM, "smtpd_milters does not name @", "postconf -e 'smtpd_milters = ~'")
FAULT(MILTER_OVERRIDDEN, MILTER_SERVICES, PROBLEM, "@ in master.cf has an smtpd_milters of its own, without ours: its recipients are not judged", "postconf -PX ~")
FAULT(MILTER_REINJECTS, MILTER_SERVICES, NOTE, "@ in master.cf has an smtpd_milters of its own, without ours; it hears on this host alone", "nothing, if the mail that comes there was judged when it came in")
FAULT(MILTER_ABSENT, MILTER_SOCKET, PROBLEM, "@", "systemctl start mta-sts-milter; mta-sts-milter -t says why it does not start")
FAULT(MILTER_FORBIDDEN, MILTER_SOCKET, PROBLEM, "@", "~")
FAULT(MILTER_ODD, MILTER_SOCKET, PROBLEM, "@", "hold milter_socket in mta-sts.conf against the address that the MTA uses")
FAULT(MILTER_CHROOT, MILTER_SOCKET, PROBLEM, "@", "postconf -e 'smtpd_milters = ~'")
FAULT(ACTION_ACCEPT, MILTER_ACTION, PROBLEM, "milter_default_action = accept: while the milter is away mail is accepted unjudged", "postconf -e 'milter_default_action = tempfail'")
FAULT(ACTION_REJECT, MILTER_ACTION, PROBLEM, "milter_default_action = @: while the milter is away mail is lost to its senders", "postconf -e 'milter_default_action = tempfail'")
FAULT(ACTION_HOLD, MILTER_ACTION, WARNING, "milter_default_action = quarantine: while the milter is away mail is accepted and lies in the hold queue", "postconf -e 'milter_default_action = tempfail'")
FAULT(ACTION_SHUTDOWN, MILTER_ACTION, NOTE, "milter_default_action = shutdown: while the milter is away sessions are hung up upon (421), which keeps mail back as well", "postconf -e 'milter_default_action = tempfail' answers each recipient instead")
FAULT(TIMES_COMMAND, MILTER_TIMES, PROBLEM, "milter_command_timeout = @ is not longer than rcpt_deadline = ~: Postfix gives up before it is answered", "postconf -e 'milter_command_timeout = 30s', and keep rcpt_deadline below it")
FAULT(TIMES_CONNECT, MILTER_TIMES, WARNING, "milter_connect_timeout = @ is short: on a busy host Postfix gives up before the milter is reached", "postconf -e 'milter_connect_timeout = 30s'")
FAULT(LOCAL_HELD, LOCAL_MAIL, PROBLEM, "non_smtpd_milters names the milter, and action_local = action: a message that is put off stays in maildrop/ without a bounce", "postconf -X non_smtpd_milters, and the README's section Local submissions")
FAULT(LOCAL_PASSES, LOCAL_MAIL, WARNING, "non_smtpd_milters names the milter: Postfix gives no next-hop there, so local submissions pass unjudged", "postconf -X non_smtpd_milters, and the README's section Local submissions")
FAULT(LOCAL_UNJUDGED, LOCAL_MAIL, WARNING, "programs that call sendmail pass the milter by, and no policy map binds their delivery", "the README's section Local submissions")

FAULT(MAP_MISSING, POLICY_MAP, WARNING, "smtp_tls_policy_maps does not ask the daemon: who appears after RCPT wins", "postconf -e 'smtp_tls_policy_maps = ~'")
FAULT(MAP_NAME, POLICY_MAP, PROBLEM, "smtp_tls_policy_maps asks for @, which is not in postfix_maps: Postfix defers all mail", "postconf -e 'smtp_tls_policy_maps = ~'")
FAULT(MAP_HIDDEN, POLICY_ORDER, WARNING, "@ is asked before the daemon: what stands there is not held to a policy", "leave there only domains that you have decided about yourself")
FAULT(MAP_OVERRIDDEN, POLICY_SERVICES, PROBLEM, "@ in master.cf has an smtp_tls_policy_maps of its own, without ours", "postconf -PX ~")
FAULT(SERVICE_LEVEL, POLICY_SERVICES, WARNING, "@ in master.cf has an smtp_tls_security_level of its own (~)", "look whether it is meant to; the policy map goes before it where a policy says enforce")
FAULT(MAP_ABSENT, POLICY_SOCKET, PROBLEM, "@", "systemctl start mta-sts-milter; while it is away all mail is deferred")
FAULT(MAP_FORBIDDEN, POLICY_SOCKET, PROBLEM, "@", "~")
FAULT(MAP_ODD, POLICY_SOCKET, PROBLEM, "@", "hold socketmap in mta-sts.conf against the address that the MTA uses")
FAULT(MAP_CHROOT, POLICY_SOCKET, PROBLEM, "@", "postconf -e 'smtp_tls_policy_maps = ~'")

FAULT(LEVEL_NONE, TLS_LEVEL, WARNING, "smtp_tls_security_level is @: mail to domains without a policy goes in clear text", "postconf -e 'smtp_tls_security_level = may'")
FAULT(CA_NONE, CA, PROBLEM, "smtp_tls_CAfile and smtp_tls_CApath are empty: no certificate can be verified, and mail to every domain with a policy is deferred", "postconf -e 'smtp_tls_CAfile = ~'")
FAULT(CA_UNREADABLE, CA, PROBLEM, "@", "apt install ca-certificates, or postconf -e 'smtp_tls_CAfile = ~'")
FAULT(CA_CHROOT, CA, PROBLEM, "smtp_tls_CApath = @ is looked at inside the chroot, and there is no such directory there", "postconf -e 'smtp_tls_CAfile = ~', which is read before")
FAULT(BUNDLE_UNREADABLE, CA_BUNDLE, PROBLEM, "@", "apt install ca-certificates, or set ca_bundle in mta-sts.conf")

FAULT(DANE_LEVEL, DANE, PROBLEM, "dane = postfix, but smtp_tls_security_level is @: nobody honours DANE", "postconf -e 'smtp_tls_security_level = dane' 'smtp_dns_support_level = dnssec', or dane = off in mta-sts.conf")
FAULT(DANE_DNS, DANE, PROBLEM, "smtp_dns_support_level is @, not dnssec: Postfix finds no TLSA record, and domains that are left to DANE are deferred", "postconf -e 'smtp_dns_support_level = dnssec'")
FAULT(DANE_REPLACED, DANE, WARNING, "Postfix does DANE, but dane = off: for a domain with both, the answer replaces it", "dane = postfix in mta-sts.conf, section delivery, once the resolver check is ok")
FAULT(RESOLVER_NO_AD, RESOLVER, PROBLEM, "@", "a validating resolver on this host: apt install unbound, and nameserver 127.0.0.1 and options edns0 trust-ad in /etc/resolv.conf; then systemctl restart postfix, which copies it into the chroot")
FAULT(RESOLVER_AWAY, RESOLVER, PROBLEM, "@", "look at /etc/resolv.conf, and at its copy in the chroot")
FAULT(RESOLVER_FAR, RESOLVER, WARNING, "the MTA believes @, which is not on this host: whoever is on the way can say that an answer was validated", "a validating resolver on this host")

FAULT(VERSION_NEWER, VERSION, PROBLEM, "postfix_version = @ is said, but ~ is installed, which defers mail when it meets the attributes of 3.10", "postfix_version in mta-sts.conf, section delivery; mta-sts setup postfix prints it")
FAULT(VERSION_OLDER, VERSION, WARNING, "postfix_version = @, but ~ is installed: MX names and TLS reports want the attributes of 3.10", "postfix_version in mta-sts.conf, section delivery; mta-sts setup postfix prints it")
FAULT(PATTERNS_OFF, MX_PATTERNS, WARNING, "smtp_tls_enforce_sts_mx_patterns = no: a certificate for another name of the policy would do", "postconf -X smtp_tls_enforce_sts_mx_patterns")
FAULT(BOUND_FALSELY, BOUND, PROBLEM, "delivery_bound = yes, but deliveries do not all ask the daemon: one good MX host suffices at RCPT, and nothing keeps mail from a bad one", "mend what stands above, or delivery_bound = no")
FAULT(BOUND_COULD, BOUND, NOTE, "delivery_bound = no, though every delivery asks the daemon: mail waits more often than it must", "delivery_bound = yes in mta-sts.conf, section action")

FAULT(TLSRPT_OFF, TLSRPT, NOTE, "smtp_tlsrpt_enable = no: outcomes of TLS sessions are not told", "postconf -e 'smtp_tlsrpt_enable = yes' 'smtp_tlsrpt_socket_name = ~'")
FAULT(TLSRPT_ELSEWHERE, TLSRPT, NOTE, "smtp_tlsrpt_socket_name = @ is not the daemon's: outcomes go to somebody else", "postconf -e 'smtp_tlsrpt_socket_name = ~'")
FAULT(TLSRPT_ABSENT, TLSRPT, WARNING, "@", "systemctl start mta-sts-milter; hold tlsrpt_socket in mta-sts.conf against smtp_tlsrpt_socket_name")
FAULT(TLSRPT_FORBIDDEN, TLSRPT, WARNING, "@", "~")
FAULT(TLS_REQUIRED_ON, TLS_REQUIRED, NOTE, "tls_required_enable = yes: a message that says TLS-Required: No asks no policy map, by its sender's wish", "postconf -e 'tls_required_enable = no', if you do not leave that to senders")
#endif
/* clang-format on */
