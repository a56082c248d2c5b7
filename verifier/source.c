// SPDX-License-Identifier: Apache-2.0
#include "verifier/source.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/hal/hal.h"

struct loader {
    const struct verify_options *options;
    struct arena *arena;
    struct contracts *contracts;
    struct hal *broker; /* NULL until it is needed */
    struct err *err;
};

static bool wanted_consumer(const struct loader *loader, struct str name)
{
    const struct opt_list *consumers = &loader->options->consumers;
    for (size_t i = 0; i < consumers->len; i++) {
        if (str_is(name, consumers->items[i]))
            return true;
    }
    return consumers->len == 0;
}

static bool ignore(struct loader *loader, const char *origin, const struct pact *pact)
{
    const char *provider = loader->options->provider;
    struct str reason = STR_NONE;
    if (provider && *provider && !str_is(pact->provider, provider))
        reason = str_printf(loader->arena, "it is for provider '%.*s'", STR_FMT(pact->provider));
    else if (!wanted_consumer(loader, pact->consumer))
        reason = str_printf(loader->arena, "it is of consumer '%.*s'", STR_FMT(pact->consumer));
    if (!reason.ptr)
        return false;
    *VEC_PUSH(loader->arena, &loader->contracts->ignored) = (struct ignored){origin, reason};
    return true;
}

/* The version stands in a link of its own, or in "Pact between C (V) and P". */
static struct str consumer_version(const struct pact *pact)
{
    struct str name = json_get_text(json_get(pact->links, "pb:consumer-version"), "name");
    if (name.len > 0)
        return name;
    struct str title = json_get_text(json_get(pact->links, "self"), "name");
    long open = str_find(title, STR(" (")), close = str_find(title, STR(") and "));
    if (open < 0 || close <= open)
        return STR("");
    return str_sub(title, (size_t)open + 2, (size_t)(close - open - 2));
}

/* *ret is NULL when the contract is ignored. */
static int add_pact(struct loader *loader, struct str text, const char *origin, struct hal *hal,
                    struct contract **ret)
{
    struct pact *pact = NULL;
    *ret = NULL;
    int rc = pact_read(text, origin, loader->arena, &pact, loader->err);
    if (rc < 0)
        return rc;
    const char *wanted = loader->options->provider;
    if (wanted && str_eq_nocase(pact->provider, str_of(wanted)) && !str_is(pact->provider, wanted))
        return err_at(
            loader->err, ERR_USAGE, origin, 0, 0,
            "the contract is for provider '%.*s', you asked for '%s': names differ in case",
            STR_FMT(pact->provider), wanted);
    if (ignore(loader, origin, pact))
        return 0;
    struct contract *contract = VEC_PUSH(loader->arena, loader->contracts);
    contract->pact = pact;
    contract->origin = origin;
    contract->hal = hal;
    contract->consumer_version = consumer_version(pact);
    contract->verdicts = ARENA_ARRAY(loader->arena, struct verdict, pact->interactions.len + 1);
    for (size_t i = 0; i < pact->interactions.len; i++)
        contract->verdicts[i].interaction = &pact->interactions.items[i];
    *ret = contract;
    return 0;
}

static int load_file(struct loader *loader, const char *path)
{
    struct str text = STR_NONE;
    struct contract *contract = NULL;
    int rc = fs_read(path, LIMIT_FILE, loader->arena, &text, loader->err);
    return rc < 0 ? rc : add_pact(loader, text, path, NULL, &contract);
}

static int load_dir(struct loader *loader, const char *path)
{
    struct fs_list files = {0};
    int rc = fs_find(path, ".json", loader->arena, &files, loader->err);
    for (size_t i = 0; i < files.len && rc == 0; i++)
        rc = load_file(loader, files.items[i].ptr);
    return rc;
}

static int connect_hal(struct loader *loader, const char *url, bool credentials, struct hal **ret)
{
    const struct verify_options *options = loader->options;
    const struct hal_config config = {
        .base_url = url,
        .username = credentials ? options->username : NULL,
        .password = credentials ? options->password : NULL,
        .token = credentials ? options->token : NULL,
        .retries = (int)options->retries,
    };
    int rc = hal_new(&config, ret, loader->err);
    if (rc == 0)
        *VEC_PUSH(loader->arena, &loader->contracts->hals) = *ret;
    return rc;
}

static struct str origin_of(struct str url)
{
    long scheme = str_find(url, STR("://"));
    size_t end = scheme < 0 ? url.len : (size_t)scheme + 3;
    while (end < url.len && !strchr("/?#", url.ptr[end]))
        end++;
    return str_sub(url, 0, end);
}

static int fetch(struct loader *loader, struct hal *hal, const char *url, struct contract **ret)
{
    struct hal_response response = {0};
    int rc = hal_call(hal, "GET", url, NULL, STR_NONE, loader->arena, &response, loader->err);
    if (rc < 0)
        return rc;
    if (response.status != 200)
        return err_set(loader->err, ERR_NET, "GET %s: answered %d instead of a contract", url,
                       response.status);
    return add_pact(loader, response.text, url, hal, ret);
}

/* The broker's credentials go to the broker only, when one is named. */
static int load_url(struct loader *loader, const char *url)
{
    struct str origin = origin_of(str_of(url));
    const char *broker = loader->options->broker_url;
    bool same = !broker || str_eq(origin, origin_of(str_of(broker)));
    struct hal *hal = NULL;
    struct contract *contract = NULL;
    int rc =
        connect_hal(loader, same && broker ? broker : str_cstr(loader->arena, origin), same, &hal);
    return rc < 0 ? rc : fetch(loader, hal, url, &contract);
}

