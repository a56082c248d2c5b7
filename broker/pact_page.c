// SPDX-License-Identifier: Apache-2.0
#include "broker/pact_page.h"

#include "broker/call.h"
#include "broker/dashboard.h"
#include "broker/html.h"
#include "broker/links.h"
#include "broker/results.h"
#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/describe.h"
#include "lib/contract/operation.h"
#include "lib/contract/pact.h"

struct page_view {
    struct call *call;
    struct buf *out;
};

static const char *text(struct page_view *view, struct str s)
{
    return str_cstr(view->call->arena, s);
}

static const char *pretty(struct page_view *view, const struct json *value)
{
    return text(view, json_to_str(view->call->arena, value, JSON_PRETTY));
}

/* ---- parts of an interaction ---- */

static void put_body(struct page_view *view, const struct pact_body *body)
{
    switch (body->state) {
    case PACT_BODY_MISSING:
        return;
    case PACT_BODY_NULL:
        html_put(view->out, "<pre>null</pre>\n");
        return;
    case PACT_BODY_EMPTY:
        html_put(view->out, "<p class=\"dim\">empty body</p>\n");
        return;
    case PACT_BODY_PRESENT:
        break;
    }
    size_t at = 0;
    if (body->json)
        html_put(view->out, "<pre>{}</pre>\n", pretty(view, body->json));
    else if (str_is_utf8(body->bytes, &at) && str_chr(body->bytes, 0) < 0)
        html_put(view->out, "<pre>{}</pre>\n", text(view, body->bytes));
    else
        html_put(view->out, "<p class=\"dim\">{} bytes of {}</p>\n",
                 arena_printf(view->call->arena, "%zu", body->bytes.len),
                 body->content_type.ptr ? text(view, body->content_type) : "data");
}

static void put_headers(struct page_view *view, const struct pact_headers *headers)
{
    if (headers->len == 0)
        return;
    buf_puts(view->out, "<pre>");
    VEC_EACH(headers, const struct pact_header *, header) {
        html_put(view->out, "{}:", text(view, header->name));
        const char *mark = " ";
        VEC_EACH(&header->values, const struct str *, value) {
            html_put(view->out, "{}{}", mark, text(view, *value));
            mark = ", ";
        }
        buf_putc(view->out, '\n');
    }
    buf_puts(view->out, "</pre>\n");
}

static void put_words(struct page_view *view, const char *title, const struct descriptions *rows)
{
    if (rows->len == 0)
        return;
    html_put(view->out, "<table><thead><tr><th>{}<th></tr></thead><tbody>\n", title);
    VEC_EACH(rows, const struct described *, row)
        html_put(view->out, "<tr><td><code>{}</code></td><td>{}</td></tr>\n",
                 text(view, row->where), text(view, row->what));
    buf_puts(view->out, "</tbody></table>\n");
}

static void put_rules(struct page_view *view, const struct rules *rules,
                      const struct generators *generators)
{
    struct descriptions matched = {0}, generated = {0};
    describe_rules(rules, view->call->arena, &matched);
    describe_generators(generators, view->call->arena, &generated);
    put_words(view, "Matched", &matched);
    put_words(view, "Generated", &generated);
}

static void put_query(struct page_view *view, const struct pact_query *query)
{
    const char *mark = "?";
    VEC_EACH(&query->params, const struct url_param *, param) {
        html_put(view->out, "{}{}", mark, text(view, param->name));
        if (param->value.ptr)
            html_put(view->out, "={}", text(view, param->value));
        mark = "&";
    }
}

static void put_http(struct page_view *view, const struct pact_interaction *row)
{
    html_put(view->out, "<h3>Request</h3>\n<pre>{} {}", text(view, row->request.method),
             text(view, row->request.path));
    put_query(view, &row->request.query);
    buf_puts(view->out, "</pre>\n");
    put_headers(view, &row->request.headers);
    put_body(view, &row->request.body);
    put_rules(view, row->request.rules, row->request.generators);
    html_put(view->out, "<h3>Response</h3>\n<pre>{}</pre>\n",
             arena_printf(view->call->arena, "%d", row->response.status));
    put_headers(view, &row->response.headers);
    put_body(view, &row->response.body);
    put_rules(view, row->response.rules, row->response.generators);
}

static void put_message(struct page_view *view, const char *title,
                        const struct pact_message *message)
{
    html_put(view->out, "<h3>{}</h3>\n", title);
    if (json_len(message->metadata) > 0)
        html_put(view->out, "<pre>{}</pre>\n", pretty(view, message->metadata));
    put_body(view, &message->body);
    put_rules(view, message->rules, message->generators);
}

