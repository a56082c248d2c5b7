// SPDX-License-Identifier: Apache-2.0
/* Who depends on whom: the relationships of all and of one group as CSV, integrations as a graph.
 */
#include "broker/routes.h"

#include "broker/store.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/base/map.h"

#define NETWORK_MAX (16 * 1024 * 1024)

struct node {
    int64_t id;
    const char *name;
    bool reached;
    struct {
        VEC_OF(struct node *);
    } providers, neighbours;
};
struct network {
    struct arena *arena;
    struct map *by_name;
};

static struct node *need(struct network *network, int64_t id, const char *name)
{
    void **slot = map_slot(network->by_name, str_of(name));
    struct node *node = *slot;
    if (!node) {
        node = *slot = ARENA_NEW(network->arena, struct node);
        *node = (struct node){.id = id, .name = name};
    }
    return node;
}

static int load(struct call *call, struct network *ret, struct err *err)
{
    struct page page = {0};
    struct integrations rows = {0};
    *ret = (struct network){call->arena, map_new(call->arena)};
    int code = store_integrations(call->store, NULL, &page, call->arena, &rows, err);
    VEC_EACH(&rows, const struct integration *, row) {
        struct node *consumer = need(ret, row->consumer_id, row->consumer),
                    *provider = need(ret, row->provider_id, row->provider);
        *VEC_PUSH(call->arena, &consumer->providers) = provider;
        *VEC_PUSH(call->arena, &consumer->neighbours) = provider;
        *VEC_PUSH(call->arena, &provider->neighbours) = consumer;
    }
    return code < 0 ? code : 0;
}

/* RFC 4180: quoted when it must be. */
static void put_cell(struct buf *out, const char *text)
{
    bool quote = strpbrk(text, ",\"\r\n") != NULL;
    if (quote)
        buf_putc(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            buf_putc(out, '"');
        buf_putc(out, *text);
    }
    if (quote)
        buf_putc(out, '"');
}

/* id,name,1,1,0,order,provider ids padded with 0: what the network diagram of the original reads.
 */
static int answer_csv(struct call *call, const struct network *network)
{
    BUF_AUTO struct buf out = BUF_INIT(NETWORK_MAX);
    size_t widest = 0, order = 0;
    for (size_t i = 0; i < map_len(network->by_name); i++) {
        const struct node *node = map_at(network->by_name, i)->value;
        if (node->reached && node->providers.len > widest)
            widest = node->providers.len;
    }
    for (size_t i = 0; i < map_len(network->by_name); i++) {
        const struct node *node = map_at(network->by_name, i)->value;
        if (!node->reached)
            continue;
        buf_printf(&out, "%lld,", (long long)node->id);
        put_cell(&out, node->name);
        buf_printf(&out, ",1,1,0,%zu", order++);
        for (size_t k = 0; k < widest; k++)
            buf_printf(&out, ",%lld",
                       k < node->providers.len ? (long long)node->providers.items[k]->id : 0);
        buf_putc(&out, '\n');
    }
    if (out.overflow)
        return call_error(call, 500, "the network is too large to be listed");
    return call_text(call, 200, "text/csv;charset=utf-8", str_dup(call->arena, buf_view(&out)));
}

int relationships_get(struct call *call, struct err *err)
{
    struct network network = {0};
    int code = load(call, &network, err);
    if (code < 0)
        return code;
    for (size_t i = 0; i < map_len(network.by_name); i++)
        ((struct node *)map_at(network.by_name, i)->value)->reached = true;
    return answer_csv(call, &network);
}

/* Everything that is connected with the start, nearest first, up to a number of nodes. */
static void reach(struct arena *arena, struct node *start, int64_t most)
{
    struct {
        VEC_OF(struct node *);
    } queue = {0};
    start->reached = true;
    *VEC_PUSH(arena, &queue) = start;
    for (size_t i = 0; i < queue.len; i++) {
        VEC_EACH(&queue.items[i]->neighbours, struct node **, next) {
            if ((*next)->reached || (most > 0 && (int64_t)queue.len >= most))
                continue;
            (*next)->reached = true;
            *VEC_PUSH(arena, &queue) = *next;
        }
    }
}

int group_get(struct call *call, struct err *err)
{
    struct pacticipant row = {0};
    struct network network = {0};
    int64_t most = 0;
    const char *limit = call_query(call, "maxPacticipants");
    int code = call_pacticipant(call, "pacticipant", "pacticipant", &row, err);
    if (code <= 0)
        return code;
    if (limit && !str_to_i64(str_of(limit), 1, INT32_MAX, &most))
        return call_error(call, 400, "maxPacticipants must be a whole number from 1 on");
    code = load(call, &network, err);
    if (code < 0)
        return code;
    reach(call->arena, need(&network, row.id, row.name), most);
    return answer_csv(call, &network);
}

/* ---- integrations as a graph ---- */

static void put_name(struct buf *out, const char *name)
{
    for (; *name; name++)
        buf_putc(out, *name == ' ' || *name == '"' ? '_' : *name);
}

int integrations_graph(struct call *call, const struct integrations *rows)
{
    BUF_AUTO struct buf out = BUF_INIT(NETWORK_MAX);
    buf_puts(&out, "digraph {\n");
    VEC_EACH(rows, const struct integration *, row) {
        buf_puts(&out, "  \"");
        put_name(&out, row->consumer);
        buf_puts(&out, "\" -> \"");
        put_name(&out, row->provider);
        buf_puts(&out, "\"\n");
    }
    buf_puts(&out, "}\n");
    if (out.overflow)
        return call_error(call, 500, "the network is too large to be drawn");
    return call_text(call, 200, "text/vnd.graphviz;charset=utf-8",
                     str_dup(call->arena, buf_view(&out)));
}

int integrations_delete(struct call *call, struct err *err)
{
    struct page page = {0};
    struct integrations rows = {0};
    int code = store_integrations(call->store, NULL, &page, call->arena, &rows, err);
    VEC_EACH(&rows, const struct integration *, row) {
        if (code >= 0)
            code = integration_remove(call, row, err);
        if (code <= 0)
            return code;
    }
    return code < 0 ? code : call_empty(call, 204);
}
