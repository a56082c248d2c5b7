// SPDX-License-Identifier: Apache-2.0
/* What the operator allows webhooks to do. */
#include "broker/webhook.h"

#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/fs.h"
#include "lib/base/limits.h"
#include "lib/base/seal.h"
#include "lib/http/hosts.h"
#include "lib/http/trust.h"
#include "lib/wire/headers.h"

#define SEE "See /doc/webhooks#whitelist for more information."

static const struct webhook_config defaults = {
    .retry_schedule = "10 60 120 300 600 1200",
    .methods = "POST",
    .success_codes = "200 201 202 203 204 205 206",
    .schemes = "https",
    .hosts = "",
    .user_agent = "Pact Broker v2.120.0",
    .timeout = 15,
};

/* Words separated by spaces or commas. */
static struct str next_word(struct str *rest)
{
    size_t n = 0;
    while (rest->len > 0 && strchr(" ,\t\n", rest->ptr[0]))
        *rest = str_sub(*rest, 1, rest->len);
    while (n < rest->len && !strchr(" ,\t\n", rest->ptr[n]))
        n++;
    struct str word = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n, rest->len);
    return word;
}

#define READ_NUMBERS(list, text, option, min, max, arena, err)                                     \
    do {                                                                                           \
        struct str rest = str_of(text);                                                            \
        for (struct str word = next_word(&rest); word.len > 0; word = next_word(&rest)) {          \
            int64_t value = 0;                                                                     \
            if (!str_to_i64(word, min, max, &value) || (list)->len >= LIMIT_WEBHOOK_RETRIES)       \
                return err_set(err, ERR_USAGE,                                                     \
                               option ": '%.*s' is no number from %d to %d, or one too many",      \
                               STR_FMT(word), min, max);                                           \
            *VEC_PUSH(arena, list) = value;                                                        \
        }                                                                                          \
    } while (0)

static int read_numbers(struct webhook_policy *policy, struct arena *arena, struct err *err)
{
    READ_NUMBERS(&policy->retries, policy->config.retry_schedule, "--webhook-retry-schedule", 0,
                 86400, arena, err);
    READ_NUMBERS(&policy->success_codes, policy->config.success_codes,
                 "--webhook-http-code-success", 100, 599, arena, err);
    if (policy->success_codes.len == 0)
        return err_set(err, ERR_USAGE, "--webhook-http-code-success: name at least one status");
    return 0;
}

static int read_words(struct webhook_words *list, const char *text, const char *option,
                      struct arena *arena, struct err *err)
{
    struct str rest = str_dup(arena, str_of(text));
    for (struct str word = next_word(&rest); word.len > 0; word = next_word(&rest)) {
        if (!headers_name_ok(word))
            return err_set(err, ERR_USAGE, "%s: '%.*s' is no word", option, STR_FMT(word));
        *VEC_PUSH(arena, list) = word;
    }
    if (list->len == 0)
        return err_set(err, ERR_USAGE, "%s: name at least one", option);
    return 0;
}

static bool has_word(const struct webhook_words *list, struct str word)
{
    VEC_EACH(list, const struct str *, item) {
        if (str_eq_nocase(*item, word))
            return true;
    }
    return false;
}

static int read_schemes(struct webhook_policy *policy, struct arena *arena, struct err *err)
{
    int code = read_words(&policy->schemes, policy->config.schemes, "--webhook-scheme-whitelist",
                          arena, err);
    VEC_EACH(&policy->schemes, const struct str *, scheme) {
        if (code == 0 && !str_eq_nocase(*scheme, STR("http")) &&
            !str_eq_nocase(*scheme, STR("https")))
            code =
                err_set(err, ERR_USAGE, "--webhook-scheme-whitelist: '%.*s' is not http or https",
                        STR_FMT(*scheme));
    }
    return code;
}

/* The key lies beside the database: whoever copies only the database has no secrets. */
static int key_path(const struct webhook_config *config, const char *database, struct arena *arena,
                    const char **ret, struct err *err)
{
    struct str path = str_of(database);
    char *dir = NULL;
    *ret = config->key_file;
    if (config->key_file && config->key_file[0])
        return 0;
    if (str_find(path, STR("://")) >= 0) {
        int code = fs_data_dir(arena, &dir, err);
        *ret = code < 0 ? NULL : fs_join(arena, dir, "broker.key");
        return code;
    }
    if (str_starts(path, STR("sqlite:")))
        path = str_sub(path, strlen("sqlite:"), path.len);
    *ret = str_is(path, ":memory:") ? NULL : arena_printf(arena, "%.*s.key", STR_FMT(path));
    return 0;
}

