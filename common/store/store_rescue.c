#include "config.h"

#include "common/store/store_rescue.h"

#include <string.h>

#include "common/base/cleanup.h"
#include "common/store/store_bind.h"
#include "common/store/store_override.h"
#include "common/store/store_page.h"
#include "common/store/store_row.h"
#include "common/sts/domain.h"

enum { PARSE_MEMORY = 4 << 20 };

static bool name_good(struct span domain)
{
	char name[DOMAIN_SIZE];

	return span_copy(domain, name, sizeof(name)) && domain_is_normal(name);
}

/* The body decides about the mode. */
static bool body_parses(struct stored_policy *p)
{
	AUTO(arena_release) struct arena arena;
	AUTO(policy_unrefp) struct policy *policy = NULL;

	arena_init(&arena, PARSE_MEMORY);
	if (policy_parse(p->body, &arena, &policy, NULL) != 0)
		return false;
	p->mode = policy->mode;
	return true;
}

static bool within(int64_t value, int64_t most)
{
	return value >= 0 && value <= most;
}

static void write_row(struct salvage *s, sqlite3_stmt *statement)
{
	int rc = conn_run(statement);

	if (rc != SQLITE_OK)
		s->rc = rc;
}

static bool take_policy(struct salvage *s, const struct value *v, sqlite3_stmt *put)
{
	struct stored_policy p = {
		.body = v[3].bytes,
		.fetched_at = v[4].integer,
		.expires_at = v[5].integer,
	};

	if (!within(v[2].integer, POLICY_MODE_ENFORCE) ||
	    !span_copy(v[1].bytes, p.id, sizeof(p.id)) || !name_good(v[0].bytes))
		return false;
	p.mode = (enum policy_mode)v[2].integer;
	if (!row_policy_fits(v[0].bytes, &p) || row_policy_seal(v[0].bytes, &p) != v[6].integer ||
	    !body_parses(&p))
		return false;
	bind_policy(put, v[0].bytes, &p);
	write_row(s, put);
	return true;
}

static bool take_failure(struct salvage *s, const struct value *v, sqlite3_stmt *put)
{
	struct stored_failure f = { .first_at = v[2].integer, .last_at = v[3].integer };
	char name[DOMAIN_SIZE];

	if (!name_good(v[0].bytes) || !within(v[1].integer, ROW_CLASSES - 1))
		return false;
	f.class = (int)v[1].integer;
	if (row_failure_seal(v[0].bytes, f.class, f.first_at, f.last_at) != v[4].integer ||
	    !span_copy(v[0].bytes, name, sizeof(name)))
		return false;
	f.domain = name;
	bind_failure(put, &f);
	write_row(s, put);
	return true;
}

static bool take_upkeep(struct salvage *s, const struct value *v, sqlite3_stmt *put)
{
	const struct stored_upkeep u = {
		.used_at = v[1].integer,
		.due_at = v[2].integer,
		.failed_at = v[3].integer,
		.failures = (uint32_t)v[4].integer,
		.standing = (uint32_t)v[5].integer,
	};

	if (!name_good(v[0].bytes) || row_upkeep_seal(v[0].bytes, &u) != v[6].integer)
		return false;
	bind_upkeep(put, v[0].bytes, &u);
	write_row(s, put);
	return true;
}

static bool take_event(struct salvage *s, const struct value *v, sqlite3_stmt *put)
{
	char name[DOMAIN_SIZE], mx[STORE_EVENT_MX + 1], detail[LIMIT_DETAIL];
	struct stored_event e = {
		.serial = v[0].integer,
		.domain = name,
		.kind = (enum event_kind)v[2].integer,
		.source = (enum event_source)v[3].integer,
		.at = v[4].integer,
		.mode = (enum policy_mode)v[6].integer,
		.max_age = (uint32_t)v[7].integer,
		.body_hash = (uint64_t)v[8].integer,
		.mx = mx,
		.detail = detail,
	};

	if (!span_copy(v[1].bytes, name, sizeof(name)) ||
	    !span_copy(v[5].bytes, e.id, sizeof(e.id)) || !span_copy(v[9].bytes, mx, sizeof(mx)) ||
	    !span_copy(v[10].bytes, detail, sizeof(detail)) || !row_event_fits(&e) ||
	    row_event_seal(&e) != v[11].integer)
		return false;
	bind_event(put, &e);
	write_row(s, put);
	return true;
}

static bool take_override(struct salvage *s, const struct value *v, sqlite3_stmt *put)
{
	char name[DOMAIN_SIZE], mx[STORE_OVERRIDE_MX + 1];
	char reason[STORE_OVERRIDE_TEXT + 1], owner[STORE_OVERRIDE_TEXT + 1];
	const struct stored_override o = {
		.serial = v[0].integer,
		.domain = name,
		.mode = (enum policy_mode)v[2].integer,
		.end = (enum override_end)v[3].integer,
		.added_at = v[4].integer,
		.until = v[5].integer,
		.uid = v[6].integer,
		.ended_at = v[7].integer,
		.ended_uid = v[8].integer,
		.mx = mx,
		.reason = reason,
		.owner = owner,
	};

	if (!span_copy(v[1].bytes, name, sizeof(name)) || !span_copy(v[9].bytes, mx, sizeof(mx)) ||
	    !span_copy(v[10].bytes, reason, sizeof(reason)) ||
	    !span_copy(v[11].bytes, owner, sizeof(owner)) || !row_override_fits(&o) ||
	    row_override_seal(&o) != v[12].integer)
		return false;
	bind_override(put, &o);
	write_row(s, put);
	return true;
}

