// SPDX-License-Identifier: Apache-2.0
/* Pact files V1 to V4: the file and its interactions. Source: pact-semantics, section 1. */
#include "lib/contract/read.h"

#include <ctype.h>
#include <stdarg.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/limits.h"
#include "lib/contract/keep.h"
#include "lib/contract/rules_table.h"

static const char *const type_names[] = {
    [JSON_NULL] = "null",       [JSON_BOOL] = "a boolean", [JSON_NUMBER] = "a number",
    [JSON_STRING] = "a string", [JSON_ARRAY] = "an array", [JSON_OBJECT] = "an object",
};

int read_wrong(struct reader *reader, const struct json *value, const char *what)
{
    int line, column;
    position_of(&reader->position, value, &line, &column);
    return err_at(reader->err, ERR_PARSE, reader->pact->source.ptr, line, column,
                  "expected %s, found %s", what, value ? type_names[json_type(value)] : "nothing");
}

void read_warn(struct reader *reader, const struct json *value, const char *fmt, ...)
{
    struct pact_warning *warning = VEC_PUSH(reader->arena, &reader->pact->warnings);
    va_list args;
    va_start(args, fmt);
    warning->text = str_of(arena_vprintf(reader->arena, fmt, args));
    va_end(args);
    position_of(&reader->position, value, &warning->line, &warning->column);
}

int read_text(struct reader *reader, const struct json *value, const char *what, struct str *ret)
{
    if (!value || json_is(value, JSON_NULL)) {
        return 0;
    }
    if (json_is(value, JSON_ARRAY) || json_is(value, JSON_OBJECT)) {
        return read_wrong(reader, value, what);
    }
    *ret =
        json_is(value, JSON_BOOL) ? str_of(json_bool(value) ? "true" : "false") : json_text(value);
    return 0;
}

const struct json *read_first(const struct json *object, const char *const *names)
{
    const struct json *null = NULL;
    for (; *names; names++) {
        const struct json *value = json_get(object, *names);
        if (value && !json_is(value, JSON_NULL)) {
            return value;
        }
        null = null ? null : value;
    }
    return null;
}

/* `item` is the object that the state was, NULL if it is only a name. */
static int add_state(struct reader *reader, const struct json *name, const struct json *item,
                     struct pact_interaction *interaction)
{
    struct str text = STR_NONE;
    const struct json *params = json_get(item, "params");
    int rc = read_text(reader, name, "the name of a provider state", &text);
    if (rc) {
        return rc;
    }
    if (params && !json_is(params, JSON_OBJECT) && !json_is(params, JSON_NULL)) {
        return read_wrong(reader, params, "an object as 'params'");
    }
    if (text.len == 0 && json_len(item) == (json_get(item, "name") != NULL)) {
        return 0; /* nothing but no name */
    }
    text = text.ptr ? text : STR("");
    if (interaction->states.len >= LIMIT_STATES) {
        return err_set(reader->err, ERR_LIMIT, "more than %d provider states", LIMIT_STATES);
    }
    struct pact_state *state = VEC_PUSH(reader->arena, &interaction->states);
    state->name = text;
    state->params = json_is(params, JSON_OBJECT) ? (struct json *)params : NULL;
    state->extra = keep_extra(reader, item, KEEP_STATE);
    return 0;
}