int webhook_policy_init(struct webhook_policy *policy, const struct webhook_config *config,
                        const char *database, struct arena *arena, struct err *err)
{
    *policy = (struct webhook_policy){.config = *config};
    struct webhook_config *own = &policy->config;
    own->retry_schedule = own->retry_schedule ? own->retry_schedule : defaults.retry_schedule;
    own->methods = own->methods ? own->methods : defaults.methods;
    own->success_codes = own->success_codes ? own->success_codes : defaults.success_codes;
    own->schemes = own->schemes ? own->schemes : defaults.schemes;
    own->hosts = own->hosts ? own->hosts : defaults.hosts;
    own->user_agent = own->user_agent ? own->user_agent : defaults.user_agent;
    own->timeout = own->timeout ? own->timeout : defaults.timeout;
    int code = read_numbers(policy, arena, err);
    if (code == 0)
        code = read_words(&policy->methods, own->methods, "--webhook-http-method-whitelist", arena,
                          err);
    if (code == 0)
        code = read_schemes(policy, arena, err);
    if (code == 0 && hosts_parse(own->hosts, arena, &policy->hosts, err) < 0)
        code = err_wrap(err, "--webhook-host-whitelist");
    if (code == 0 && !headers_value_ok(str_of(own->user_agent)))
        code = err_set(err, ERR_USAGE, "--user-agent: a header field cannot hold that");
    if (code == 0 && own->certificates)
        policy->trusted = trust_also(str_of(own->certificates), arena);
    const char *key = NULL;
    if (code == 0)
        code = key_path(own, database, arena, &key, err);
    if (code == 0)
        policy->seal = seal_new(key);
    return code;
}

void webhook_policy_release(struct webhook_policy *policy)
{
    seal_free(policy->seal);
    policy->seal = NULL;
}

bool webhook_policy_success(const struct webhook_policy *policy, int status)
{
    VEC_EACH(&policy->success_codes, const int64_t *, code) {
        if (*code == status)
            return true;
    }
    return false;
}

/* ---- what may be called ---- */

static const char *must_be(struct arena *arena, const char *prefix,
                           const struct webhook_words *words)
{
    struct buf out BUF_AUTO = BUF_INIT(64 * 1024);
    buf_printf(&out, "%smust be %s", prefix, words->len > 1 ? "one of " : "");
    for (size_t i = 0; i < words->len; i++)
        buf_printf(&out, "%s%.*s", i ? ", " : "", STR_FMT(words->items[i]));
    buf_puts(&out, ". " SEE);
    return arena_strdup(arena, buf_view(&out).ptr);
}

static const char *host_refusal(struct arena *arena, const struct hosts *hosts)
{
    struct buf out BUF_AUTO = BUF_INIT(64 * 1024);
    buf_puts(&out, "host must be in the whitelist ");
    for (size_t i = 0; i < hosts_len(hosts); i++)
        buf_printf(&out, "%s\"%.*s\"", i ? ", " : "", STR_FMT(hosts_entry(hosts, i)));
    buf_puts(&out, ". " SEE);
    return arena_strdup(arena, buf_view(&out).ptr);
}

const char *webhook_policy_refusal(const struct webhook_policy *policy, const char *method,
                                   const char *url, struct arena *arena, const char **ret_key)
{
    struct str rest = str_of(url), scheme = str_cut(&rest, ':');
    if (!has_word(&policy->methods, str_of(method))) {
        *ret_key = "method";
        return must_be(arena, "", &policy->methods);
    }
    *ret_key = "url";
    if (!has_word(&policy->schemes, scheme))
        return must_be(arena, "scheme ", &policy->schemes);
    if (hosts_len(policy->hosts) > 0 && !hosts_name(policy->hosts, webhook_url_host(str_of(url))))
        return host_refusal(arena, policy->hosts);
    return NULL;
}
