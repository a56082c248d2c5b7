// SPDX-License-Identifier: Apache-2.0
/* A contract for people: by repository method, with states, examples and rules. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ci/config.h"
#include "ci/contracts.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/term.h"
#include "lib/contract/describe.h"
#include "lib/contract/mapping.h"
#include "lib/contract/write.h"

static struct given {
    const char *output, *config;
} given;

struct entry {
    const struct pact_interaction *interaction;
    struct mapping mapping;
    size_t index;
};

static int by_method(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    /* What is not mapped comes last. */
    if ((x->mapping.method.ptr != NULL) != (y->mapping.method.ptr != NULL))
        return x->mapping.method.ptr ? -1 : 1;
    int order = str_cmp(x->mapping.method, y->mapping.method);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static struct entry *sorted(const struct pact *pact, struct arena *arena)
{
    struct entry *entries = ARENA_ARRAY(arena, struct entry, pact->interactions.len + 1);
    for (size_t i = 0; i < pact->interactions.len; i++) {
        const struct pact_interaction *interaction = &pact->interactions.items[i];
        struct err err = ERR_INIT;
        entries[i].interaction = interaction;
        entries[i].index = i;
        if (mapping_of(interaction, arena, &entries[i].mapping, &err) != 0) {
            entries[i].mapping = (struct mapping){.scenario = interaction->description};
            fprintf(stderr, "tally: warning: line %d: %s\n", interaction->line, err.text);
        }
    }
    qsort(entries, pact->interactions.len, sizeof *entries, by_method);
    return entries;
}

/* ---- text ---- */

/* Each line of a text indented; control characters of a contract never reach the terminal. */
static void print_block(struct str text)
{
    while (text.ptr) {
        struct str line = str_cut(&text, '\n');
        printf("              ");
        for (size_t i = 0; i < line.len; i++) {
            unsigned char c = (unsigned char)line.ptr[i];
            putchar(c < 0x20 && c != '\t' ? '.' : c);
        }
        putchar('\n');
    }
}

static void print_body(const struct pact_body *body, struct arena *arena)
{
    if (body->state == PACT_BODY_NULL || body->state == PACT_BODY_EMPTY)
        printf("              (no body)\n");
    if (body->state != PACT_BODY_PRESENT)
        return;
    if (body->json)
        print_block(json_to_str(arena, body->json, JSON_PRETTY));
    else if (str_is_utf8(body->bytes, NULL))
        print_block(body->bytes);
    else
        printf("              (%zu bytes of %.*s)\n", body->bytes.len,
               STR_FMT(body->content_type.ptr ? body->content_type : STR("unknown type")));
}

static void print_headers(const struct pact_headers *headers)
{
    VEC_EACH(headers, const struct pact_header *, header) {
        VEC_EACH(&header->values, const struct str *, value) {
            printf("              %.*s: %.*s\n", STR_FMT(header->name), STR_FMT(*value));
        }
    }
}

static void print_described(const char *label, const struct descriptions *all)
{
    VEC_EACH(all, const struct described *, one) {
        printf("    %-9s %.*s: %.*s\n", one == all->items ? label : "", STR_FMT(one->where),
               STR_FMT(one->what));
    }
}

static void print_rules(const struct rules *rules, const struct generators *generators,
                        struct arena *arena)
{
    struct descriptions said = {0}, made = {0};
    describe_rules(rules, arena, &said);
    describe_generators(generators, arena, &made);
    print_described("  rules", &said);
    print_described("  made", &made);
}

static void print_http(const struct pact_interaction *interaction, struct arena *arena)
{
    const struct pact_request *request = &interaction->request;
    const struct pact_response *response = &interaction->response;
    struct str query = request->query.text.ptr
                           ? request->query.text
                           : url_query_write(arena, (const void *)&request->query.params);
    printf("    asks      %.*s %.*s%s%.*s\n", STR_FMT(request->method), STR_FMT(request->path),
           query.len ? "?" : "", STR_FMT(query));
    print_headers(&request->headers);
    print_body(&request->body, arena);
    print_rules(request->rules, request->generators, arena);
    printf("    gets      %d\n", response->status);
    print_headers(&response->headers);
    print_body(&response->body, arena);
    print_rules(response->rules, response->generators, arena);
}

