// SPDX-License-Identifier: Apache-2.0
#include "lib/adr/adr.h"

#include <stdlib.h>

#include "lib/adr/adr_parts.h"
#include "lib/base/arena.h"

static const struct adr_rule rules[] = {
    {
        .id = "INT-005-CONNECTION",
        .title = "GraphQL lists are Relay connections",
        .section = "ADR-INT-005, Decision: cursor pagination",
        .remedy = "return a Connection (edges, pageInfo) and take first and after",
        .tiers = ADR_STATIC,
        .required = ADR_STATIC,
    },
    {
        .id = "INT-005-CONNECTION-LIVE",
        .title = "walking a connection gives every row once",
        .section = "ADR-INT-005, Decision: cursor pagination",
        .remedy = "make after go on behind that very row, and hasNextPage say whether more follow",
        .tiers = ADR_LIVE,
        .required = 0,
    },
    {
        .id = "INT-005-CURSOR",
        .title = "lists page by cursor, never by offset",
        .section = "ADR-INT-005, Decision: cursor pagination",
        .remedy = "take cursor and a bounded limit, return the next cursor, drop page and offset",
        .tiers = ADR_STATIC | ADR_LIVE,
        .required = ADR_STATIC | ADR_LIVE,
    },
    {
        .id = "INT-005-CURSOR-OPAQUE",
        .title = "cursors tell clients nothing",
        .section = "ADR-INT-005, Decision: cursor pagination",
        .remedy = "make the cursor a signed or encrypted key of the last row, not its position",
        .tiers = ADR_LIVE,
        .required = 0,
    },
    {
        .id = "INT-005-ONEOP",
        .title = "one repository method uses exactly one BFF operation",
        .section = "ADR-INT-005, Decision: repository pattern",
        .remedy = "give the method one operation of its own and let the BFF do the composing",
        .tiers = ADR_CONTRACT,
        .required = ADR_CONTRACT,
    },
    {
        .id = "INT-005-PUSH",
        .title = "a push carries a notification id and nothing else",
        .section = "ADR-INT-005, Decision: push notifications",
        .remedy = "send {\"notification_id\"} only and let the app fetch the content from the BFF",
        .tiers = ADR_CONTRACT | ADR_LIVE,
        .required = ADR_CONTRACT | ADR_LIVE,
    },
};

const struct adr_rule *adr_rules(size_t *ret_len)
{
    *ret_len = sizeof rules / sizeof *rules;
    return rules;
}

const struct adr_rule *adr_rule(struct str id)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (str_is(id, rules[i].id))
            return &rules[i];
    }
    return NULL;
}

/* ---- names of verdicts and tiers ---- */

static const char *const verdict_names[] = {
    [ADR_PASS] = "pass",
    [ADR_FAIL] = "fail",
    [ADR_WARN] = "warn",
    [ADR_WAIVED] = "waived",
    [ADR_INCONCLUSIVE] = "inconclusive",
    [ADR_NOT_APPLICABLE] = "not applicable",
};

const char *adr_verdict_name(enum adr_verdict verdict)
{
    return verdict_names[verdict];
}

bool adr_verdict_parse(struct str name, enum adr_verdict *ret)
{
    for (size_t i = 0; i < sizeof verdict_names / sizeof *verdict_names; i++) {
        if (str_is(name, verdict_names[i])) {
            *ret = (enum adr_verdict)i;
            return true;
        }
    }
    return false;
}

const char *adr_tier_name(enum adr_tier tier)
{
    switch (tier) {
    case ADR_STATIC:
        return "static";
    case ADR_CONTRACT:
        return "contract";
    case ADR_LIVE:
        return "live";
    }
    return "unknown";
}

/* ---- order ---- */

static int compare(const void *left, const void *right)
{
    const struct adr_finding *a = left, *b = right;
    int order = strcmp(a->rule, b->rule);
    if (order == 0)
        order = str_cmp(a->subject, b->subject);
    if (order == 0)
        order = (int)a->tier - (int)b->tier;
    if (order == 0)
        order = str_cmp(a->text, b->text);
    return order;
}

void adr_sort(struct adr_findings *findings)
{
    if (findings->len > 1)
        qsort(findings->items, findings->len, sizeof *findings->items, compare);
}

/* ---- what the checks share ---- */

struct adr_finding *adr_add(struct arena *arena, struct adr_findings *findings, const char *rule,
                            enum adr_verdict verdict, enum adr_tier tier, struct str subject,
                            const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = arena_vprintf(arena, fmt, args);
    va_end(args);
    struct adr_finding *finding = VEC_PUSH(arena, findings);
    *finding = (struct adr_finding){
        .rule = rule,
        .verdict = verdict,
        .tier = tier,
        .subject = subject,
        .text = str_of(text),
    };
    return finding;
}

struct json *adr_evidence(struct arena *arena, struct adr_finding *finding)
{
    if (!finding->evidence)
        finding->evidence = json_new_object(arena);
    return finding->evidence;
}

const char *const adr_cursor_names[] = {"cursor",     "after",         "pagetoken",
                                        "nextcursor", "pageafter",     "pagecursor",
                                        "nexttoken",  "startingafter", NULL};
const char *const adr_limit_names[] = {"limit",       "first",     "pagesize",
                                       "maxpagesize", "pagelimit", NULL};
const char *const adr_offset_names[] = {"page",      "offset",     "skip",   "start",
                                        "pageindex", "pagenumber", "pageno", "startindex",
                                        "fromindex", "pageoffset", NULL};
const char *const adr_next_names[] = {"nextcursor", "next",      "nextpagetoken", "endcursor",
                                      "nexttoken",  "pagetoken", "cursor",        NULL};
const char *const adr_items_names[] = {"items",   "data",     "results", "content",
                                       "records", "entries",  "edges",   "nodes",
                                       "values",  "elements", NULL};

/* Compare with a word of a list, leaving out what does not count. */
static bool same_name(struct str name, const char *word)
{
    size_t at = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c != '\0' && strchr("_-[].$", c))
            continue;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (word[at] == '\0' || c != word[at])
            return false;
        at++;
    }
    return word[at] == '\0';
}

bool adr_name_in(struct str name, const char *const *list)
{
    for (; *list; list++) {
        if (same_name(name, *list))
            return true;
    }
    return false;
}
