// SPDX-License-Identifier: Apache-2.0
/* Pages for people: the integrations, what a relation of the API is about. */
#include "broker/routes.h"

#include "broker/dashboard.h"
#include "broker/html.h"
#include "broker/links.h"
#include "broker/results.h"
#include "broker/webhook.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/json/json.h"

enum { INDEX_PAGE = 30 };

/* ---- the index ---- */

static void put_integration(struct buf *out, struct call *call, const struct dashboard_row *row)
{
    const struct publication *pact = &row->pact;
    html_put(out, "<tr><td>{}</td><td>{}</td><td><a href=\"{}\">{}</a></td><td>{}</td><td>",
             pact->consumer, pact->provider, link_pact(call, pact), pact->number,
             call_time(call, pact->created_at));
    html_mark(out, standing_name(row->standing));
    if (row->judged)
        html_put(out, " <span class=\"dim\">by {}, {}</span>", row->result.provider_number,
                 results_completeness(&row->result));
    buf_puts(out, "</td><td>");
    html_mark(out, row->webhooks);
    html_put(out, "</td><td><a href=\"{}\">matrix</a></td></tr>\n",
             link_to(call, "/matrix/provider/{}/consumer/{}", pact->provider, pact->consumer));
}

static void put_steps(struct buf *out, struct call *call, const struct page *page)
{
    struct json *links = json_new_object(call->arena), *body = json_new_object(call->arena);
    call_page_members(call, page, body, links);
    static const char *const steps[][2] = {{"previous", "newer"}, {"next", "older"}};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct str href = json_get_text(json_get(links, steps[i][0]), "href");
        if (href.ptr)
            html_put(out, "<a href=\"{}\">{}</a> ", str_cstr(call->arena, href), steps[i][1]);
    }
}

int index_page(struct call *call, struct err *err)
{
    struct page page = {0};
    struct integrations pairs = {0};
    struct dashboard rows = {0};
    if (!call_page(call, &page))
        return 0;
    page.size = page.size ? page.size : INDEX_PAGE;
    const char *q = call_query(call, "q");
    int code = store_integrations(call->store, q, &page, call->arena, &pairs, err);
    VEC_EACH(&pairs, const struct integration *, pair) {
        if (code >= 0)
            code = dashboard_of(call->store, pair, false, call->arena, &rows, err);
    }
    if (code < 0)
        return code;
    BUF_AUTO struct buf out = BUF_INIT(HTML_MAX);
    html_begin(&out, call, "Contracts");
    html_put(&out,
             "<form action=\"{}/\"><input name=\"q\" value=\"{}\" aria-label=\"name\"> "
             "<button>Search</button></form>\n",
             call->base, q);
    if (rows.len == 0)
        buf_puts(&out, "<p>No contract is published here yet.</p>\n");
    else
        buf_puts(&out, "<table><thead><tr><th>Consumer<th>Provider<th>Version<th>Published"
                       "<th>Verification<th>Webhooks<th></tr></thead>\n<tbody>");
    VEC_EACH(&rows, const struct dashboard_row *, row)
        put_integration(&out, call, row);
    buf_puts(&out, rows.len ? "</tbody></table>\n<p>" : "<p>");
    put_steps(&out, call, &page);
    buf_puts(&out, "</p><p class=\"dim\">As JSON:");
    static const char *const lists[][2] = {{"/pacts/latest", "latest contracts"},
                                           {"/pacticipants", "pacticipants"},
                                           {"/environments", "environments"},
                                           {"/integrations", "integrations"},
                                           {"/dashboard", "dashboard"},
                                           {"/webhooks", "webhooks"},
                                           {"/metrics", "metrics"}};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        html_put(&out, " <a href=\"{}\">{}</a>", link_to(call, lists[i][0]), lists[i][1]);
    buf_puts(&out, "</p>\n");
    return html_answer(&out, call, 200);
}

/* ---- relations ---- */

