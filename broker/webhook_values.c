// SPDX-License-Identifier: Apache-2.0
/* What the variables of a webhook stand for, looked up when it is sent. */
#include "broker/webhook.h"

#include "broker/metadata.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/wire/url.h"

enum { LIST_MAX = 64 * 1024 };

struct facts {
    struct store *store;
    const struct triggered *row;
    struct arena *arena;
    struct publication pact;
    struct version consumer_version, provider_version;
    struct verification result;
    bool has_pact, has_result;
};

/* How the verdict is called where a build's status is set. */
static const struct {
    const char *name, *verified, *failed, *pending;
} statuses[] = {
    {"githubVerificationStatus", "success", "failure", "pending"},
    {"gitlabVerificationStatus", "success", "failed", "pending"},
    {"bitbucketVerificationStatus", "SUCCESSFUL", "FAILED", "INPROGRESS"},
    {"azureDevOpsVerificationStatus", "succeeded", "failed", "pending"},
};

static void set(struct facts *facts, struct webhook_values *ret, const char *name, const char *text)
{
    *VEC_PUSH(facts->arena, ret) = (struct webhook_value){name, text ? text : ""};
}

static int find_pact(struct facts *facts, struct err *err)
{
    int code = store_version_by_id(facts->store, facts->row->consumer_version_id, facts->arena,
                                   &facts->consumer_version, err);
    if (code > 0)
        code = store_pact_find(facts->store, facts->row->consumer_version_id,
                               facts->row->provider_id, facts->arena, &facts->pact, err);
    facts->has_pact = code > 0;
    return code < 0 ? code : 0;
}

/* The result an event is about; for events of contracts the one of the provider's main branch. */
static int find_result(struct facts *facts, struct err *err)
{
    const struct triggered *row = facts->row;
    int code = row->verification_id ? store_verification_by_id(facts->store, row->verification_id,
                                                               facts->arena, &facts->result, err)
                                    : store_verification_of_main(facts->store, row->provider_id,
                                                                 row->pact_version_id, facts->arena,
                                                                 &facts->result, err);
    facts->has_result = code > 0;
    int64_t version_id = row->provider_version_id ? row->provider_version_id
                         : code > 0               ? facts->result.provider_version_id
                                                  : 0;
    if (code >= 0 && version_id)
        code = store_version_by_id(facts->store, version_id, facts->arena, &facts->provider_version,
                                   err);
    return code < 0 ? code : 0;
}

static int labels_text(struct facts *facts, int64_t pacticipant_id, const char **ret,
                       struct err *err)
{
    struct buf out BUF_AUTO = BUF_INIT(LIST_MAX);
    struct labels labels = {0};
    int code = store_labels(facts->store, pacticipant_id, facts->arena, &labels, err);
    VEC_EACH(&labels, const struct label *, label)
        buf_printf(&out, "%s%s", out.len ? ", " : "", label->name);
    *ret = arena_strdup(facts->arena, buf_view(&out).ptr);
    return code < 0 ? code : 0;
}

/* Tags, and the branch that the version was put on last. */
static int version_texts(struct facts *facts, int64_t version_id, const char **ret_tags,
                         const char **ret_branch, struct err *err)
{
    struct buf out BUF_AUTO = BUF_INIT(LIST_MAX);
    struct tags tags = {0};
    struct branch_versions branches = {0};
    *ret_tags = *ret_branch = "";
    if (!version_id)
        return 0;
    int code = store_tags(facts->store, version_id, facts->arena, &tags, err);
    if (code >= 0)
        code = store_branch_versions(facts->store, version_id, facts->arena, &branches, err);
    VEC_EACH(&tags, const struct tag *, tag)
        buf_printf(&out, "%s%s", out.len ? ", " : "", tag->name);
    *ret_tags = arena_strdup(facts->arena, buf_view(&out).ptr);
    if (branches.len > 0)
        *ret_branch = branches.items[branches.len - 1].branch;
    return code < 0 ? code : 0;
}

static int set_side(struct facts *facts, bool consumer, struct webhook_values *ret, struct err *err)
{
    const char *tags = NULL, *branch = NULL, *labels = NULL;
    const struct version *version = consumer ? &facts->consumer_version : &facts->provider_version;
    int code = version_texts(facts, version->id, &tags, &branch, err);
    if (code == 0)
        code = labels_text(facts, consumer ? facts->row->consumer_id : facts->row->provider_id,
                           &labels, err);
    set(facts, ret, consumer ? "consumerVersionNumber" : "providerVersionNumber", version->number);
    set(facts, ret, consumer ? "consumerVersionTags" : "providerVersionTags", tags);
    set(facts, ret, consumer ? "consumerVersionBranch" : "providerVersionBranch", branch);
    set(facts, ret, consumer ? "consumerLabels" : "providerLabels", labels);
    return code;
}

