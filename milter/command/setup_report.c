#include "config.h"

#include "milter/command/setup_report.h"

#include "common/base/buf.h"
#include "common/base/cleanup.h"
#include "milter/command/output.h"
#include "milter/command/table.h"

#include <string.h>

static const struct {
	const char *name, *fine;
} checks[SETUP_CHECKS] = {
#define CHECK(id, name, fine) { name, fine },
#include "milter/command/setup_table.h"
#undef CHECK
};

static const struct {
	enum setup_check check;
	enum setup_state state;
	const char *what, *remedy;
} faults[SETUP_FAULTS] = {
#define FAULT(id, check, state, what, remedy) { SETUP_CHECK_##check, SETUP_##state, what, remedy },
#include "milter/command/setup_table.h"
#undef FAULT
};

static const char *const states[] = { "ok", "note", "warning", "problem" };

enum { MEMORY = 1 << 20, SENTENCE = 4000 };

void setup_report_init(struct setup_report *r)
{
	*r = (struct setup_report){ .n = 0 };
	arena_init(&r->arena, MEMORY);
}

void setup_report_release(struct setup_report *r)
{
	if (r->next != NULL)
		setup_report_release(r->next);
	arena_release(&r->arena);
}

struct setup_report *setup_report_add(struct setup_report *r, const char *instance)
{
	struct setup_report *next = arena_alloc(&r->arena, sizeof(*next));

	if (next == NULL) {
		r->failed = true;
		return NULL;
	}
	setup_report_init(next);
	next->instance = next->config = instance;
	r->next = next;
	return next;
}

void setup_asked(struct setup_report *r, enum setup_check check)
{
	r->asked[check] = true;
}

/* postconf -e would change the instance that has no name. */
static void name_instance(struct buf *b, const char *text, const char *config)
{
	static const char command[] = "postconf -";
	const char *at;

	while (config != NULL && (at = strstr(text, command)) != NULL) {
		buf_add(b, text, (size_t)(at - text));
		buf_addf(b, "postconf -c %s -", config);
		text = at + strlen(command);
	}
	buf_adds(b, text);
}

static const char *filled(struct setup_report *r, const char *text, const char *found,
			  const char *cure, const char *config)
{
	AUTO(buf_release) struct buf b = { .max = SENTENCE }, named = { .max = SENTENCE };
	const char *copy;

	for (; *text != '\0'; text++) {
		if (*text == '@')
			buf_adds(&b, found != NULL ? found : "");
		else if (*text == '~')
			buf_adds(&b, cure != NULL ? cure : "");
		else
			buf_addc(&b, *text);
	}
	name_instance(&named, buf_text(&b), config);
	copy = arena_strdup(&r->arena, buf_span(&named));
	if (copy == NULL)
		r->failed = true;
	return copy != NULL ? copy : "";
}

void setup_found(struct setup_report *r, enum setup_fault fault, const char *found,
		 const char *cure)
{
	r->asked[faults[fault].check] = true;
	if (r->n == SETUP_FINDINGS) {
		r->failed = true;
		return;
	}
	r->v[r->n++] =
		(struct setup_finding){ .fault = fault,
					.what = filled(r, faults[fault].what, found, cure, NULL),
					.remedy = filled(r, faults[fault].remedy, found, cure,
							 r->config) };
}

void setup_tried(struct setup_report *r, const struct setup_socket *socket,
		 const struct setup_reached *reached)
{
	if (reached->word != REACH_UNKNOWN)
		setup_asked(r, socket->check);
	switch (reached->word) {
	case REACH_OK:
		break;
	case REACH_UNKNOWN:
		setup_found(r, SETUP_NOT_ROOT, reached->why, NULL);
		break;
	case REACH_ABSENT:
		setup_found(r, socket->absent, reached->why, NULL);
		break;
	case REACH_FORBIDDEN:
		setup_found(r, socket->forbidden, reached->why, reached->cure);
		break;
	case REACH_ODD:
		setup_found(r, socket->odd, reached->why, NULL);
		break;
	}
}

enum setup_state setup_fault_state(enum setup_fault fault)
{
	return faults[fault].state;
}