static void print_message(const char *label, const struct pact_message *message,
                          struct arena *arena)
{
    struct str metadata =
        json_len(message->metadata) ? json_to_str(arena, message->metadata, JSON_COMPACT) : STR("");
    printf("    %-9s %.*s\n", label, STR_FMT(metadata));
    print_body(&message->body, arena);
    print_rules(message->rules, message->generators, arena);
}

static void print_interaction(const struct entry *entry, struct arena *arena)
{
    const struct pact_interaction *interaction = entry->interaction;
    term_print(stdout, TERM_BOLD, "  %.*s", STR_FMT(entry->mapping.scenario));
    printf("%s\n", interaction->pending ? " (pending)" : "");
    VEC_EACH(&interaction->states, const struct pact_state *, state) {
        struct str params =
            json_len(state->params) ? json_to_str(arena, state->params, JSON_COMPACT) : STR("");
        printf("    given     %.*s%s%.*s\n", STR_FMT(state->name), params.len ? " " : "",
               STR_FMT(params));
    }
    if (interaction->kind == PACT_HTTP) {
        print_http(interaction, arena);
        return;
    }
    bool sync = interaction->kind == PACT_SYNC_MESSAGE;
    print_message(sync ? "sends" : "receives", &interaction->message, arena);
    VEC_EACH(&interaction->replies, const struct pact_message *, reply) {
        print_message("gets", reply, arena);
    }
}

static void print_text(const struct pact *pact, const struct entry *entries, struct arena *arena)
{
    size_t len = pact->interactions.len;
    size_t all = len + pact->unknown.len;
    printf("%.*s expects of %.*s: %zu interaction%s (Pact %s)\n", STR_FMT(pact->consumer),
           STR_FMT(pact->provider), all, all == 1 ? "" : "s", pact_spec_name(pact->spec));
    for (size_t i = 0; i < len; i++) {
        const struct mapping *mapping = &entries[i].mapping;
        if (i == 0 || !str_eq(mapping->method, entries[i - 1].mapping.method)) {
            struct str name = mapping->method.ptr ? mapping->method : STR("no repository method");
            putchar('\n');
            term_print(stdout, TERM_CYAN, "%.*s", STR_FMT(name));
            printf("%s%.*s\n", mapping->operation.len && mapping->method.ptr ? " uses " : "",
                   STR_FMT(mapping->method.ptr ? mapping->operation : STR("")));
        }
        print_interaction(&entries[i], arena);
    }
    if (pact->unknown.len > 0) {
        putchar('\n');
        term_print(stdout, TERM_YELLOW, "not understood, kept as they are");
        putchar('\n');
    }
    VEC_EACH(&pact->unknown, const struct pact_unknown *, unknown) {
        printf("  %.*s\n", STR_FMT(contracts_unknown_title(unknown, arena)));
    }
}

/* ---- json ---- */

static struct json *described_json(const struct descriptions *all, struct arena *arena)
{
    struct json *out = json_new_array(arena);
    VEC_EACH(all, const struct described *, one) {
        struct json *item = json_new_object(arena);
        contracts_set(arena, item, "where", one->where);
        contracts_set(arena, item, "rule", one->what);
        json_append(arena, out, item);
    }
    return out;
}

/* The part as V4 has it, with the rules in words instead of their own form. */
static struct json *part_json(struct json *part, const struct rules *rules,
                              const struct generators *generators, struct arena *arena)
{
    struct descriptions said = {0}, made = {0};
    describe_rules(rules, arena, &said);
    describe_generators(generators, arena, &made);
    json_remove(part, "matchingRules");
    json_remove(part, "generators");
    json_set(arena, part, "rules", described_json(&said, arena));
    json_set(arena, part, "generators", described_json(&made, arena));
    return part;
}

static struct json *message_json(const struct pact_message *message, struct arena *arena)
{
    struct json *part = json_new_object(arena);
    write_message(message, PACT_V4, arena, part);
    return part_json(part, message->rules, message->generators, arena);
}

