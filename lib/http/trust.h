// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_HTTP_TRUST_H
#define TALLY_LIB_HTTP_TRUST_H
/* Certificates of servers to trust beside the usual ones (client_request.trusted). */
#include "lib/base/str.h"

struct arena;
struct err;

/* ERR_USAGE when a PEM text holds no certificate, or one that cannot be read, naming `what`. */
int trust_check(struct str pem, const char *what, struct err *err);
/* The usual certificates (the variable SSL_CERT_FILE, else the system's) and those, as one text. */
struct str trust_also(struct str pem, struct arena *arena);

#endif