static struct json *question(const struct loader *loader)
{
    const struct verify_options *options = loader->options;
    struct arena *arena = loader->arena;
    struct json *body = json_new_object(arena);
    bool pending = options->enable_pending || options->wip_since;
    json_set(arena, body, "includePendingStatus", json_new_bool(arena, pending));
    json_set(arena, body, "consumerVersionSelectors", options->selectors);
    if (options->branch && *options->branch)
        json_set(arena, body, "providerVersionBranch", json_new_text(arena, options->branch));
    if (options->provider_tags.len > 0) {
        struct json *tags = json_new_array(arena);
        for (size_t i = 0; i < options->provider_tags.len; i++)
            json_append(arena, tags, json_new_text(arena, options->provider_tags.items[i]));
        json_set(arena, body, "providerVersionTags", tags);
    }
    if (options->wip_since)
        json_set(arena, body, "includeWipPactsSince", json_new_text(arena, options->wip_since));
    return body;
}

static int load_selected(struct loader *loader, const struct json *item)
{
    struct arena *arena = loader->arena;
    const struct json *properties = json_get(item, "verificationProperties");
    const char *url = NULL;
    int rc = hal_link(item, "self", NULL, arena, &url, loader->err);
    if (rc < 0)
        return err_wrap(loader->err, "a contract the broker chose");
    struct contract *contract = NULL;
    rc = fetch(loader, loader->broker, url, &contract);
    if (rc < 0 || !contract)
        return rc;
    contract->about = json_get_text(item, "shortDescription");
    contract->pending = json_bool(json_get(properties, "pending"));
    contract->wip = json_bool(json_get(properties, "wip"));
    const struct json *notices = json_get(properties, "notices");
    for (size_t i = 0; i < json_len(notices); i++) {
        struct notice *notice = VEC_PUSH(arena, &contract->notices);
        notice->when = json_get_text(json_at(notices, i), "when");
        notice->text = json_get_text(json_at(notices, i), "text");
    }
    return 0;
}

static int selection_url(struct loader *loader, const char **ret)
{
    const struct hal_var vars[] = {{"provider", loader->options->provider}, {NULL, NULL}};
    struct err err = ERR_INIT;
    int rc = hal_index_link(loader->broker, "pb:provider-pacts-for-verification", vars,
                            loader->arena, ret, &err);
    if (rc == ERR_NOT_FOUND)
        rc = hal_index_link(loader->broker, "beta:provider-pacts-for-verification", vars,
                            loader->arena, ret, NULL);
    return rc < 0 ? err_set(loader->err, err.code, "%s", err.text) : 0;
}

static int load_broker(struct loader *loader)
{
    const char *url = NULL;
    int rc = connect_hal(loader, loader->options->broker_url, true, &loader->broker);
    if (rc == 0)
        rc = selection_url(loader, &url);
    if (rc < 0)
        return rc;
    struct hal_response response = {0};
    struct err err = ERR_INIT;
    rc = hal_send(loader->broker, "POST", url, question(loader), loader->arena, &response, &err);
    if (rc == ERR_NOT_FOUND)
        return err_set(loader->err, ERR_UNDECIDED,
                       "there is nothing to verify: the broker does not know provider '%s'",
                       loader->options->provider);
    if (rc < 0)
        return err_set(loader->err, err.code, "%s", err.text);
    const struct json *pacts = json_get(json_get(response.body, "_embedded"), "pacts");
    if (!json_is(pacts, JSON_ARRAY))
        return err_set(loader->err, ERR_NET, "POST %s: the broker's answer lists no contracts",
                       url);
    for (size_t i = 0; i < json_len(pacts) && rc == 0; i++)
        rc = load_selected(loader, json_at(pacts, i));
    return rc;
}

static int check_one_provider(const struct loader *loader)
{
    const struct contract *first = loader->contracts->items;
    VEC_EACH(loader->contracts, const struct contract *, contract) {
        if (!str_eq(contract->pact->provider, first->pact->provider))
            return err_set(loader->err, ERR_USAGE,
                           "there are contracts of providers '%.*s' and '%.*s'; choose one with "
                           "--provider-name",
                           STR_FMT(first->pact->provider), STR_FMT(contract->pact->provider));
    }
    return 0;
}

int source_load(const struct verify_options *options, struct arena *arena, struct contracts *ret,
                struct err *err)
{
    struct loader loader = {.options = options, .arena = arena, .contracts = ret, .err = err};
    int rc = 0;
    for (size_t i = 0; i < options->arguments.len && rc == 0; i++) {
        const char *path = options->arguments.items[i];
        rc = fs_is_dir(path) ? load_dir(&loader, path) : load_file(&loader, path);
    }
    for (size_t i = 0; i < options->files.len && rc == 0; i++)
        rc = load_file(&loader, options->files.items[i]);
    for (size_t i = 0; i < options->dirs.len && rc == 0; i++)
        rc = load_dir(&loader, options->dirs.items[i]);
    for (size_t i = 0; i < options->urls.len && rc == 0; i++)
        rc = load_url(&loader, options->urls.items[i]);
    if (options->webhook_url && rc == 0)
        rc = load_url(&loader, options->webhook_url);
    if (options->broker_is_source && rc == 0)
        rc = load_broker(&loader);
    return rc == 0 ? check_one_provider(&loader) : rc;
}
