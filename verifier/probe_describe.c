// SPDX-License-Identifier: Apache-2.0
/* The API descriptions that the provider serves: OpenAPI and SDL, judged by lib/adr. */
#include "verifier/probe_parts.h"

#include "lib/base/arena.h"

static const char CURSOR[] = "INT-005-CURSOR";
static const char CONNECTION[] = "INT-005-CONNECTION";

/* Both tiers of a rule that nothing is known about. */
static void add_both(struct probe *probe, enum adr_verdict verdict, struct str subject,
                     struct str text, const char *next)
{
    probe_add(probe, CURSOR, verdict, ADR_STATIC, subject, text, next);
    probe_add(probe, CURSOR, verdict, ADR_LIVE, subject, text, next);
}

/* Where in the document the reader stumbled. */
static struct str position_text(struct probe *probe, const struct err *problem)
{
    char rendered[1024];
    return str_of(arena_strdup(probe->arena, err_render(problem, rendered, sizeof rendered)));
}

static bool live_is_missing(const struct probe *probe, size_t from)
{
    for (size_t i = from; i < probe->findings.len; i++) {
        if (probe->findings.items[i].tier == ADR_LIVE)
            return false;
    }
    return true;
}

/* A description without lists leaves nothing to walk, unless some reply could not be judged. */
static void say_nothing_to_walk(struct probe *probe, size_t from)
{
    enum adr_verdict verdict = ADR_NOT_APPLICABLE;
    for (size_t i = from; i < probe->findings.len; i++) {
        if (probe->findings.items[i].verdict == ADR_INCONCLUSIVE)
            verdict = ADR_INCONCLUSIVE;
    }
    struct str text = verdict == ADR_INCONCLUSIVE
                          ? STR("cannot tell which lists to walk: the description leaves it open")
                          : STR("the description has no list that pages");
    probe_add(probe, CURSOR, verdict, ADR_LIVE, STR("OpenAPI"), text, NULL);
}

static int judge_openapi(struct probe *probe, const struct probe_reply *reply, struct err *err)
{
    struct err problem = ERR_INIT;
    struct json *document = NULL;
    size_t from = probe->findings.len;
    const char *source = str_cstr(probe->arena, reply->url);
    int rc = json_parse(reply->response.body, source, probe->arena, &document, &problem);
    if (rc == 0)
        rc = adr_check_openapi(document, probe->arena, &probe->findings, &problem);
    if (rc < 0) {
        probe->findings.len = from;
        add_both(probe, ADR_INCONCLUSIVE, STR("OpenAPI"),
                 str_printf(probe->arena, "the OpenAPI description cannot be read: %.*s",
                            STR_FMT(position_text(probe, &problem))),
                 "serve an OpenAPI 3 document as JSON, or point --openapi to it");
        probe_evidence_call(probe, from, reply);
        return 0;
    }
    probe_evidence_call(probe, from, reply);
    rc = probe_rest(probe, document, err);
    if (rc == 0 && live_is_missing(probe, from)) {
        size_t live = probe->findings.len;
        say_nothing_to_walk(probe, from);
        probe_evidence_call(probe, live, reply);
    }
    return rc;
}

int probe_openapi(struct probe *probe, bool *ret_absent, struct err *err)
{
    struct probe_reply reply;
    size_t from = probe->findings.len;
    *ret_absent = true;
    if (probe_is_off(probe->config.openapi)) {
        add_both(probe, ADR_NOT_APPLICABLE, STR("OpenAPI"),
                 STR("declared to have no REST API (--openapi none)"), NULL);
        return 0;
    }
    int rc = probe_call(probe, probe_url(probe, probe->config.openapi), NULL, &reply, err);
    if (rc < 0)
        return rc;
    *ret_absent = reply.missing;
    if (!reply.problem.ptr)
        return judge_openapi(probe, &reply, err);
    add_both(probe, ADR_INCONCLUSIVE, STR("OpenAPI"),
             str_printf(probe->arena, "there is no OpenAPI description to judge: %.*s",
                        STR_FMT(reply.problem)),
             "serve an OpenAPI description, say where it is with --openapi, or say --openapi none "
             "if there is no REST API");
    probe_evidence_call(probe, from, &reply);
    return 0;
}

static int judge_sdl(struct probe *probe, const struct probe_reply *reply, struct err *err)
{
    struct err problem = ERR_INIT;
    size_t from = probe->findings.len;
    const char *source = str_cstr(probe->arena, reply->url);
    struct str sdl = reply->response.body;
    int rc = adr_check_sdl(sdl, source, probe->arena, &probe->findings, &problem);
    if (rc < 0) {
        probe->findings.len = from;
        probe_add(probe, CONNECTION, ADR_INCONCLUSIVE, ADR_STATIC, STR("GraphQL schema"),
                  str_printf(probe->arena, "the GraphQL schema cannot be read: %.*s",
                             STR_FMT(position_text(probe, &problem))),
                  "serve the schema as SDL text, or point --sdl to it");
    }
    probe_evidence_call(probe, from, reply);
    return rc < 0 ? 0 : probe_graphql(probe, sdl, source, err);
}

int probe_sdl(struct probe *probe, bool openapi_absent, struct err *err)
{
    struct probe_reply reply;
    size_t from = probe->findings.len;
    if (probe_is_off(probe->config.sdl)) {
        probe_note(probe, "no GraphQL schema was looked at (--sdl none)");
        return 0;
    }
    int rc = probe_call(probe, probe_url(probe, probe->config.sdl), NULL, &reply, err);
    if (rc < 0)
        return rc;
    if (!reply.problem.ptr)
        return judge_sdl(probe, &reply, err);
    if (reply.missing && !openapi_absent) {
        /* No finding: the gate asks for one when the contracts speak GraphQL. */
        probe_note(probe, "no GraphQL schema was looked at: %.*s", STR_FMT(reply.problem));
        return 0;
    }
    probe_add(probe, CONNECTION, ADR_INCONCLUSIVE, ADR_STATIC, STR("GraphQL schema"),
              str_printf(probe->arena, "there is no GraphQL schema to judge: %.*s",
                         STR_FMT(reply.problem)),
              "serve the schema as SDL text, or say where it is with --sdl");
    probe_evidence_call(probe, from, &reply);
    return 0;
}