static const struct {
    const char *rel, *path, *text;
} relations[] = {
    {"publish-pact", "/pacts/provider/{}/consumer/{}/version/{}",
     "Publishes one contract of one consumer version. Other content for a version that has one is "
     "refused; PATCH adds interactions to it."},
    {"publish-contracts", "/contracts/publish",
     "Publishes all the contracts of a consumer version in one step, with its branch and tags."},
    {"latest-pact-versions", "/pacts/latest", "The latest contract of every integration."},
    {"latest-pact-version", "/pacts/provider/{}/consumer/{}/latest",
     "The latest contract between the two."},
    {"pact-version", "/pacts/provider/{}/consumer/{}/pact-version/{}",
     "A contract by its content: versions with the same content share it and its results."},
    {"all-pact-versions", "/pacts/provider/{}/consumer/{}/versions",
     "Every published version of the contract between the two, newest first."},
    {"previous-distinct", "/pacts/provider/{}/consumer/{}/version/{}/previous-distinct",
     "The last earlier contract whose content was different."},
    {"diff-previous-distinct", "/pacts/provider/{}/consumer/{}/version/{}/diff/previous-distinct",
     "What changed since the last earlier contract with other content, as text."},
    {"tagged-pact-versions", "/pacts/provider/{}/consumer/{}/tag/{}",
     "The contracts of consumer versions with a tag."},
    {"branch-pact-versions", "/pacts/provider/{}/consumer/{}/branch/{}",
     "The contracts of consumer versions on a branch."},
    {"latest-provider-pacts", "/pacts/provider/{}/latest",
     "The latest contract of each consumer of a provider."},
    {"provider-pacts", "/pacts/provider/{}", "Every contract that names this provider."},
    {"provider-pacts-for-verification", "/pacts/provider/{}/for-verification",
     "The contracts that a provider build should verify, chosen by selectors, with the reasons."},
    {"publish-verification-results",
     "/pacts/provider/{}/consumer/{}/pact-version/{}/verification-results",
     "Records what a provider version made of a contract."},
    {"pacticipants", "/pacticipants", "The applications that take part, as consumer or provider."},
    {"pacticipant", "/pacticipants/{}", "One application; deleting it takes its contracts away."},
    {"versions", "/pacticipants/{}/versions", "The versions of an application, newest first."},
    {"version", "/pacticipants/{}/versions/{}", "One version, with its branches and tags."},
    {"pacticipant-version", "/pacticipants/{}/versions/{}",
     "One version, with its branches and tags."},
    {"latest-version", "/pacticipants/{}/latest-version", "The version that was created last."},
    {"latest-tagged-version", "/pacticipants/{}/latest-version/{}", "The last version with a tag."},
    {"version-tag", "/pacticipants/{}/versions/{}/tags/{}", "Puts a tag on a version."},
    {"pacticipant-version-tag", "/pacticipants/{}/versions/{}/tags/{}", "Puts a tag on a version."},
    {"branches", "/pacticipants/{}/branches", "The branches that versions were built from."},
    {"pacticipant-branch", "/pacticipants/{}/branches/{}",
     "One branch; deleting it keeps its versions."},
    {"branch-version", "/pacticipants/{}/branches/{}/versions/{}", "Puts a version on a branch."},
    {"pacticipant-branch-version", "/pacticipants/{}/branches/{}/versions/{}",
     "Puts a version on a branch."},
    {"label", "/pacticipants/{}/labels/{}", "A label groups applications, for webhooks too."},
    {"environments", "/environments", "The places that versions are deployed or released to."},
    {"environment", "/environments/{}", "One such place."},
    {"currently-deployed-deployed-versions",
     "/environments/{}/deployed-versions/currently-deployed", "What runs in an environment now."},
    {"currently-supported-released-versions",
     "/environments/{}/released-versions/currently-supported",
     "What was released to an environment and is still supported there."},
    {"record-deployment", "/pacticipants/{}/versions/{}/deployed-versions/environment/{}",
     "Says that a version runs in an environment now, in place of the one before."},
    {"record-release", "/pacticipants/{}/versions/{}/released-versions/environment/{}",
     "Says that a version is out in an environment, beside those that were released before."},
    {"can-i-deploy-pacticipant-version-to-environment", "/can-i-deploy",
     "Whether everything that a version meets in an environment is proven to work with it."},
    {"can-i-deploy-pacticipant-version-to-tag", "/can-i-deploy",
     "The same for the versions that carry a tag."},
    {"integrations", "/integrations", "Which consumers use which providers."},
    {"webhooks", "/webhooks", "Requests that the broker sends when something happens."},
    {"webhook", "/webhooks/{}", "One of these requests."},
    {"create", "/webhooks", "Creates a webhook."},
    {"execute", "/webhooks/{}/execute", "Sends a webhook's request once, as a trial."},
    {"pact-webhooks", "/webhooks/provider/{}/consumer/{}", "The webhooks of one integration."},
    {"triggered-webhooks", "/pacts/provider/{}/consumer/{}/version/{}/triggered-webhooks",
     "What was sent because of a contract, and what came of it."},
    {"metrics", "/metrics", "How much there is of everything."},
    {"pacts", "/pacts/provider/{}/consumer/{}/version/{}", "Contracts, one link for each."},
    {"consumer", "/pacticipants/{}", "The application that uses the other one."},
    {"provider", "/pacticipants/{}", "The application that is used."},
    {"consumer-version", "/pacticipants/{}/versions/{}", "The version that has this contract."},
    {"consumer-versions", "/pacticipants/{}/versions/{}", "The versions that have this contract."},
    {"pact-versions", "/pacts/provider/{}/consumer/{}/version/{}",
     "The contracts of this version."},
    {"latest-untagged-pact-version", "/pacts/provider/{}/consumer/{}/latest-untagged",
     "The latest contract of a version without tags."},
    {"latest-tagged-pact-version", "/pacts/provider/{}/consumer/{}/latest/{}",
     "The latest contract of a version with a tag."},
    {"diff", "/pacts/provider/{}/consumer/{}/pact-version/{}/diff/pact-version/{}",
     "What differs between two contracts, as text."},
    {"latest-verification-results",
     "/pacts/provider/{}/consumer/{}/pact-version/{}/verification-results/latest",
     "The last result for this content."},
    {"latest-verification-results-where-pacticipant-is-consumer",
     "/verification-results/consumer/{}/version/{}/latest",
     "The last results for every contract of this version."},
    {"matrix-for-consumer-version", "/matrix", "What this version was verified with."},
    {"consumer-webhooks", "/webhooks/consumer/{}", "The webhooks of every contract of a consumer."},
    {"tag", "/pacticipants/{}/versions/{}/tags/{}", "Reads, puts or removes a tag of a version."},
    {"tag-version", "/pacticipants/{}/versions/{}/tags/{}", "Puts a tag on this version."},
    {"tag-prod-version", "/pacticipants/{}/versions/{}/tags/{}",
     "Puts the tag \"prod\" on this version."},
    {"deployed-environments", "/deployed-versions/{}", "Where this version runs."},
    {"released-environments", "/released-versions/{}", "Where this version is supported."},
    {"pacticipants-with-label", "/pacticipants/label/{}", "The applications with a label."},
    {"can-i-deploy-badge", "/pacticipants/{}/latest-version/{}/can-i-deploy/to/{}/badge",
     "Whether the latest version with a tag may be deployed, as a picture."},
    {"can-i-deploy-branch-to-environment-badge",
     "/pacticipants/{}/branches/{}/latest-version/can-i-deploy/to-environment/{}/badge",
     "Whether the latest version of a branch may be deployed, as a picture."},
};

