#include "config.h"

#include "common/sts/setting_type.h"

#include <string.h>

static const char *const kind_names[] = {
#define X(kind, name) [SETTING_##kind] = name,
	SETTING_TYPES(X)
#undef X
};

const char *setting_kind_name(enum setting_kind kind)
{
	return kind_names[kind];
}

bool setting_may_be_empty(const struct setting_row *row)
{
	return row->def[0] == '\0' || strcmp(row->min, "0") == 0;
}

/* "a", "a or b", "a, b or c" */
static int add_choices(struct span rest, struct buf *out)
{
	struct span word, next;
	bool more = span_word(&rest, &word);
	int r = 0;

	for (int i = 0; more && r == 0; i++) {
		more = span_word(&rest, &next);
		r = buf_addf(out, "%s%.*s",
			     i == 0 ? ""
			     : more ? ", "
				    : " or ",
			     (int)word.n, word.p);
		word = next;
	}
	return r;
}

static int expect_grace(const struct setting_row *row, struct buf *out)
{
	int r = add_choices(span_of(row->choices), out);

	return r == 0 ? buf_addf(out, ", or tempfail and a duration up to %s", row->max) : r;
}

static int expect_text(enum setting_kind kind, const struct setting_row *row, struct buf *out)
{
	int r;

	switch (kind) {
	case SETTING_NAME:
		r = buf_adds(out, "a user or group name");
		break;
	case SETTING_HOST:
		r = buf_adds(out, "a host name such as mail.example.com");
		break;
	case SETTING_PATH:
		r = buf_addf(out, "an absolute path of at most %s bytes", row->max);
		break;
	case SETTING_SOCKET:
		r = buf_addf(out,
			     "unix:PATH with an absolute path of at most %s bytes, "
			     "or inet:PORT@ADDRESS",
			     row->max);
		break;
	case SETTING_VERSION:
		r = buf_adds(out, "a version such as 3.7.11");
		break;
	case SETTING_ADDRESS4:
		r = buf_adds(out, "an IPv4 address");
		break;
	default:
		r = buf_adds(out, "an IPv6 address");
		break;
	}
	return r == 0 && setting_may_be_empty(row) ? buf_adds(out, " or nothing") : r;
}

static int expect_list(enum setting_kind kind, const struct setting_row *row, struct buf *out)
{
	switch (kind) {
	case SETTING_SOCKETS:
		return buf_addf(out,
				"sockets, each unix:PATH with an absolute path of at most %s "
				"bytes, or inet:PORT@ADDRESS",
				row->max);
	case SETTING_NAMES:
		return buf_adds(out, "names of letters, digits, hyphens, dots and underscores");
	case SETTING_MAILERS:
		return buf_adds(out, "NAME, NAME@postfix or NAME@sendmail");
	case SETTING_DOMAINS:
		return buf_adds(out, "domain names, or .example.com for all below example.com");
	case SETTING_NETWORKS:
		return buf_adds(out, "networks such as 192.0.2.0/24 or 2001:db8::/32");
	case SETTING_RESOLVERS:
		return buf_adds(out, "resolvconf or recurse alone, "
				     "or addresses such as 192.0.2.1 or 192.0.2.1@5353");
	default:
		return buf_adds(out, "ZONE@ADDRESS or ZONE@ADDRESS@PORT");
	}
}

int setting_expected(enum setting_kind kind, const struct setting_row *row, struct buf *out)
{
	switch (kind) {
	case SETTING_BOOL:
		return buf_adds(out, "yes or no");
	case SETTING_INT:
		return buf_addf(out, "a whole number from %s to %s", row->min, row->max);
	case SETTING_OCTAL:
		return buf_addf(out, "an octal mode from %s to %s", row->min, row->max);
	case SETTING_DURATION:
		return buf_addf(out, "a duration from %s to %s (units ms, s, m, h, d, w)", row->min,
				row->max);
	case SETTING_SIZE:
		return buf_addf(out, "a size from %s to %s (units K, M, G)", row->min, row->max);
	case SETTING_ENUM:
		return add_choices(span_of(row->choices), out);
	case SETTING_GRACE:
		return expect_grace(row, out);
	case SETTING_MAILERS:
	case SETTING_DOMAINS:
	case SETTING_NETWORKS:
	case SETTING_RESOLVERS:
	case SETTING_STUBS:
	case SETTING_SOCKETS:
	case SETTING_NAMES:
		return expect_list(kind, row, out);
	default:
		return expect_text(kind, row, out);
	}
}
