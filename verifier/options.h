// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_VERIFIER_OPTIONS_H
#define TALLY_VERIFIER_OPTIONS_H
/*
 * The command line of `tally verify`: names, letters and environment variables of the stock
 * verifier, and our own.
 */
#include "lib/base/opt.h"
#include "lib/json/json.h"
#include "lib/wire/headers.h"

struct arena;
struct err;

struct transport_url {
    const char *name, *url;
};

struct verify_options {
    /* where contracts come from */
    struct opt_list files, dirs, urls, arguments;
    const char *broker_url, *username, *password, *token, *webhook_url;
    int64_t retries;
    bool ignore_no_pacts;
    bool broker_is_source; /* false: its URL only came from the environment, and files were named */
    /* which of them, and which of their interactions */
    struct opt_list consumers, consumer_tags, selector_texts;
    struct json *selectors; /* array, never NULL */
    bool enable_pending;
    const char *wip_since;
    const char *filter_description, *filter_state;
    bool filter_no_state, last_failed;
    /* the provider */
    const char *provider, *hostname, *transport, *base_path, *base_url, *message_url;
    int64_t port, timeout_ms, jobs;
    struct opt_list transport_texts, header_texts;
    struct headers headers;
    struct {
        VEC_OF(struct transport_url);
    } transports;
    const char *state_url;
    bool state_as_query, state_teardown;
    /* results */
    bool publish, dry_run, exit_on_first;
    const char *version, *branch, *build_url;
    struct opt_list provider_tags;
    const char *output, *json_file, *level;
    bool no_colour, plain_logs[3];
};

/*
 * Parse and check. Returns 0; 1 when --help was printed; ERR_USAGE with what to change. base_url
 * and message_url are complete and without a slash at the end.
 */
int verify_options_parse(int argc, char **argv, struct arena *arena, struct verify_options *ret,
                         struct err *err);

#endif
