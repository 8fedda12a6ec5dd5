/* setting_word.h - the syntax of single words in the configuration file; pure, no look-ups */
#ifndef COMMON_STS_SETTING_WORD_H
#define COMMON_STS_SETTING_WORD_H

#include "common/base/netaddr.h"
#include "common/base/span.h"
#include "common/sts/domain.h"

bool word_is_name(struct span word);		   /* of a user or a group */
bool word_is_host(struct span word);		   /* letters, digits, hyphens, underscores, dots */
bool word_is_path(struct span word, size_t max);   /* absolute */
bool word_is_socket(struct span word, size_t max); /* unix:PATH, inet:PORT@ADDRESS */
bool word_is_version(struct span word);
bool word_is_address(struct span word, enum addr_family); /* of this family */
bool word_is_mailer(struct span word);			  /* NAME, NAME@postfix, NAME@sendmail */
/* example.com, .example.com (all below it), in any case, with or without U-labels: out gets the normal form. */
bool word_domain(struct span word, char out[DOMAIN_SIZE + 1]);
bool word_is_resolver(struct span word); /* ADDRESS, ADDRESS@PORT */
bool word_is_stub(struct span word);	 /* ZONE@ADDRESS, ZONE@ADDRESS@PORT */

#endif
