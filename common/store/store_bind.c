#include "config.h"

#include "common/store/store_bind.h"

#include <string.h>

#include "common/store/store_row.h"

void bind_text(sqlite3_stmt *s, int i, struct span text)
{
	(void)sqlite3_bind_text(s, i, text.p != NULL ? text.p : "", (int)text.n, SQLITE_STATIC);
}

static struct span fetch_span(sqlite3_stmt *s, int i)
{
	const void *p = sqlite3_column_blob(s, i);
	int n = sqlite3_column_bytes(s, i);

	return span_make(p, p != NULL && n > 0 ? (size_t)n : 0);
}

const char *fetch_text(sqlite3_stmt *s, int i)
{
	const char *text = (const char *)sqlite3_column_text(s, i);

	if (text == NULL)
		return "";
	return strlen(text) == (size_t)sqlite3_column_bytes(s, i) ? text : NULL;
}

void bind_policy(sqlite3_stmt *s, struct span domain, const struct stored_policy *p)
{
	bind_text(s, 1, domain);
	bind_text(s, 2, span_of(p->id));
	(void)sqlite3_bind_int(s, 3, p->mode);
	(void)sqlite3_bind_blob(s, 4, p->body.p != NULL ? p->body.p : "", (int)p->body.n,
				SQLITE_STATIC);
	(void)sqlite3_bind_int64(s, 5, p->fetched_at);
	(void)sqlite3_bind_int64(s, 6, p->expires_at);
	(void)sqlite3_bind_int64(s, 7, row_policy_seal(domain, p));
}

bool fetch_policy(sqlite3_stmt *s, struct span domain, struct stored_policy *ret)
{
	struct stored_policy p = {
		.body = fetch_span(s, 2),
		.fetched_at = sqlite3_column_int64(s, 3),
		.expires_at = sqlite3_column_int64(s, 4),
	};
	int mode = sqlite3_column_int(s, 1);

	if (mode < 0 || !span_copy(fetch_span(s, 0), p.id, sizeof(p.id)))
		return false;
	p.mode = (enum policy_mode)mode;
	if (!row_policy_fits(domain, &p) ||
	    row_policy_seal(domain, &p) != sqlite3_column_int64(s, 5))
		return false;
	*ret = p;
	return true;
}

void bind_failure(sqlite3_stmt *s, const struct stored_failure *f)
{
	struct span domain = span_of(f->domain);

	bind_text(s, 1, domain);
	(void)sqlite3_bind_int(s, 2, f->class);
	(void)sqlite3_bind_int64(s, 3, f->first_at);
	(void)sqlite3_bind_int64(s, 4, f->last_at);
	(void)sqlite3_bind_int64(s, 5, row_failure_seal(domain, f->class, f->first_at, f->last_at));
}

bool fetch_failure(sqlite3_stmt *s, struct stored_failure *ret)
{
	struct span domain = fetch_span(s, 0);
	struct stored_failure f = {
		.class = sqlite3_column_int(s, 1),
		.first_at = sqlite3_column_int64(s, 2),
		.last_at = sqlite3_column_int64(s, 3),
	};

	if (!row_failure_fits(domain, f.class) ||
	    row_failure_seal(domain, f.class, f.first_at, f.last_at) != sqlite3_column_int64(s, 4))
		return false;
	f.domain = fetch_text(s, 0);
	*ret = f;
	return true;
}

void bind_upkeep(sqlite3_stmt *s, struct span domain, const struct stored_upkeep *u)
{
	bind_text(s, 1, domain);
	(void)sqlite3_bind_int64(s, 2, u->used_at);
	(void)sqlite3_bind_int64(s, 3, u->due_at);
	(void)sqlite3_bind_int64(s, 4, u->failed_at);
	(void)sqlite3_bind_int64(s, 5, u->failures);
	(void)sqlite3_bind_int64(s, 6, u->standing);
	(void)sqlite3_bind_int64(s, 7, row_upkeep_seal(domain, u));
}

bool fetch_upkeep(sqlite3_stmt *s, struct span domain, struct stored_upkeep *ret)
{
	struct stored_upkeep u = {
		.used_at = sqlite3_column_int64(s, 0),
		.due_at = sqlite3_column_int64(s, 1),
		.failed_at = sqlite3_column_int64(s, 2),
		.failures = (uint32_t)sqlite3_column_int64(s, 3),
		.standing = (uint32_t)sqlite3_column_int64(s, 4),
	};

	if (!row_upkeep_fits(domain) || row_upkeep_seal(domain, &u) != sqlite3_column_int64(s, 5))
		return false;
	*ret = u;
	return true;
}

void bind_event(sqlite3_stmt *s, const struct stored_event *e)
{
	(void)sqlite3_bind_int64(s, 1, e->serial);
	bind_text(s, 2, span_of(e->domain));
	(void)sqlite3_bind_int(s, 3, (int)e->kind);
	(void)sqlite3_bind_int(s, 4, (int)e->source);
	(void)sqlite3_bind_int64(s, 5, e->at);
	bind_text(s, 6, span_of(e->id));
	(void)sqlite3_bind_int(s, 7, (int)e->mode);
	(void)sqlite3_bind_int64(s, 8, e->max_age);
	(void)sqlite3_bind_int64(s, 9, (int64_t)e->body_hash);
	bind_text(s, 10, span_of(e->mx));
	bind_text(s, 11, span_of(e->detail));
	(void)sqlite3_bind_int64(s, 12, row_event_seal(e));
}

