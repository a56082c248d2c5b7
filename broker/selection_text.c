// SPDX-License-Identifier: Apache-2.0
#include "broker/selection_text.h"

#include <stdbool.h>

#include "broker/selection.h"
#include "lib/base/arena.h"
#include "lib/base/buf.h"

#define READ_PENDING "Read more at https://docs.pact.io/go/pending"
#define READ_WIP     "Read more at https://docs.pact.io/go/wip"

enum { TEXT_MAX = 64 * 1024 };

static const char *short_reason(struct arena *arena, const struct reason *reason)
{
    switch (reason->selector.kind) {
    case SELECT_MAIN_BRANCH:
        return "latest from main branch";
    case SELECT_BRANCH:
    case SELECT_BRANCH_HEADS:
        return arena_printf(arena, "latest from branch %s", reason->branch);
    case SELECT_TAG:
        return arena_printf(arena, "one of %s%s%s",
                            reason->selector.consumer ? reason->selector.consumer : "",
                            reason->selector.consumer ? " " : "", reason->branch);
    case SELECT_LATEST_TAG:
    case SELECT_TAG_HEADS:
        return arena_printf(arena, "latest with tag %s", reason->branch);
    case SELECT_DEPLOYED:
        return arena_printf(arena, "deployed to %s", reason->environment);
    case SELECT_RELEASED:
        return arena_printf(arena, "released in %s", reason->environment);
    case SELECT_LATEST:
    case SELECT_ENVIRONMENT:
        break;
    }
    return "latest";
}

const char *selection_short(struct arena *arena, const struct selected *row)
{
    struct buf out BUF_AUTO = BUF_INIT(TEXT_MAX);
    for (size_t i = 0; i < row->reasons.len; i++) {
        const char *text = short_reason(arena, &row->reasons.items[i]);
        bool said = false;
        for (size_t k = 0; k < i; k++)
            said |= strcmp(short_reason(arena, &row->reasons.items[k]), text) == 0;
        if (!said)
            buf_printf(&out, "%s%s", out.len ? ", " : "", text);
    }
    return arena_strdup(arena, buf_view(&out).ptr);
}

static const char *long_reason(struct arena *arena, const struct reason *reason,
                               const char *provider)
{
    const char *who = reason->selector.consumer ? reason->selector.consumer : NULL;
    const char *of = who ? arena_printf(arena, " of %s", who) : "";
    switch (reason->selector.kind) {
    case SELECT_MAIN_BRANCH:
        return arena_printf(arena, "latest version%s from the main branch '%s' (%s)", of,
                            reason->branch, reason->number);
    case SELECT_BRANCH:
    case SELECT_BRANCH_HEADS:
        return arena_printf(arena, "latest version%s from %sbranch '%s' (%s)", of,
                            reason->selector.is_fallback ? "fallback " : "", reason->branch,
                            reason->number);
    case SELECT_TAG:
        return arena_printf(arena, "all versions%s tagged '%s' (%s)", of, reason->branch,
                            reason->number);
    case SELECT_LATEST_TAG:
    case SELECT_TAG_HEADS:
        return arena_printf(arena, "latest version%s tagged '%s'%s (%s)", of, reason->branch,
                            reason->selector.is_fallback ? " (fallback tag)" : "", reason->number);
    case SELECT_DEPLOYED:
        return arena_printf(arena, "version%s currently deployed to %s (%s)", of,
                            reason->environment, reason->number);
    case SELECT_RELEASED:
        return arena_printf(arena, "version%s currently released and supported in %s (%s)", of,
                            reason->environment, reason->number);
    case SELECT_LATEST:
    case SELECT_ENVIRONMENT:
        break;
    }
    return arena_printf(arena, "latest version%s that has a pact with %s (%s)",
                        who ? of : " of a consumer", provider, reason->number);
}

static const char *tag_list(struct arena *arena, const struct selection *selection)
{
    struct buf out BUF_AUTO = BUF_INIT(TEXT_MAX);
    for (size_t i = 0; i < selection->tags.len; i++)
        buf_printf(&out, "%s'%s'",
                   i == 0                         ? ""
                   : i + 1 == selection->tags.len ? " and "
                                                  : ", ",
                   selection->tags.items[i]);
    return arena_strdup(arena, buf_view(&out).ptr);
}

/* "a version of P from branch 'main'", "... with tag 'dev'", "a version of P" */
static const char *provider_version(struct arena *arena, const struct selection *selection,
                                    const char *article, const char *provider)
{
    if (selection->branch)
        return arena_printf(arena, "%s version of %s from branch '%s'", article, provider,
                            selection->branch);
    if (selection->tags.len > 0)
        return arena_printf(arena, "%s version of %s with tag %s", article, provider,
                            tag_list(arena, selection));
    return arena_printf(arena, "%s version of %s", article, provider);
}

const char *selection_inclusion(struct arena *arena, const struct selected *row,
                                const struct selection *selection, const char *provider,
                                const char *url)
{
    struct buf list BUF_AUTO = BUF_INIT(TEXT_MAX);
    for (size_t i = 0; i < row->reasons.len; i++)
        buf_printf(&list, "%s    * %s", i ? "\n" : "",
                   long_reason(arena, &row->reasons.items[i], provider));
    bool many = row->reasons.len > 1;
    if (row->wip)
        return arena_printf(
            arena,
            "The pact at %s is being verified because it is a 'work in progress' pact (ie. it is "
            "the pact for the latest version%s of %s and it has not yet been successfully verified "
            "by %s:\n%s\n). " READ_WIP,
            url, many ? "s" : "", row->pact.consumer,
            provider_version(arena, selection, "a", provider), buf_view(&list).ptr);
    return arena_printf(
        arena,
        "The pact at %s is being verified because the pact content belongs to the consumer "
        "version%s matching the following %s:\n%s",
        url, many ? "s" : "", many ? "criteria" : "criterion", buf_view(&list).ptr);
}

const char *selection_pending(struct arena *arena, const struct selected *row,
                              const struct selection *selection, const char *provider)
{
    const char *whose = provider_version(arena, selection, "a", provider);
    if (row->pending)
        return arena_printf(
            arena,
            "This pact is in pending state for this version of %s because a successful "
            "verification result for %s has not yet been published. If this verification fails, it "
            "will not cause the overall build to fail. " READ_PENDING,
            provider, whose);
    return arena_printf(arena,
                        "This pact has previously been successfully verified by %s. If this "
                        "verification fails, it will fail the build. " READ_PENDING,
                        whose);
}

const char *selection_after(struct arena *arena, const struct selection *selection,
                            const char *provider, int success, int published)
{
    const char *any = provider_version(arena, selection, "any", provider);
    if (success && !published)
        return arena_printf(arena,
                            "This pact is still in pending state for %s as the successful "
                            "verification results have not yet been published.",
                            any);
    if (!success && !published)
        return arena_printf(arena,
                            "This pact is still in pending state for %s as a successful "
                            "verification result has not yet been published",
                            any);
    if (success)
        return arena_printf(arena,
                            "This pact is no longer in pending state for %s, as a successful "
                            "verification result has been published. If a verification for %s "
                            "fails in the future, it will fail the build. " READ_PENDING,
                            any, provider_version(arena, selection, "a", provider));
    return arena_printf(arena,
                        "This pact is still in pending state for %s as the verification was not "
                        "successful. " READ_PENDING,
                        any);
}
