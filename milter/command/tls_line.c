#include "config.h"

#include "milter/command/tls_line.h"

#include "milter/command/tls_exim.h"
#include "milter/command/tls_postfix.h"
#include "milter/command/tls_sendmail.h"

static struct span without_end(struct span text)
{
	while (text.n > 0 && (text.p[text.n - 1] == '\r' || text.p[text.n - 1] == '\n'))
		text.n--;
	return text;
}

void tls_line_read(const struct logline *line, struct tls_line *ret)
{
	struct tls_line read = { .kind = TLS_LINE_OTHER };
	struct span text = without_end(line->text);

	switch (line->mta) {
	case LOGLINE_POSTFIX:
		tls_postfix_read(text, &read);
		break;
	case LOGLINE_SENDMAIL:
		tls_sendmail_read(text, &read);
		break;
	case LOGLINE_EXIM:
		tls_exim_read(text, &read);
		break;
	}
	*ret = read.kind != TLS_LINE_OTHER ? read : (struct tls_line){ .kind = TLS_LINE_OTHER };
}