static bool take_outcome(struct salvage *s, const struct value *v, sqlite3_stmt *put)
{
	enum { FIRST = 7, TEXTS = 6 };
	char name[DOMAIN_SIZE], policy[OUTCOME_POLICY + 1], record[OUTCOME_RECORD + 1];
	char texts[TEXTS][OUTCOME_TEXT + 1];
	const struct tls_outcome o = {
		.day = v[0].integer,
		.domain = name,
		.source = (enum outcome_source)v[3].integer,
		.policy = policy,
		.record = record,
		.result = (enum tls_result)v[6].integer,
		.mx = texts[0],
		.helo = texts[1],
		.receiving_ip = texts[2],
		.sending_ip = texts[3],
		.info = texts[4],
		.reason = texts[5],
		.count = (uint64_t)v[13].integer,
		.sessions = (uint64_t)v[14].integer,
	};

	for (size_t i = 0; i < TEXTS; i++)
		if (!span_copy(v[FIRST + i].bytes, texts[i], sizeof(texts[i])))
			return false;
	if (!span_copy(v[1].bytes, name, sizeof(name)) ||
	    !span_copy(v[4].bytes, policy, sizeof(policy)) ||
	    !span_copy(v[5].bytes, record, sizeof(record)) || !row_outcome_fits(&o) ||
	    (int64_t)outcome_key(&o) != v[2].integer || row_outcome_seal(&o) != v[15].integer)
		return false;
	bind_outcome(put, &o);
	write_row(s, put);
	return true;
}

/* The old database's own counts are for the operator to compare, no more. */
static bool take_tally(struct salvage *s, const struct value *v, sqlite3_stmt *put)
{
	(void)put;
	if (span_eq(v[0].bytes, "rows") && v[1].integer >= 0)
		s->expected = v[1].integer;
	return true;
}

static bool take_tally_2(struct salvage *s, const struct value *v, sqlite3_stmt *put)
{
	if (span_eq(v[0].bytes, "rows") && v[5].integer >= 0)
		s->expected_overrides = v[5].integer;
	return take_tally(s, v, put);
}

/* Values in the order of the columns: b octets, i an integer. */
static const struct shape {
	const char *kinds;
	enum statement put;
	bool (*take)(struct salvage *s, const struct value *v, sqlite3_stmt *put);
} shapes[] = {
	{ "bbibiii", STATEMENT_PUT_NEWER, take_policy },
	{ "biiii", STATEMENT_FAILURE_PUT_NEWER, take_failure },
	{ "biiiiii", STATEMENT_UPKEEP_PUT_LATER, take_upkeep },
	{ "ibiiibiiibbi", STATEMENT_EVENT_PUT, take_event },
	{ "ibiiiiiiibbbi", STATEMENT_OVERRIDE_PUT, take_override },
	{ "ibiibbibbbbbbiii", STATEMENT_OUTCOME_PUT_MORE, take_outcome },
	{ "biii", STATEMENT_COUNTS, take_tally },
	{ "biiiiiiii", STATEMENT_COUNTS, take_tally_2 },
};

static bool kinds_are(const struct record *r, const char *kinds)
{
	if (strlen(kinds) != r->n)
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (kinds[i] != (r->values[i].kind == VALUE_BYTES     ? 'b'
				 : r->values[i].kind == VALUE_INTEGER ? 'i'
								      : '-'))
			return false;
	return true;
}

enum rescue rescue_row(struct salvage *s, struct span row)
{
	struct record r;

	if (!record_parse(row, &r))
		return RESCUE_NONE;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		sqlite3_stmt *put;

		if (!kinds_are(&r, shapes[i].kinds))
			continue;
		put = conn_statement(s->out, shapes[i].put, &s->rc);
		return put != NULL && shapes[i].take(s, r.values, put) ? RESCUE_TAKEN : RESCUE_BAD;
	}
	return RESCUE_NONE;
}

static int count(struct salvage *s)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *counts = conn_statement(s->out, STATEMENT_COUNTS, &rc);

	if (counts == NULL)
		return rc;
	rc = sqlite3_step(counts);
	if (rc == SQLITE_ROW) {
		s->policies = (uint64_t)sqlite3_column_int64(counts, 0);
		s->failures = (uint64_t)sqlite3_column_int64(counts, 2);
		s->events = (uint64_t)sqlite3_column_int64(counts, 3);
		s->overrides = (uint64_t)sqlite3_column_int64(counts, 4);
	}
	(void)sqlite3_reset(counts);
	return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

int rescue_finish(struct salvage *s)
{
	int rc = SQLITE_OK;
	sqlite3_stmt *orphans = conn_statement(s->out, STATEMENT_UPKEEP_ORPHANS, &rc);

	if (orphans != NULL)
		rc = conn_run(orphans);
	if (rc == SQLITE_OK)
		rc = schema_fill_upkeep(s->out->db, s->now);
	if (rc == SQLITE_OK)
		rc = override_settle(s->out, s->now);
	return rc == SQLITE_OK ? count(s) : rc;
}