static int read_states(struct reader *reader, const struct json *value,
                       struct pact_interaction *interaction)
{
    static const char *const single[] = {"providerState", "provider_state", NULL};
    static const char *const many[] = {"providerStates", "provider_states", NULL};
    const struct json *list = read_first(value, many);
    if (!list || json_is(list, JSON_NULL)) {
        return add_state(reader, read_first(value, single), NULL, interaction);
    }
    if (json_is(list, JSON_STRING)) {
        return add_state(reader, list, NULL, interaction);
    }
    if (!json_is(list, JSON_ARRAY)) {
        return read_wrong(reader, list, "an array as 'providerStates'");
    }
    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *item = json_at(list, i);
        bool object = json_is(item, JSON_OBJECT);
        int rc = object ? add_state(reader, json_get(item, "name"), item, interaction)
                        : add_state(reader, item, NULL, interaction);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

/* A member of V4. What older files have under its name is foreign, and so never wrong. */
static const struct json *v4_member(const struct reader *reader, const struct json *value,
                                    const char *name, bool object)
{
    const struct json *member = json_get(value, name);
    bool fits = object == json_is(member, JSON_OBJECT) && !json_is(member, JSON_ARRAY);
    return reader->pact->spec >= PACT_V4 || fits ? member : NULL;
}

static int read_common(struct reader *reader, const struct json *value, size_t index,
                       struct pact_interaction *interaction)
{
    bool v4 = reader->pact->spec >= PACT_V4;
    const struct json *pending = v4 ? json_get(value, "pending") : NULL;
    const struct json *comments = v4_member(reader, value, "comments", true);
    int rc = read_text(reader, json_get(value, "description"), "a string as 'description'",
                       &interaction->description);
    if (!interaction->description.ptr) {
        interaction->description = str_printf(reader->arena, "Interaction %zu", index);
    }
    rc = rc ? rc : read_text(reader, json_get(value, "_id"), "a string as '_id'", &interaction->id);
    rc = rc ? rc
            : read_text(reader, v4_member(reader, value, "key", false), "a string as 'key'",
                        &interaction->key);
    rc = rc ? rc
            : read_text(reader, v4_member(reader, value, "transport", false),
                        "a string as 'transport'", &interaction->transport);
    rc = rc ? rc : read_states(reader, value, interaction);
    if (rc == 0 && pending && !json_is(pending, JSON_BOOL) && !json_is(pending, JSON_NULL)) {
        rc = read_wrong(reader, pending, "a boolean as 'pending'");
    }
    if (rc == 0 && comments && !json_is(comments, JSON_OBJECT) && !json_is(comments, JSON_NULL)) {
        rc = read_wrong(reader, comments, "an object as 'comments'");
    }
    /* Older files know no such attribute, and what they say there excuses nothing. */
    interaction->pending = json_bool(pending);
    interaction->comments = json_is(comments, JSON_OBJECT) ? (struct json *)comments : NULL;
    position_of(&reader->position, value, &interaction->line, &interaction->column);
    return rc;
}

static int read_http(struct reader *reader, const struct json *value,
                     struct pact_interaction *interaction)
{
    const struct json *request = json_get(value, "request");
    const struct json *response = json_get(value, "response");
    int rc = read_request(reader, request, &interaction->request);
    rc = rc ? rc : read_response(reader, response, &interaction->response);
    /* What is left out is promised all the same: by the interaction. */
    interaction->request.raw = request ? request : value;
    interaction->response.raw = response ? response : value;
    /* Some old files have the rules beside the request and the response. */
    const struct json *rules = json_get(value, "requestMatchingRules");
    const char *source = reader->pact->source.ptr;
    rc = rc ? rc
            : rules_read_at(rules, &reader->position, source, read_is_flat(rules), reader->arena,
                            interaction->request.rules, reader->err);
    rules = json_get(value, "responseMatchingRules");
    return rc ? rc
              : rules_read_at(rules, &reader->position, source, read_is_flat(rules), reader->arena,
                              interaction->response.rules, reader->err);
}

static int read_replies(struct reader *reader, const struct json *value,
                        struct pact_interaction *interaction)
{
    const struct json *list = json_get(value, "response");
    int rc = read_message(reader, json_get(value, "request"), true, &interaction->message);
    if (rc || !list || json_is(list, JSON_NULL)) {
        return rc;
    }
    size_t len = json_is(list, JSON_ARRAY) ? json_len(list) : 1;
    for (size_t i = 0; rc == 0 && i < len; i++) {
        struct pact_message message = {0};
        const struct json *item = json_is(list, JSON_ARRAY) ? json_at(list, i) : list;
        rc = read_message(reader, item, true, &message);
        message.extra = reader->asked ? NULL : keep_extra(reader, item, KEEP_SIDE);
        *VEC_PUSH(reader->arena, &interaction->replies) = message;
    }
    return rc;
}

static const struct {
    const char *name;
    enum pact_kind kind;
} kinds[] = {
    {"Synchronous/HTTP", PACT_HTTP},
    {"Asynchronous/Messages", PACT_MESSAGE},
    {"Synchronous/Messages", PACT_SYNC_MESSAGE},
};

static bool kind_of(const struct json *value, enum pact_kind *ret)
{
    struct str type = json_get_text(value, "type");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (str_is(type, kinds[i].name)) {
            *ret = kinds[i].kind;
            return true;
        }
    }
    return false;
}

static void keep_parts(struct reader *reader, const struct json *value,
                       struct pact_interaction *interaction)
{
    static const enum keep_at at[] = {KEEP_HTTP, KEEP_MESSAGE, KEEP_SYNC};
    const struct json *request = json_get(value, "request");
    if (reader->asked && interaction->kind != PACT_SYNC_MESSAGE) {
        return; /* the others say nothing there that tells what they ask for */
    }
    interaction->extra = keep_extra(reader, value, at[interaction->kind]);
    if (interaction->kind == PACT_HTTP) {
        interaction->request.extra = keep_extra(reader, request, KEEP_REQUEST);
        interaction->response.extra =
            keep_extra(reader, json_get(value, "response"), KEEP_RESPONSE);
    } else if (interaction->kind == PACT_SYNC_MESSAGE) {
        interaction->message.extra = keep_extra(reader, request, KEEP_SIDE);
    }
}

