// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_TESTS_UNIT_LIB_ADR_FINDINGS_H
#define TALLY_TESTS_UNIT_LIB_ADR_FINDINGS_H
/* Findings as text to compare: one line "verdict tier rule subject" each, in sorted order. */
#include "tests/unit/lib/base/rows.h"
#include "lib/adr/adr.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"

static inline const char *findings_text(struct adr_findings *findings, struct arena *arena)
{
    const char *text = "";
    adr_sort(findings);
    VEC_EACH(findings, const struct adr_finding *, finding)
        text = arena_printf(arena, "%s%s %s %s %.*s\n", text, adr_verdict_name(finding->verdict),
                            adr_tier_name(finding->tier), finding->rule, STR_FMT(finding->subject));
    return text;
}

/* Some finding's sentence holds the words; NULL asks for nothing. */
static inline void findings_say(const struct adr_findings *findings, const char *words)
{
    if (!words)
        return;
    VEC_EACH(findings, const struct adr_finding *, finding) {
        if (str_find(finding->text, str_of(words)) >= 0)
            return;
    }
    VEC_EACH(findings, const struct adr_finding *, finding)
        print_error("says: %.*s\n", STR_FMT(finding->text));
    fail_msg("no finding says: %s", words);
}

static inline struct json *findings_parse(const char *text, struct arena *arena)
{
    struct json *value = NULL;
    struct err err = ERR_INIT;
    if (json_parse(str_of(text), "test", arena, &value, &err) < 0)
        fail_msg("the test's own JSON is wrong at %d:%d: %s", err.line, err.column, err.text);
    return value;
}

#endif
