// SPDX-License-Identifier: Apache-2.0
/* A probe from its first call to its answer. */
#include "verifier/probe_parts.h"

#include "lib/base/arena.h"

static int look(struct probe *probe, struct err *err)
{
    bool absent;
    int rc = probe_openapi(probe, &absent, err);
    if (rc == 0)
        rc = probe_sdl(probe, absent, err);
    if (rc == 0)
        rc = probe_push(probe, err);
    /* A server that never once answered in HTTP is not there for us. */
    if (rc == 0 && probe->answers == 0 && probe->first.code != ERR_NONE) {
        *err = probe->first;
        rc = probe->first.code;
    }
    return rc;
}

int probe_run(struct probe *probe, const struct probe_config *config, const struct clock *clock,
              struct arena *arena, struct err *err)
{
    struct err failure = ERR_INIT;
    char now[CLOCK_TEXT_LEN];
    *probe = (struct probe){.config = *config, .arena = arena, .client = client_new()};
    clock_format_utc(clock_now_us(clock), now);
    probe->observed_at = str_of(arena_strdup(arena, now));
    int rc = look(probe, &failure);
    if (rc < 0) {
        if (err)
            *err = failure;
        return rc;
    }
    adr_sort(&probe->findings);
    return 0;
}

void probe_release(struct probe *probe)
{
    client_free(probe->client);
    probe->client = NULL;
}

static bool is_required(const struct adr_finding *finding)
{
    const struct adr_rule *rule = adr_rule(str_of(finding->rule));
    return rule && (rule->required & (unsigned)finding->tier) != 0;
}

enum exit_code probe_answer(const struct probe *probe)
{
    enum exit_code answer = probe->findings.len > 0 ? EXIT_YES : EXIT_UNDECIDED;
    VEC_EACH(&probe->findings, const struct adr_finding *, finding) {
        if (finding->verdict == ADR_FAIL)
            return EXIT_NO;
        /* Nothing here knows waivers, so none is believed. */
        bool open = finding->verdict == ADR_WAIVED ||
                    (finding->verdict == ADR_INCONCLUSIVE && is_required(finding));
        if (open)
            answer = EXIT_UNDECIDED;
    }
    return answer;
}