/*
 * Kept whole. What can be told of it (merging goes by it) is read as far as it reads like that of
 * other interactions: nothing in it is an error.
 */
static void keep_unknown(struct reader *reader, const struct json *value, size_t index)
{
    struct err ignored = ERR_INIT;
    struct reader quiet = *reader;
    struct pact_unknown *unknown = VEC_PUSH(reader->arena, &reader->pact->unknown);
    struct pact_interaction *said = &unknown->said;
    quiet.err = &ignored;
    unknown->raw = value;
    unknown->type = json_get_text(value, "type");
    said->description = json_get_text(value, "description");
    said->key = json_get_text(value, "key");
    if (read_states(&quiet, value, said) != 0) {
        said->states.len = 0;
    }
    position_of(&reader->position, value, &said->line, &said->column);
    reader->pact->skipped++;
    struct str name = said->description.ptr ? said->description : STR("without description");
    read_warn(reader, value,
              "interaction %zu '%.*s' is of type '%.*s', which is not known; kept, not used", index,
              STR_FMT(name), STR_FMT(unknown->type.ptr ? unknown->type : STR("")));
}

static int read_interaction(struct reader *reader, const struct json *value, size_t index,
                            bool message)
{
    enum pact_kind kind = message ? PACT_MESSAGE : PACT_HTTP;
    bool v4 = reader->pact->spec >= PACT_V4;
    if (!json_is(value, JSON_OBJECT)) {
        return read_wrong(reader, value,
                          message ? "an object as message" : "an object as interaction");
    }
    if (v4 && !message && !kind_of(value, &kind)) {
        keep_unknown(reader, value, index);
        return 0;
    }
    struct pact_interaction *interaction = pact_add(reader->arena, reader->pact, kind, STR_NONE);
    int rc = read_common(reader, value, index, interaction);
    if (rc == 0) {
        if (kind == PACT_HTTP) {
            rc = read_http(reader, value, interaction);
        } else if (kind == PACT_MESSAGE) {
            rc = read_message(reader, value, v4, &interaction->message);
        } else {
            rc = read_replies(reader, value, interaction);
        }
    }
    if (rc == 0) {
        keep_parts(reader, value, interaction);
    }
    return rc;
}