/* Whatever the parameters are called; b may have a query. */
static bool same_path(const char *a, const char *b)
{
    while (*a && *b && *a == *b) {
        if (*a == '{') {
            a = strchr(a, '}');
            b = strchr(b, '}');
        }
        a++;
        b++;
    }
    return *a == 0 && (*b == 0 || *b == '?');
}

static void put_methods(struct buf *out, const char *path)
{
    buf_puts(out, "<ul>\n");
    for (size_t i = 0; i < routes_len; i++) {
        if (same_path(routes[i].template, path))
            html_put(out, "<li><code>{} {}</code></li>\n", routes[i].method, routes[i].template);
    }
    buf_puts(out, "</ul>\n");
}

/* "pb:webhooks-execute" -> "execute" */
static const char *bare(const char *rel)
{
    const char *colon = strchr(rel, ':');
    rel = colon ? colon + 1 : rel;
    return strncmp(rel, "webhooks-", 9) == 0 ? rel + 9 : rel;
}

/* Refusals of webhooks lead here. */
static void put_whitelist(struct buf *out, struct call *call)
{
    const struct webhook_config *config = &call->webhooks->config;
    html_put(
        out,
        "<h2 id=\"whitelist\">What they may call</h2>\n"
        "<p>Whoever runs this broker decides: methods <code>{}</code>, schemes "
        "<code>{}</code>, hosts <code>{}</code> (<code>--webhook-http-method-whitelist</code>, "
        "<code>--webhook-scheme-whitelist</code>, <code>--webhook-host-whitelist</code>). "
        "Answers are shown only when hosts are named.</p>\n",
        config->methods, config->schemes, config->hosts[0] ? config->hosts : "any public one");
}

static int answer_doc(struct call *call, const char *rel, const char *path, const char *words)
{
    BUF_AUTO struct buf out = BUF_INIT(HTML_MAX);
    html_begin(&out, call, rel);
    html_put(&out, "<p>{}</p>\n", words);
    put_methods(&out, path);
    if (strcmp(rel, "webhooks") == 0)
        put_whitelist(&out, call);
    return html_answer(&out, call, 200);
}

int doc_get(struct call *call, struct err *err)
{
    (void)err;
    const char *rel = bare(call_param(call, "rel")), *path = NULL, *title = NULL;
    for (size_t i = 0; i < sizeof relations / sizeof *relations; i++) {
        if (strcmp(relations[i].rel, rel) == 0)
            return answer_doc(call, rel, relations[i].path, relations[i].text);
    }
    if (index_relation(rel, &path, &title))
        return answer_doc(call, rel, path, title);
    return call_not_found(call);
}

/* What a failure of the broker looks like, for whoever sets up its monitoring. */
int test_error(struct call *call, struct err *err)
{
    (void)call;
    return err_set(err, ERR_INTERNAL, "this error was asked for");
}
