#include "config.h"

#include "milter/command/table.h"

#include "milter/command/ask.h"
#include "milter/command/cache_file.h"
#include "milter/command/events.h"
#include "milter/command/feed.h"
#include "milter/command/show_config.h"
#include "milter/command/help.h"
#include "milter/command/lint.h"
#include "milter/command/match.h"
#include "milter/command/outcomes.h"
#include "milter/command/override.h"
#include "milter/command/refresh.h"
#include "milter/command/setup.h"
#include "milter/command/warm.h"
#include "milter/shared/settings_file.h"

static const struct option_row options[] = {
	/* clang-format off */
	{ OPTION_HELP, "--help", NULL, "show this help, or that of the verb given" },
	{ OPTION_VERSION, "--version", NULL, "show the version" },
	{ OPTION_JSON, "--json", NULL, "answer with one line of JSON instead of text; the fields are the same" },
	{ OPTION_CONFIG, "-c", "FILE", "configuration (default " SETTINGS_FILE ")" },
	{ OPTION_SOCKET, "--socket", "PATH", "the daemon's control socket (default: as configured)" },
	{ OPTION_DEFAULTS, "-d", NULL, "the defaults" },
	{ OPTION_CHANGED, "-n", NULL, "only what differs from the defaults" },
	{ OPTION_ALL, "--all", NULL, "also what has ended; of outcomes: all that is known" },
	{ OPTION_DAY, "--day", "DAY", "of this day (UTC) alone: 2026-12-31" },
	{ OPTION_MODE, "--mode", "MODE", "none, testing or enforce" },
	{ OPTION_MX, "--mx", "PATTERN", "MX hosts that count instead of the policy's; may be repeated" },
	{ OPTION_OWNER, "--owner", "NAME", "who answers for it" },
	{ OPTION_REASON, "--reason", "TEXT", "why, for those who meet it later" },
	{ OPTION_UNTIL, "--until", "TIME", "when it ends: 2026-12-31, \"2026-12-31 18:00\" (UTC), +7d" },
	{ OPTION_LIMIT, "--limit", "N", "at most so many, the newest (default 50)" },
	{ OPTION_POLICY, "--policy", NULL, "forget the stored policy too, and with it the protection that it gives" },
	{ OPTION_RATE, "--rate", "N", "begin at most so many domains per second (default 10)" },
	{ OPTION_JOURNAL, "--journal", "FILE", "go on where a run with this file was interrupted" },
	{ OPTION_CHECK, "--check", NULL, "look at what is set up, and name every fault with its remedy" },
	{ OPTION_MTA_CONFIG, "--mta-config", "PATH", "the MTA's configuration: Postfix's directory, Sendmail's or Exim's file" },
	{ OPTION_MTA_VERSION, "--mta-version", "VERSION", "the lines for an MTA that is not installed here" },
	{ OPTION_ONCE, "--once", NULL, "read what is there, from its beginning, and end" },
	{ OPTION_DRY_RUN, "--dry-run", NULL, "show what is recognised and send nothing" },
	{ OPTION_CURSOR, "--cursor", "FILE", "remember there how far it has read, and go on from there" },
	/* clang-format on */
};

enum { ASKS = OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_SOCKET) };

#define REFRESH_HELP                                                                               \
	"Asks for the record, the policy, the MX hosts and what they answer, whatever is known\n"  \
	"already; waits for the end; shows what query shows, and below it what has changed. "      \
	"Exit\n"                                                                                   \
	"status 0: a policy is in force and mail would go; 1: there is none, or mail would be\n"   \
	"held; 75: it takes longer than any check should.\n"
#define FLUSH_HELP                                                                                 \
	"The record (or that there is none), the verdict and what is known about the MX hosts\n"   \
	"are forgotten; the next message has all of it asked again. The stored policy stays: to\n" \
	"forget it (--policy) is to trust DNS at that moment, as on first contact. Exit status\n"  \
	"1: nothing was known.\n"
#define EXPORT_HELP                                                                                \
	"The first line says what the file is; each of the others is one unexpired policy. For\n"  \
	"backups, and to spare a second host its first contact.\n"
#define IMPORT_HELP                                                                                \
	"Every line is held against the rules for a policy that was fetched: a policy never\n"     \
	"lasts longer than it says itself, and never replaces one that was fetched later. Good\n"  \
	"lines are kept, faulty ones are named with file and line (exit status 1).\n"

enum {
	SETS_UP = OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_CHECK) |
		  OPTION_BIT(OPTION_MTA_CONFIG) | OPTION_BIT(OPTION_MTA_VERSION)
};