static struct json *interaction_json(const struct entry *entry, struct arena *arena)
{
    const struct pact_interaction *interaction = entry->interaction;
    struct json *out = json_new_object(arena), *states = json_new_array(arena);
    contracts_set(arena, out, "method", entry->mapping.method);
    contracts_set(arena, out, "operation", entry->mapping.operation);
    contracts_set(arena, out, "scenario", entry->mapping.scenario);
    contracts_set(arena, out, "description", interaction->description);
    VEC_EACH(&interaction->states, const struct pact_state *, state) {
        struct json *item = json_new_object(arena);
        contracts_set(arena, item, "name", state->name);
        json_set(arena, item, "params",
                 state->params ? json_copy(arena, state->params) : json_new_object(arena));
        json_append(arena, states, item);
    }
    json_set(arena, out, "providerStates", states);
    json_set(arena, out, "pending", json_new_bool(arena, interaction->pending));
    if (interaction->kind == PACT_HTTP) {
        json_set(arena, out, "request",
                 part_json(write_request(&interaction->request, PACT_V4, arena),
                           interaction->request.rules, interaction->request.generators, arena));
        json_set(arena, out, "response",
                 part_json(write_response(&interaction->response, PACT_V4, arena),
                           interaction->response.rules, interaction->response.generators, arena));
        return out;
    }
    struct json *replies = json_new_array(arena);
    json_set(arena, out, "message", message_json(&interaction->message, arena));
    VEC_EACH(&interaction->replies, const struct pact_message *, reply) {
        json_append(arena, replies, message_json(reply, arena));
    }
    if (interaction->kind == PACT_SYNC_MESSAGE)
        json_set(arena, out, "replies", replies);
    return out;
}

static struct json *unknown_json(const struct pact *pact, struct arena *arena)
{
    struct json *list = json_new_array(arena);
    VEC_EACH(&pact->unknown, const struct pact_unknown *, unknown) {
        struct json *item = json_new_object(arena);
        contracts_set(arena, item, "description", unknown->said.description);
        contracts_set(arena, item, "type", unknown->type);
        json_set(arena, item, "content", json_copy(arena, unknown->raw));
        json_append(arena, list, item);
    }
    return list;
}

static void print_json(const struct pact *pact, const struct entry *entries, struct arena *arena)
{
    struct json *out = json_new_object(arena), *list = json_new_array(arena);
    contracts_set(arena, out, "consumer", pact->consumer);
    contracts_set(arena, out, "provider", pact->provider);
    json_set(arena, out, "specification", json_new_text(arena, pact_spec_name(pact->spec)));
    for (size_t i = 0; i < pact->interactions.len; i++)
        json_append(arena, list, interaction_json(&entries[i], arena));
    json_set(arena, out, "interactions", list);
    json_set(arena, out, "notUnderstood", unknown_json(pact, arena));
    contracts_print(out);
}

static const struct opt rows[] = {
    OPT_OUTPUT(&given.output, "text|json", "text"),
    CONFIG_OPTION(&given.config),
    OPT_END,
};
static const struct opt_command command = {
    .name = "show",
    .usage = "FILE [options]",
    .summary = "Print a contract for people: methods, states, examples and rules.",
    .details =
        "Interactions are grouped by the app's repository method; rules stand below the "
        "example that they loosen. Interactions of a type that is not known are named at the "
        "end.\n\nExample:\n  tally show wallet-mobile-bff.json",
    .options = rows,
    .min_args = 1,
    .max_args = 1,
};

int show_command(int argc, char **argv)
{
    struct arena *arena ARENA_AUTO = arena_new();
    struct opt_list args = {0};
    struct err err = ERR_INIT;
    struct pact *pact = NULL;
    const struct mapping_rules *mapping = NULL;
    int parsed = opt_parse(&command, argc, argv, arena, &args, &err);
    if (parsed > 0)
        return EXIT_YES;
    if (parsed < 0 || config_mapping(given.config, arena, &mapping, &err) < 0 ||
        contracts_read(args.items[0], arena, &pact, &err) < 0)
        return err_report(&err);
    mapping_rules_apply(mapping, pact);
    const struct entry *entries = sorted(pact, arena);
    if (opt_is(given.output, "json"))
        print_json(pact, entries, arena);
    else
        print_text(pact, entries, arena);
    return EXIT_YES;
}