bool setup_fault_is_postfix(enum setup_fault fault)
{
	return fault <= SETUP_TLS_REQUIRED_ON;
}

bool setup_has(const struct setup_report *r, enum setup_fault fault)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].fault == fault)
			return true;
	return false;
}

static const struct setup_report *lacking(const struct setup_report *r, enum setup_fault fault)
{
	while (r != NULL && setup_has(r, fault))
		r = r->next;
	return r;
}

void setup_unless_all(struct setup_report *r, enum setup_fault fault)
{
	if (lacking(r, fault) == NULL)
		return;
	for (; r != NULL; r = r->next) {
		size_t kept = 0;

		for (size_t i = 0; i < r->n; i++)
			if (r->v[i].fault != fault)
				r->v[kept++] = r->v[i];
		r->n = kept;
	}
}

enum setup_state setup_worst(const struct setup_report *r, enum setup_check check)
{
	enum setup_state worst = SETUP_OK;

	for (size_t i = 0; i < r->n; i++)
		if (faults[r->v[i].fault].check == check && faults[r->v[i].fault].state > worst)
			worst = faults[r->v[i].fault].state;
	return worst;
}

static void text_line(enum setup_state state, enum setup_check check, const char *what)
{
	printf("%-8s %-16s ", states[state], checks[check].name);
	output_printable(span_of(what), stdout);
	putchar('\n');
}

static void add_line(struct row_list list, const char *instance, enum setup_state state,
		     enum setup_check check, const char *what, const char *remedy)
{
	struct row row = list_row(list);

	if (instance != NULL)
		row_text(row, "instance", instance);
	row_text(row, "check", checks[check].name);
	row_text(row, "state", states[state]);
	row_text(row, "found", what);
	row_text(row, "remedy", remedy);
}

static void print_check(const struct setup_report *r, enum setup_check check, struct row_list *list)
{
	bool fine = true;

	for (size_t i = 0; i < r->n; i++) {
		const struct setup_finding *f = &r->v[i];

		if (faults[f->fault].check != check)
			continue;
		fine = false;
		if (list != NULL) {
			add_line(*list, r->instance, faults[f->fault].state, check, f->what,
				 f->remedy);
			continue;
		}
		text_line(faults[f->fault].state, check, f->what);
		fputs("                          -> ", stdout);
		output_printable(span_of(f->remedy), stdout);
		putchar('\n');
	}
	if (!fine)
		return;
	if (list != NULL)
		add_line(*list, r->instance, SETUP_OK, check, checks[check].fine, NULL);
	else
		text_line(SETUP_OK, check, checks[check].fine);
}

static enum setup_state worst_of(const struct setup_report *r)
{
	enum setup_state worst = r->failed ? SETUP_PROBLEM : SETUP_OK;

	for (int i = 0; i < SETUP_CHECKS; i++)
		if (setup_worst(r, (enum setup_check)i) > worst)
			worst = setup_worst(r, (enum setup_check)i);
	return worst;
}

static void print_instance(const struct setup_report *r, struct row_list *list)
{
	if (r->instance != NULL && list == NULL)
		printf("%s:\n", r->instance);
	for (int i = 0; i < SETUP_CHECKS; i++)
		if (r->asked[i])
			print_check(r, (enum setup_check)i, list);
	if (r->failed && list == NULL)
		complain("there was more to say than there is room for");
}

int setup_report_print(const struct setup_report *r, const char *mta, const char *version,
		       bool json)
{
	AUTO(output_release) struct output out;
	enum setup_state worst = SETUP_OK;
	struct row_list list;
	int status;

	for (const struct setup_report *i = r; i != NULL; i = i->next)
		if (worst_of(i) > worst)
			worst = worst_of(i);
	status = worst == SETUP_PROBLEM ? EX_NO : EX_YES;
	output_init(&out);
	row_text(output_row(&out), "verdict", states[worst]);
	row_text(output_row(&out), "mta", mta);
	row_text(output_row(&out), "version", version);
	list = row_list(output_row(&out), "checks");
	for (; r != NULL; r = r->next)
		print_instance(r, json ? &list : NULL);
	if (json)
		return output_answer(&out, true, status);
	return fflush(stdout) == 0 ? status : EX_TEMPFAIL;
}
