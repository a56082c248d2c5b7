// SPDX-License-Identifier: Apache-2.0
#include "lib/http/trust.h"

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"

/* The number of certificates, or -1 after the first that is broken. */
static int count(struct str pem)
{
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    int n = 0;
    if (!bio)
        abort();
    ERR_clear_error();
    for (;;) {
        X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        if (!certificate)
            break;
        X509_free(certificate);
        n++;
    }
    bool ended = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    BIO_free(bio);
    return ended ? n : -1;
}

static struct str usual(struct arena *arena)
{
    const char *path = getenv("SSL_CERT_FILE");
    struct str text = STR_NONE;
    if (!path || !path[0])
        path = curl_version_info(CURLVERSION_NOW)->cainfo;
    if (path && fs_read(path, LIMIT_TRUST, arena, &text, NULL) < 0)
        text = STR_NONE; /* as libcurl does: then nobody is trusted but those that are named */
    return text;
}

int trust_check(struct str pem, const char *what, struct err *err)
{
    int n = pem.len > LIMIT_TRUST ? -1 : count(pem);
    if (n <= 0)
        return err_set(err, ERR_USAGE, "%s: %s", what,
                       n < 0 ? "a certificate cannot be read" : "no certificate is in there (PEM)");
    return 0;
}

struct str trust_also(struct str pem, struct arena *arena)
{
    struct str known = usual(arena);
    return str_printf(arena, "%.*s\n%.*s\n", STR_FMT(known), STR_FMT(pem));
}