bool fetch_event(sqlite3_stmt *s, struct stored_event *ret)
{
	struct stored_event e = {
		.serial = sqlite3_column_int64(s, 0),
		.domain = fetch_text(s, 1),
		.kind = (enum event_kind)sqlite3_column_int(s, 2),
		.source = (enum event_source)sqlite3_column_int(s, 3),
		.at = sqlite3_column_int64(s, 4),
		.mode = (enum policy_mode)sqlite3_column_int(s, 6),
		.max_age = (uint32_t)sqlite3_column_int64(s, 7),
		.body_hash = (uint64_t)sqlite3_column_int64(s, 8),
		.mx = fetch_text(s, 9),
		.detail = fetch_text(s, 10),
	};

	if (!span_copy(fetch_span(s, 5), e.id, sizeof(e.id)) || !row_event_fits(&e) ||
	    row_event_seal(&e) != sqlite3_column_int64(s, 11))
		return false;
	*ret = e;
	return true;
}

void bind_override(sqlite3_stmt *s, const struct stored_override *o)
{
	(void)sqlite3_bind_int64(s, 1, o->serial);
	bind_text(s, 2, span_of(o->domain));
	(void)sqlite3_bind_int(s, 3, (int)o->mode);
	(void)sqlite3_bind_int(s, 4, (int)o->end);
	(void)sqlite3_bind_int64(s, 5, o->added_at);
	(void)sqlite3_bind_int64(s, 6, o->until);
	(void)sqlite3_bind_int64(s, 7, o->uid);
	(void)sqlite3_bind_int64(s, 8, o->ended_at);
	(void)sqlite3_bind_int64(s, 9, o->ended_uid);
	bind_text(s, 10, span_of(o->mx));
	bind_text(s, 11, span_of(o->reason));
	bind_text(s, 12, span_of(o->owner));
	(void)sqlite3_bind_int64(s, 13, row_override_seal(o));
}

bool fetch_override(sqlite3_stmt *s, struct stored_override *ret)
{
	const struct stored_override o = {
		.serial = sqlite3_column_int64(s, 0),
		.domain = fetch_text(s, 1),
		.mode = (enum policy_mode)sqlite3_column_int(s, 2),
		.end = (enum override_end)sqlite3_column_int(s, 3),
		.added_at = sqlite3_column_int64(s, 4),
		.until = sqlite3_column_int64(s, 5),
		.uid = sqlite3_column_int64(s, 6),
		.ended_at = sqlite3_column_int64(s, 7),
		.ended_uid = sqlite3_column_int64(s, 8),
		.mx = fetch_text(s, 9),
		.reason = fetch_text(s, 10),
		.owner = fetch_text(s, 11),
	};

	if (!row_override_fits(&o) || row_override_seal(&o) != sqlite3_column_int64(s, 12))
		return false;
	*ret = o;
	return true;
}

void bind_outcome(sqlite3_stmt *s, const struct tls_outcome *o)
{
	(void)sqlite3_bind_int64(s, 1, o->day);
	bind_text(s, 2, span_of(o->domain));
	(void)sqlite3_bind_int64(s, 3, (int64_t)outcome_key(o));
	(void)sqlite3_bind_int(s, 4, (int)o->source);
	bind_text(s, 5, span_of(o->policy));
	bind_text(s, 6, span_of(o->record));
	(void)sqlite3_bind_int(s, 7, (int)o->result);
	bind_text(s, 8, span_of(o->mx));
	bind_text(s, 9, span_of(o->helo));
	bind_text(s, 10, span_of(o->receiving_ip));
	bind_text(s, 11, span_of(o->sending_ip));
	bind_text(s, 12, span_of(o->info));
	bind_text(s, 13, span_of(o->reason));
	(void)sqlite3_bind_int64(s, 14, (int64_t)o->count);
	(void)sqlite3_bind_int64(s, 15, (int64_t)o->sessions);
	(void)sqlite3_bind_int64(s, 16, row_outcome_seal(o));
}

bool fetch_outcome(sqlite3_stmt *s, struct tls_outcome *ret)
{
	const struct tls_outcome o = {
		.day = sqlite3_column_int64(s, 0),
		.domain = fetch_text(s, 1),
		.source = (enum outcome_source)sqlite3_column_int(s, 3),
		.policy = fetch_text(s, 4),
		.record = fetch_text(s, 5),
		.result = (enum tls_result)sqlite3_column_int(s, 6),
		.mx = fetch_text(s, 7),
		.helo = fetch_text(s, 8),
		.receiving_ip = fetch_text(s, 9),
		.sending_ip = fetch_text(s, 10),
		.info = fetch_text(s, 11),
		.reason = fetch_text(s, 12),
		.count = (uint64_t)sqlite3_column_int64(s, 13),
		.sessions = (uint64_t)sqlite3_column_int64(s, 14),
	};

	if (!row_outcome_fits(&o) || (int64_t)outcome_key(&o) != sqlite3_column_int64(s, 2) ||
	    row_outcome_seal(&o) != sqlite3_column_int64(s, 15))
		return false;
	*ret = o;
	return true;
}
