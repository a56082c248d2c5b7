// SPDX-License-Identifier: Apache-2.0
#include "tests/demo/wallet_repositories.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>
#include <jansson.h>

enum { REPLY_MAX = 1024 * 1024 };

struct reply {
    char *text;
    size_t len;
    long status;
};

static size_t collect(char *data, size_t size, size_t n, void *context)
{
    struct reply *reply = context;
    if (reply->len + size * n > REPLY_MAX)
        return 0;
    char *grown = realloc(reply->text, reply->len + size * n + 1);
    if (!grown)
        return 0;
    reply->text = grown;
    memcpy(reply->text + reply->len, data, size * n);
    reply->len += size * n;
    return size * n;
}

/* One call; `post` NULL for GET. The parsed body, or NULL. */
static json_t *call(const char *bff, const char *path, const char *post, long *ret_status)
{
    char url[1024];
    snprintf(url, sizeof url, "%s%s", bff, path);
    CURL *curl = curl_easy_init();
    struct reply reply = {0};
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 10000L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply);
    if (post) {
        headers = curl_slist_append(headers, "Content-Type: application/json");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post);
    }
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply.status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    json_t *body =
        code == CURLE_OK && reply.text ? json_loadb(reply.text, reply.len, 0, NULL) : NULL;
    free(reply.text);
    if (ret_status)
        *ret_status = reply.status;
    else if (reply.status != 200) {
        json_decref(body);
        return NULL;
    }
    return body;
}

static int text(const json_t *object, const char *name, char ret[WALLET_TEXT])
{
    const char *value = json_string_value(json_object_get(object, name));
    if (!value || strlen(value) >= WALLET_TEXT)
        return -1;
    strcpy(ret, value);
    return 0;
}

static int transaction(const json_t *row, struct wallet_transaction *ret)
{
    const json_t *amount = json_object_get(row, "amount");
    if (!json_is_number(amount) || text(row, "id", ret->id) ||
        text(row, "currency", ret->currency) || text(row, "counterparty", ret->counterparty))
        return -1;
    ret->amount = json_number_value(amount);
    return 0;
}

static json_t *graphql(const char *bff, const char *operation, const char *query, int first)
{
    json_t *request = json_pack("{s:s, s:s, s:{s:i}}", "operationName", operation, "query", query,
                                "variables", "first", first);
    char *body = json_dumps(request, JSON_COMPACT);
    json_t *reply = call(bff, "/graphql", body, NULL);
    free(body);
    json_decref(request);
    return reply;
}

/* What Apollo would send: the document on one line, with __typename added. */
int transactions_page(const char *bff, int first, struct wallet_page *ret)
{
    static const char query[] =
        "query TransactionsPage($first: Int!) { transactions(first: $first) { edges { node { id "
        "amount currency counterparty __typename } } pageInfo { hasNextPage endCursor } } }";
    json_t *reply = graphql(bff, "TransactionsPage", query, first);
    const json_t *page = json_object_get(json_object_get(reply, "data"), "transactions");
    const json_t *edges = json_object_get(page, "edges");
    const json_t *info = json_object_get(page, "pageInfo");
    int status = json_is_array(edges) && json_array_size(edges) <= WALLET_ROWS ? 0 : -1;
    ret->len = status == 0 ? json_array_size(edges) : 0;
    for (size_t i = 0; i < ret->len && status == 0; i++)
        status = transaction(json_object_get(json_array_get(edges, i), "node"), &ret->rows[i]);
    ret->more = json_is_true(json_object_get(info, "hasNextPage"));
    if (status == 0 && ret->more)
        status = text(info, "endCursor", ret->cursor);
    json_decref(reply);
    return status;
}

int transactions_detail(const char *bff, const char *id, struct wallet_transaction *ret)
{
    char path[256];
    snprintf(path, sizeof path, "/v1/transactions/%s", id);
    long http;
    json_t *reply = call(bff, path, NULL, &http);
    int status = http == 404 ? 1 : http == 200 ? transaction(reply, ret) : -1;
    json_decref(reply);
    return status;
}

int transactions_delta(const char *bff, const char *watermark, struct wallet_delta *ret)
{
    char path[256];
    snprintf(path, sizeof path, "/v1/transactions?since=%s&limit=20", watermark);
    json_t *reply = call(bff, path, NULL, NULL);
    const json_t *items = json_object_get(reply, "items");
    const json_t *deleted = json_object_get(reply, "deleted");
    int status = json_is_array(items) && json_array_size(items) <= WALLET_ROWS &&
                         json_is_array(deleted) && json_array_size(deleted) <= WALLET_ROWS
                     ? text(reply, "watermark", ret->watermark)
                     : -1;
    ret->changed.len = status == 0 ? json_array_size(items) : 0;
    for (size_t i = 0; i < ret->changed.len && status == 0; i++)
        status = transaction(json_array_get(items, i), &ret->changed.rows[i]);
    ret->deleted_len = status == 0 ? json_array_size(deleted) : 0;
    for (size_t i = 0; i < ret->deleted_len && status == 0; i++)
        status = text(json_array_get(deleted, i), "id", ret->deleted[i]);
    json_decref(reply);
    return status;
}

int users_me(const char *bff, struct wallet_user *ret)
{
    json_t *reply = call(bff, "/v1/me", NULL, NULL);
    int status = text(reply, "id", ret->id) || text(reply, "displayName", ret->name) ? -1 : 0;
    json_decref(reply);
    return status;
}

int products_list(const char *bff, int first, struct wallet_products *ret)
{
    static const char query[] = "query Products($first: Int!) { products(first: $first) { edges { "
                                "node { id name __typename } } } }";
    json_t *reply = graphql(bff, "Products", query, first);
    const json_t *edges =
        json_object_get(json_object_get(json_object_get(reply, "data"), "products"), "edges");
    int status = json_is_array(edges) && json_array_size(edges) <= WALLET_ROWS ? 0 : -1;
    ret->len = status == 0 ? json_array_size(edges) : 0;
    for (size_t i = 0; i < ret->len && status == 0; i++) {
        const json_t *node = json_object_get(json_array_get(edges, i), "node");
        status =
            text(node, "id", ret->rows[i].id) || text(node, "name", ret->rows[i].name) ? -1 : 0;
    }
    json_decref(reply);
    return status;
}

int notifications_get(const char *bff, const char *id, struct wallet_notification *ret)
{
    char path[256];
    snprintf(path, sizeof path, "/v1/notifications/%s", id);
    json_t *reply = call(bff, path, NULL, NULL);
    int status = text(reply, "id", ret->id) || text(reply, "title", ret->title) ? -1 : 0;
    json_decref(reply);
    return status;
}

int notifications_received(const char *payload, size_t len, char ret_id[WALLET_TEXT])
{
    json_t *push = json_loadb(payload, len, 0, NULL);
    const json_t *data = json_object_get(json_object_get(push, "message"), "data");
    int status = text(data, "notification_id", ret_id);
    json_decref(push);
    return status;
}