static void put_heading(struct page_view *view, const struct pact_interaction *row)
{
    html_put(view->out, "<section><h2>{}",
             row->description.ptr ? text(view, row->description) : "");
    if (row->pending)
        html_put(view->out, " <span class=\"mark\">pending</span>");
    buf_puts(view->out, "</h2>\n");
    VEC_EACH(&row->states, const struct pact_state *, state) {
        html_put(view->out, "<p>Given <em>{}</em>", text(view, state->name));
        if (json_len(state->params) > 0)
            html_put(view->out, " <code>{}</code>",
                     text(view, json_to_str(view->call->arena, state->params, JSON_COMPACT)));
        buf_puts(view->out, "</p>\n");
    }
}

static void put_interaction(struct page_view *view, const struct pact_interaction *row)
{
    put_heading(view, row);
    struct str operation = operation_of(row, view->call->arena);
    if (operation.ptr)
        html_put(view->out, "<p class=\"dim\">{}</p>\n", text(view, operation));
    if (row->kind == PACT_HTTP) {
        put_http(view, row);
    } else {
        put_message(view, row->kind == PACT_MESSAGE ? "Message" : "Request", &row->message);
        VEC_EACH(&row->replies, const struct pact_message *, reply)
            put_message(view, "Reply", reply);
    }
    buf_puts(view->out, "</section>\n");
}

static void put_contract(struct page_view *view, const struct pact *contract)
{
    VEC_EACH(&contract->interactions, const struct pact_interaction *, row)
        put_interaction(view, row);
    VEC_EACH(&contract->unknown, const struct pact_unknown *, row) {
        put_heading(view, &row->said);
        html_put(view->out, "<p>Of a type that is not known: {}</p><pre>{}</pre></section>\n",
                 row->type.ptr ? text(view, row->type) : "none given", pretty(view, row->raw));
    }
}

/* ---- the page ---- */

static int put_version(struct page_view *view, const struct publication *pact, struct err *err)
{
    struct call *call = view->call;
    struct branch_versions branches = {0};
    struct tags tags = {0};
    int code =
        store_branch_versions(call->store, pact->consumer_version_id, call->arena, &branches, err);
    if (code >= 0)
        code = store_tags(call->store, pact->consumer_version_id, call->arena, &tags, err);
    if (code < 0)
        return code;
    html_put(view->out, "<p>Published {}", call_time(call, pact->created_at));
    VEC_EACH(&branches, const struct branch_version *, branch)
        html_put(view->out, ", branch <code>{}</code>", branch->branch);
    VEC_EACH(&tags, const struct tag *, tag)
        html_put(view->out, ", tag <code>{}</code>", tag->name);
    html_put(view->out, ", content <code>{}</code></p>\n", pact->sha);
    return 0;
}

static void put_standing(struct page_view *view, const struct dashboard_row *row)
{
    const struct publication *pact = &row->pact;
    struct call *call = view->call;
    const char *badge = link_to(call, "/pacts/provider/{}/consumer/{}/latest/badge.svg",
                                pact->provider, pact->consumer);
    buf_puts(view->out, "<p>Verification: ");
    html_mark(view->out, standing_name(row->standing));
    if (row->judged)
        html_put(view->out, " by version {} of {}, {}, {}", row->result.provider_number,
                 pact->provider, results_completeness(&row->result),
                 call_time(call, row->result.created_at));
    html_put(view->out,
             "</p>\n<p class=\"dim\">Latest contract: <img src=\"{}\" alt=\"badge of the latest "
             "contract\"></p>\n",
             badge);
}

static void put_links(struct page_view *view, const struct publication *pact)
{
    struct call *call = view->call;
    const char *self = link_pact(call, pact);
    html_put(
        view->out,
        "<p><a href=\"{}.json\">JSON</a> <a href=\"{}\">matrix</a> <a href=\"{}\">versions</a> "
        "<a href=\"{}/diff/previous-distinct\">what changed</a> <a "
        "href=\"{}\">webhooks</a></p>\n",
        self, link_to(call, "/matrix/provider/{}/consumer/{}", pact->provider, pact->consumer),
        link_to(call, "/pacts/provider/{}/consumer/{}/versions", pact->provider, pact->consumer),
        self, link_to(call, "/webhooks/provider/{}/consumer/{}", pact->provider, pact->consumer));
}

int pact_page(struct call *call, const struct publication *pact, struct str content,
              struct err *err)
{
    BUF_AUTO struct buf out = BUF_INIT(HTML_MAX);
    struct page_view view = {call, &out};
    struct dashboard_row row = {.pact = *pact};
    struct pact *contract = NULL;
    struct err unread = ERR_INIT;
    int code = dashboard_judge(call->store, call->arena, &row, err);
    if (code < 0)
        return code;
    html_begin(&out, call, link_pact_name(call, pact));
    code = put_version(&view, pact, err);
    if (code < 0)
        return code;
    put_standing(&view, &row);
    put_links(&view, pact);
    if (pact_read(content, "stored contract", call->arena, &contract, &unread) == 0)
        put_contract(&view, contract);
    else
        html_put(&out, "<p>This is not a contract as Tally knows them: {}</p>\n<pre>{}</pre>\n",
                 unread.text, text(&view, content));
    return html_answer(&out, call, 200);
}