/* The content's URL, which carries the consumer version so that the result finds its way back. */
static const char *content_url(struct facts *facts)
{
    const struct publication *pact = &facts->pact;
    return arena_printf(facts->arena, "%s/pacts/provider/%s/consumer/%s/pact-version/%s",
                        facts->row->base, url_encode(facts->arena, str_of(pact->provider)).ptr,
                        url_encode(facts->arena, str_of(pact->consumer)).ptr, pact->sha);
}

static void set_urls(struct facts *facts, struct webhook_values *ret)
{
    const char *content = facts->has_pact ? content_url(facts) : NULL;
    const struct metadata metadata = {.number = facts->consumer_version.number};
    set(facts, ret, "pactUrl",
        content ? arena_printf(facts->arena, "%s/metadata/%s", content,
                               metadata_encode(facts->arena, &metadata))
                : NULL);
    set(facts, ret, "verificationResultUrl",
        content && facts->has_result ? arena_printf(facts->arena, "%s/verification-results/%lld",
                                                    content, (long long)facts->result.number)
                                     : NULL);
}

static void set_statuses(struct facts *facts, struct webhook_values *ret)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        enum verdict verdict = facts->has_result ? facts->result.verdict : VERDICT_PARTIAL;
        set(facts, ret, statuses[i].name,
            verdict == VERDICT_VERIFIED ? statuses[i].verified
            : verdict == VERDICT_FAILED ? statuses[i].failed
                                        : statuses[i].pending);
    }
}

/* Those of the original: no version and no content looks like them. */
#define PLACEHOLDER_VERSION "gggghhhhjjjjkkkkllll66667777888899990000"
#define PLACEHOLDER_CONTENT "5d445a4612743728dfd99ccd4210423c052bb9db"

static void set_placeholders(struct facts *facts, struct webhook_values *ret)
{
    static const char *const texts[][2] = {
        {"consumerName", "placeholder-consumer"},
        {"providerName", "placeholder-provider"},
        {"consumerVersionNumber", PLACEHOLDER_VERSION},
        {"providerVersionNumber", ""},
        {"consumerVersionTags", ""},
        {"providerVersionTags", ""},
        {"consumerVersionBranch", ""},
        {"providerVersionBranch", ""},
        {"consumerLabels", ""},
        {"providerLabels", ""},
        {"verificationResultUrl", ""},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        set(facts, ret, texts[i][0], texts[i][1]);
    set(facts, ret, "pactUrl",
        arena_printf(
            facts->arena,
            "%s/pacts/provider/placeholder-provider/consumer/placeholder-consumer/pact-version/%s",
            facts->row->base, PLACEHOLDER_CONTENT));
}

int webhook_values_of(struct store *store, const struct triggered *row, struct arena *arena,
                      struct webhook_values *ret, struct err *err)
{
    struct facts facts = {.store = store, .row = row, .arena = arena};
    int code = 0;
    if (row->consumer_version_id) {
        code = find_pact(&facts, err);
        if (code == 0 && !facts.has_pact)
            return err_set(err, ERR_NOT_FOUND, "the contract that this is about was deleted");
        if (code == 0)
            code = find_result(&facts, err);
        set(&facts, ret, "consumerName", facts.pact.consumer);
        set(&facts, ret, "providerName", facts.pact.provider);
        if (code == 0)
            code = set_side(&facts, true, ret, err);
        if (code == 0)
            code = set_side(&facts, false, ret, err);
        set_urls(&facts, ret);
    } else {
        set_placeholders(&facts, ret);
    }
    set_statuses(&facts, ret);
    set(&facts, ret, "providerVersionDescriptions", row->description);
    set(&facts, ret, WEBHOOK_DEPLOYED, row->deployed);
    set(&facts, ret, "eventName", webhook_event_name(row->event));
    /* Of the build that made the event happen: it published the result, or else the contract. */
    set(&facts, ret, "buildUrl",
        row->verification_id ? facts.result.build_url : facts.consumer_version.build_url);
    return code;
}