#define SETUP_HELP                                                                                 \
	"Prints the lines to write, for the version that is installed: those of mta-sts.conf,\n"   \
	"and those of the MTA. Changes nothing by itself. With --check it looks at what is\n"      \
	"there instead: one line for each thing that has to be so, and the remedy for what is\n"   \
	"not. Only root can look as the MTA's own user, in its chroot. Exit status 1: something\n" \
	"is wrong; 69: the MTA is not installed here.\n"

static const struct verb verbs[] = {
	/* clang-format off */
	{ "status", "", 0, 0, ASKS, ask_status,
	  "is the daemon well, and what has it done",
	  "Shows the daemon's DNS, database, workers and memory, and counts what has happened\n"
	  "since its start.\n" },
	{ "query", "DOMAIN", 1, 1, ASKS, ask_query,
	  "what does the daemon know about this domain, and what would it answer",
	  "Shows policy, age, expiry, verdict and every address of every MX host with what a\n"
	  "probe found, and the reason that decided. DOMAIN may be a next-hop as the MTA writes\n"
	  "it: [mx.example.com]:587. Causes no network traffic: a domain that no mail was sent to\n"
	  "lately may be unknown (exit status 1).\n" },
	{ "refresh", "DOMAIN", 1, 1, ASKS, refresh_run, "ask everything about this domain anew, and show what has changed", REFRESH_HELP },
	{ "flush", "[--policy] DOMAIN", 1, 1, ASKS | OPTION_BIT(OPTION_POLICY), ask_flush, "forget what memory knows about this domain", FLUSH_HELP },
	{ "events", "[--limit N] [DOMAIN]", 0, 1, ASKS | OPTION_BIT(OPTION_LIMIT), events_run,
	  "what has happened to the policies of this domain, or of all",
	  "Shows changed ids, downgraded modes, vanished records, certificates about to end\n"
	  "and the like, the newest first, as the database remembers them. doc/GUIDE.md says\n"
	  "what each of them means. Exit status 1: nothing has happened.\n" },
	{ "outcomes", "[--all] [--day DAY] [--limit N] [DOMAIN]", 0, 1,
	  ASKS | OPTION_BIT(OPTION_ALL) | OPTION_BIT(OPTION_DAY) | OPTION_BIT(OPTION_LIMIT), outcomes_run,
	  "how the MTA's own TLS sessions came out",
	  "What Postfix 3.10 and later tells the daemon, and what mta-sts feed reads in a mail\n"
	  "log: sessions counted by day, domain, policy, result (RFC 8460 section 4.3) and MX\n"
	  "host, of the last eight days, the newest first. With --all each address, reason and\n"
	  "policy by itself. Exit status 1: nothing has been told.\n" },
	{ "cache warm", "[--rate N] [--journal FILE] FILE|-", 1, 1, ASKS | OPTION_BIT(OPTION_RATE) | OPTION_BIT(OPTION_JOURNAL), warm_run,
	  "let the daemon learn about many domains before mail is sent to them",
	  "FILE holds domains or addresses, one a line, with comments behind #; or it is the\n"
	  "mail log of Postfix, Sendmail or Exim, of which the recipients of deliveries to other\n"
	  "hosts are taken. Domains that the daemon knows already cost nothing. Names the\n"
	  "domains to which mail would be held. Interrupted (exit status 75), the same command\n"
	  "with the same --journal goes on where it stopped; once all is done the file is\n"
	  "removed.\n" },
	{ "cache export", "", 0, 0, OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_SOCKET), cache_file_export, "write all stored policies to standard output, as lines of JSON", EXPORT_HELP },
	{ "cache import", "FILE|-", 1, 1, ASKS, cache_file_import, "read policies that cache export has written", IMPORT_HELP },
	{ "feed", "[--once] [--dry-run] [--cursor FILE] [FILE|-|journal...]", 0, FEED_SOURCES,
	  ASKS | OPTION_BIT(OPTION_ONCE) | OPTION_BIT(OPTION_DRY_RUN) | OPTION_BIT(OPTION_CURSOR), feed_run,
	  "tell the daemon how TLS sessions of the MTA came out, from the mail log",
	  "Follows the log of Postfix, Sendmail or Exim as it grows: files, the journal, or\n"
	  "standard input; by default /var/log/mail.log and /var/log/exim4/mainlog, whichever\n"
	  "there are, else the journal. Runs until it is ended. The daemon keeps what it is\n"
	  "told for reports, and looks again at MX hosts with which a session failed. Nothing\n"
	  "that stands in a log makes it trust a host, or refuse one: other people's words\n"
	  "stand there too. doc/GUIDE.md says which lines count. Postfix 3.10 and later tell\n"
	  "the daemon themselves (smtp_tlsrpt_socket_name).\n" },
	{ "config", "", 0, 0, OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_DEFAULTS) | OPTION_BIT(OPTION_CHANGED), show_config,
	  "the settings in force, the defaults (-d), or what differs from them (-n)",
	  "Reads the configuration file as the daemon does; its output can be read back.\n"
	  "A faulty file is an error with its line (exit status 78).\n" },
	{ "lint policy", "FILE|-", 1, 1, OPTION_BIT(OPTION_JSON), lint_policy,
	  "is this file (- for standard input) a valid MTA-STS policy",
	  "Reads a policy as a sending server would have fetched it from\n"
	  "https://mta-sts.DOMAIN/.well-known/mta-sts.txt and shows how it is understood,\n"
	  "what is wrong with it and what is doubtful (RFC 8461 section 3.2).\n"
	  "Columns count octets from 1; line 0 is the policy as a whole.\n" },
	{ "lint record", "[--] TXT...", 1, OPERANDS_MANY, OPTION_BIT(OPTION_JSON), lint_record,
	  "do these TXT records of _mta-sts.DOMAIN announce a policy",
	  "Each argument is one TXT record; give all that the name _mta-sts.DOMAIN has.\n"
	  "A record is written as it is, or as dig shows it: one or more strings in double\n"
	  "quotes, which are joined (RFC 8461 section 3.1). The line of an error or warning\n"
	  "is the number of the record, 0 means all of them.\n" },
	{ "match", "[--] HOST PATTERN...", 2, OPERANDS_MANY, OPTION_BIT(OPTION_JSON), match_host,
	  "does an MX host name match one of the mx patterns of a policy",
	  "Shows the first pattern that matches (RFC 8461 section 4.1): *.example.com\n"
	  "matches mail.example.com, but neither example.com nor a.b.example.com.\n"
	  "A malformed pattern matches nothing.\n" },
	{ "override add", "DOMAIN --mode MODE --until TIME --reason TEXT", 1, 1,
	  ASKS | OPTION_BIT(OPTION_MODE) | OPTION_BIT(OPTION_UNTIL) | OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_OWNER) | OPTION_BIT(OPTION_MX),
	  override_add,
	  "judge a domain by other words than those of its policy, for a time",
	  "For a receiver that is broken while its mail has to go (--mode none or testing),\n"
	  "and for a partner who publishes no policy (--mode enforce --mx PATTERN). Takes\n"
	  "the place of an older override of the domain. --mode, --until and --reason are\n"
	  "required. A time is UTC unless it has a zone (2026-12-31T18:00:00+01:00); a date\n"
	  "alone is the beginning of that day; +7d and 12h count from now. It ends by\n"
	  "itself, within ten years. Without --mx the MX hosts of the published policy\n"
	  "count. A receiver's DANE records are checked all the same: an override cannot\n"
	  "weaken them.\n" },
	{ "override list", "[--all] [DOMAIN]", 0, 1, ASKS | OPTION_BIT(OPTION_ALL), override_list,
	  "which overrides are in force",
	  "The newest first. With --all also those of the last year that have ended: when,\n"
	  "how (expired, removed, replaced) and by whom. Exit status 1: there is none.\n" },
	{ "override remove", "DOMAIN", 1, 1, ASKS, override_remove,
	  "let the published policy hold again",
	  "Ends the override of the domain at once; it is kept in the history.\n" },
	{ "setup postfix", "[--check] [--mta-config DIR]", 0, 0, SETS_UP, setup_postfix, "the lines for Postfix, or what is wrong with those there", SETUP_HELP },
	{ "setup sendmail", "[--check] [--mta-config FILE]", 0, 0, SETS_UP, setup_sendmail, "the lines for Sendmail, or what is wrong with those there", SETUP_HELP },
	{ "setup exim", "[--check] [--mta-config FILE]", 0, 0, SETS_UP, setup_exim, "the lines for Exim, or what is wrong with those there", SETUP_HELP },
	/* second names */
	{ "cache refresh", "DOMAIN", 1, 1, ASKS, refresh_run, NULL, REFRESH_HELP },
	{ "cache flush", "[--policy] DOMAIN", 1, 1, ASKS | OPTION_BIT(OPTION_POLICY), ask_flush, NULL, FLUSH_HELP },
	{ "export", "", 0, 0, OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_SOCKET), cache_file_export, NULL, EXPORT_HELP },
	{ "import", "FILE|-", 1, 1, ASKS, cache_file_import, NULL, IMPORT_HELP },
	{ "help", "[VERB]", 0, OPERANDS_MANY, 0, help_run,
	  "explain a verb, or list all of them", "" },
	/* clang-format on */
};

const struct table command_table = {
	verbs,
	sizeof(verbs) / sizeof(verbs[0]),
	options,
	sizeof(options) / sizeof(options[0]),
};