static int read_list(struct reader *reader, const struct json *root, const char *name, bool message)
{
    const struct json *list = json_get(root, name);
    if (!list) {
        return 0;
    }
    if (!json_is(list, JSON_ARRAY)) {
        return read_wrong(reader, list,
                          message ? "an array as 'messages'" : "an array as 'interactions'");
    }
    if (json_len(list) > LIMIT_PACT_INTERACTIONS) {
        return err_set(reader->err, ERR_LIMIT, "more than %d interactions",
                       LIMIT_PACT_INTERACTIONS);
    }
    for (size_t i = 0; i < json_len(list); i++) {
        int rc = read_interaction(reader, json_at(list, i), i, message);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

/* "3", "3.0.0", "v2.0": the number before and after the first point; false if there is none. */
static bool parse_version(struct str text, int *ret_major, int *ret_minor)
{
    size_t i = text.len > 0 && (text.ptr[0] == 'v' || text.ptr[0] == 'V');
    int parts[2] = {0, 0}, part = 0;
    if (i >= text.len || !isdigit((unsigned char)text.ptr[i])) {
        return false;
    }
    for (; i < text.len; i++) {
        if (isdigit((unsigned char)text.ptr[i])) {
            parts[part] = parts[part] > 1000 ? 1000 : parts[part] * 10 + (text.ptr[i] - '0');
        } else if (text.ptr[i] == '.' && part == 0) {
            part = 1;
        } else {
            break;
        }
    }
    *ret_major = parts[0];
    *ret_minor = parts[1];
    return true;
}

/* Of several, the first that says something. */
static const struct json *version_value(const struct json *metadata, int *ret_major, int *ret_minor)
{
    static const char *const names[] = {"pactSpecification", "pact-specification",
                                        "pactSpecificationVersion"};
    const struct json *found = NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct json *one = json_get(metadata, names[i]);
        one = json_is(one, JSON_OBJECT) ? json_get(one, "version") : one;
        if (one && parse_version(json_text(one), ret_major, ret_minor)) {
            return one;
        }
        found = found ? found : one;
    }
    return found;
}

bool read_spec(const struct json *metadata, enum pact_spec *ret)
{
    int major = 0, minor = 0;
    version_value(metadata, &major, &minor);
    if (major < 1 || major > 4) {
        return false;
    }
    *ret = major > 1 ? (enum pact_spec)(major * 10) : minor ? PACT_V1_1 : PACT_V1;
    return true;
}

static int read_version(struct reader *reader, const struct json *metadata)
{
    int major = 0, minor = 0;
    const struct json *value = version_value(metadata, &major, &minor);
    reader->pact->spec = PACT_V3;
    if (major > 4) {
        int line, column;
        position_of(&reader->position, value, &line, &column);
        return err_at(reader->err, ERR_PARSE, reader->pact->source.ptr, line, column,
                      "expected a pact specification version up to 4, found %d", major);
    }
    if (value && !read_spec(metadata, &reader->pact->spec)) {
        read_warn(reader, value, "the specification version is not a number; read as V3");
    }
    return 0;
}

static int read_party(struct reader *reader, const struct json *root, const char *name,
                      struct str *ret, struct json **ret_extra)
{
    const struct json *value = json_get(root, name);
    *ret = str_of(name);
    if (!value || json_is(value, JSON_NULL)) {
        read_warn(reader, root, "'%s' is missing", name);
        return 0;
    }
    if (!json_is(value, JSON_OBJECT)) {
        return read_wrong(reader, value, "an object with 'name'");
    }
    *ret_extra = keep_extra(reader, value, KEEP_PARTY);
    return read_text(reader, json_get(value, "name"), "a string as 'name'", ret);
}

static int read_root(struct reader *reader, const struct json *root)
{
    static const char *const metadata_names[] = {"metadata", "metaData", NULL};
    struct pact *pact = reader->pact;
    if (!json_is(root, JSON_OBJECT)) {
        return read_wrong(reader, root, "a pact file's object");
    }
    const struct json *metadata = read_first(root, metadata_names);
    if (metadata && !json_is(metadata, JSON_OBJECT) && !json_is(metadata, JSON_NULL)) {
        return read_wrong(reader, metadata, "an object as 'metadata'");
    }
    if (!json_get(root, "interactions") && !json_get(root, "messages")) {
        return read_wrong(reader, root, "'interactions' or 'messages' in the pact file");
    }
    int rc = read_version(reader, metadata);
    rc = rc ? rc : read_party(reader, root, "consumer", &pact->consumer, &pact->consumer_extra);
    rc = rc ? rc : read_party(reader, root, "provider", &pact->provider, &pact->provider_extra);
    rc = rc ? rc : read_list(reader, root, "interactions", false);
    rc = rc ? rc : read_list(reader, root, "messages", true);
    pact->metadata = json_is(metadata, JSON_OBJECT) ? (struct json *)metadata : NULL;
    pact->links = json_get(root, "_links");
    pact->extra = rc || reader->asked ? NULL : keep_extra(reader, root, KEEP_ROOT);
    return rc;
}

/* Which of two values counts would be the reader's choice: no contract may hang on that. */
static int refuse_repeated(const struct json *root, struct str text, const char *source,
                           struct err *err)
{
    struct str key;
    int line, column;
    const struct json *object = json_first_repeated(root, &key);
    if (!object) {
        return 0;
    }
    json_position(object, text, &line, &column);
    return err_at(err, ERR_PARSE, source, line, column,
                  "the object that begins here has the key '%.*s' more than once", STR_FMT(key));
}

static int read_tree(const struct json *root, struct str text, const char *source, bool asked,
                     struct arena *arena, struct pact **ret, struct err *err)
{
    struct pact *pact = ARENA_NEW(arena, struct pact);
    pact->source = str_dup(arena, str_of(source ? source : ""));
    pact->text = text;
    struct reader reader = {pact, arena, position_start(text), err, asked};
    int rc = refuse_repeated(root, text, source, err);
    rc = rc ? rc : read_root(&reader, root);
    if (rc == 0) {
        *ret = pact;
    }
    return rc;
}

int pact_read(struct str text, const char *source, struct arena *arena, struct pact **ret,
              struct err *err)
{
    struct json *root = NULL;
    int rc = json_parse(text, source, arena, &root, err);
    return rc ? rc : read_tree(root, text, source, false, arena, ret, err);
}

int pact_read_asked(const struct json *root, struct str text, const char *source,
                    struct arena *arena, struct pact **ret, struct err *err)
{
    return read_tree(root, text, source, true, arena, ret, err);
}
