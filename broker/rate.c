// SPDX-License-Identifier: Apache-2.0
#include "broker/rate.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/access.h"
#include "lib/base/cidr.h"
#include "lib/base/hash.h"

enum { SETS = 4096, WAYS = 4, NETWORK_BITS = 64, US = 1000000 };

/* `full_at` says it all: until then the bucket lacks (full_at - now) / cost requests. */
struct bucket {
    uint64_t key; /* 0 = free */
    int64_t full_at_us;
};

struct rate {
    int64_t burst,
        cost_us; /* requests that a full bucket holds; time that one takes to come back */
    struct bucket buckets[SETS][WAYS];
};

static const char *parse(const char *text, int64_t *ret_n, int64_t *ret_period_us)
{
    struct str unit = str_of(text), number = str_cut(&unit, '/');
    *ret_period_us = !unit.ptr || str_is(unit, "s") ? US
                     : str_is(unit, "m")            ? (int64_t)60 * US
                     : str_is(unit, "h")            ? (int64_t)3600 * US
                                                    : 0;
    if (*ret_period_us == 0 || !str_to_i64(str_trim(number), 0, US, ret_n))
        return "needs a number of requests per second, minute or hour, such as 100/s or 600/m";
    return NULL;
}

const char *rate_check(const char *text)
{
    int64_t n = 0, period_us = 0;
    return parse(text, &n, &period_us);
}

const char *rate_new(const char *text, struct rate **ret_rate)
{
    int64_t n = 0, period_us = 0;
    const char *wrong = parse(text, &n, &period_us);
    if (wrong)
        return wrong;
    *ret_rate = NULL;
    if (n == 0)
        return NULL;
    struct rate *rate = calloc(1, sizeof *rate);
    if (!rate)
        abort();
    rate->burst = n;
    rate->cost_us = period_us / n;
    *ret_rate = rate;
    return NULL;
}

void rate_free(struct rate *rate)
{
    free(rate);
}

/* Of an IPv6 address the network counts: a client has as many addresses there as it likes. */
static uint64_t key_of(const struct caller *caller)
{
    char text[CIDR_TEXT_LEN + 32];
    struct cidr address = {.bits = 0};
    if (caller->token_id != 0) {
        snprintf(text, sizeof text, "token %lld", (long long)caller->token_id);
    } else if (caller->kind == CALLER_ACCOUNT) {
        return hash_table(str_of(caller->name)) | 1;
    } else if (cidr_parse(str_of(caller->address), &address)) {
        char shown[CIDR_TEXT_LEN];
        if (!cidr_is_v4(&address))
            address = cidr_widen(address, NETWORK_BITS);
        snprintf(text, sizeof text, "address %s", cidr_format(&address, shown));
    } else {
        snprintf(text, sizeof text, "address ?");
    }
    return hash_table(str_of(text)) | 1;
}

/* The caller's bucket, or the one of its set that has been full longest. */
static struct bucket *bucket_of(struct rate *rate, uint64_t key)
{
    struct bucket *set = rate->buckets[(key >> 1) % SETS], *oldest = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].key == key)
            return &set[i];
        if (set[i].full_at_us < oldest->full_at_us)
            oldest = &set[i];
    }
    *oldest = (struct bucket){.key = key};
    return oldest;
}

int64_t rate_take(struct rate *rate, const struct caller *caller, int64_t now_us)
{
    struct bucket *bucket = bucket_of(rate, key_of(caller));
    int64_t full_at = bucket->full_at_us > now_us ? bucket->full_at_us : now_us;
    int64_t whole_us = rate->burst * rate->cost_us;
    /* The clock was set back: nobody waits until it is that late again. */
    if (full_at > now_us + whole_us)
        full_at = bucket->full_at_us = now_us + whole_us;
    int64_t wait = full_at + rate->cost_us - now_us - whole_us;
    if (wait > 0)
        return (wait + US - 1) / US;
    bucket->full_at_us = full_at + rate->cost_us;
    return 0;
}
