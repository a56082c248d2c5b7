// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_HTTP_CLIENT_INTERNAL_H
#define TALLY_LIB_HTTP_CLIENT_INTERNAL_H
/* One transfer of libcurl, as the blocking client and the pool both use it. */
#include <curl/curl.h>

#include "lib/base/buf.h"
#include "lib/http/client.h"

struct transfer {
    CURL *easy; /* borrowed */
    const struct client_request *request;
    struct arena *arena; /* header fields as they come */
    struct curl_slist *fields;
    struct buf body;
    struct headers headers;
    int status;
    int64_t began_us;
    bool head_done;
    bool no_content; /* HEAD sent with a body: the answer ends with its header */
    bool cut;        /* we ended it on purpose for that reason */
    bool too_large;
    bool refused;    /* the guard let no address pass */
    struct str host; /* of the URL, for the guard */
    char message[CURL_ERROR_SIZE];
};

void client_global_init(void); /* thread-safe, once */
/*
 * Set up `easy` (which is reset but keeps its connections). The request must live as long as the
 * transfer. Errors: ERR_USAGE a header field or the URL is malformed.
 */
int transfer_begin(struct transfer *transfer, CURL *easy, const struct client_request *request,
                   struct arena *arena, struct err *err);
/* What came of it; the body is a view of transfer->body. */
int transfer_end(struct transfer *transfer, CURLcode code, struct client_response *ret,
                 struct err *err);
void transfer_release(struct transfer *transfer);

#endif
