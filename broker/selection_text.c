// SPDX-License-Identifier: Apache-2.0
#include "broker/selection_text.h"

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

/* Whose version: "latest version", "latest version of Foo". */
static const char *latest_of(struct arena *arena, const struct reason *reason)
{
    const char *who = reason->selector.consumer;
    return who ? arena_printf(arena, "latest version of %s", who) : "latest version";
}

static const char *live_of(struct arena *arena, const struct reason *reason)
{
    const char *who = reason->selector.consumer;
    return who ? arena_printf(arena, "version(s) of %s", who) : "consumer version(s)";
}

/* " (fallback tag used as no pact was found with tag 'feat')" */
static const char *fallback_note(struct arena *arena, const struct reason *reason, const char *kind,
                                 const char *where)
{
    const char *wanted = reason->selector.instead_of;
    return wanted ? arena_printf(arena, " (fallback %s used as no pact was found %s %s '%s')", kind,
                                 where, kind, wanted)
                  : "";
}

static const char *long_reason(struct arena *arena, const struct reason *reason,
                               const char *provider)
{
    const char *who = reason->selector.consumer;
    switch (reason->selector.kind) {
    case SELECT_MAIN_BRANCH:
        return arena_printf(arena, "%s from the main branch '%s' (%s)", latest_of(arena, reason),
                            reason->branch, reason->number);
    case SELECT_BRANCH:
    case SELECT_BRANCH_HEADS:
        return arena_printf(arena, "%s from branch '%s'%s (%s)", latest_of(arena, reason),
                            reason->branch, fallback_note(arena, reason, "branch", "from"),
                            reason->number);
    case SELECT_TAG:
        return arena_printf(arena, "all %s versions tagged '%s' (%s)", who ? who : "consumer",
                            reason->branch, reason->number);
    case SELECT_LATEST_TAG:
    case SELECT_TAG_HEADS:
        return arena_printf(arena, "%s tagged '%s'%s (%s)", latest_of(arena, reason),
                            reason->branch, fallback_note(arena, reason, "tag", "with"),
                            reason->number);
    case SELECT_DEPLOYED:
        return arena_printf(arena, "%s currently deployed to %s (%s)", live_of(arena, reason),
                            reason->environment, reason->number);
    case SELECT_RELEASED:
        return arena_printf(arena, "%s currently released and supported in %s (%s)",
                            live_of(arena, reason), reason->environment, reason->number);
    case SELECT_LATEST:
    case SELECT_ENVIRONMENT:
        break;
    }
    return arena_printf(arena, "latest version of %s that has a pact with %s (%s)",
                        who ? who : "a consumer", provider, reason->number);
}

/* 'a', 'b' and 'c' */
static const char *quoted(struct arena *arena, const struct tag_names *names)
{
    struct buf out BUF_AUTO = BUF_INIT(TEXT_MAX);
    for (size_t i = 0; i < names->len; i++)
        buf_printf(&out, "%s'%s'",
                   i == 0                ? ""
                   : i + 1 == names->len ? " and "
                                         : ", ",
                   names->items[i]);
    return arena_strdup(arena, buf_view(&out).ptr);
}

/* The tags that the notices name: a pending contract's are those that it is pending for. */
static const struct tag_names *tags_of(const struct selected *row,
                                       const struct selection *selection)
{
    return row->pending ? &row->pending_tags : &selection->tags;
}

/* "a version of P from branch 'main'", "a version of P with tag 'dev'"; `plain` if neither. */
static const char *provider_version(struct arena *arena, const struct selected *row,
                                    const struct selection *selection, const char *article,
                                    const char *plain)
{
    const char *provider = row->pact.provider;
    const struct tag_names *tags = tags_of(row, selection);
    if (selection->branch)
        return arena_printf(arena, "%s version of %s from branch '%s'", article, provider,
                            selection->branch);
    if (tags->len > 0)
        return arena_printf(arena, "%s version of %s with tag %s", article, provider,
                            quoted(arena, tags));
    return plain;
}

/* "latest version of Foo from branch 'x'": all that work in progress is the head of. */
static const char *heads(struct arena *arena, const struct selected *row)
{
    static const char *const same[] = {"", "", " (both have the same content)"};
    struct tag_names branches = {0}, tags = {0};
    VEC_EACH(&row->reasons, const struct reason *, reason)
        *VEC_PUSH(arena, reason->selector.kind == SELECT_TAG_HEADS ? &tags : &branches) =
            reason->branch;
    const struct tag_names *names = branches.len > 0 ? &branches : &tags;
    return arena_printf(arena, "latest version%s of %s %s %s%s", names->len > 1 ? "s" : "",
                        row->pact.consumer, branches.len > 0 ? "from branch" : "tagged with",
                        quoted(arena, names),
                        names->len < 3 ? same[names->len] : " (all have the same content)");
}

const char *selection_inclusion(struct arena *arena, const struct selected *row, const char *url)
{
    struct buf list BUF_AUTO = BUF_INIT(TEXT_MAX);
    bool many = row->reasons.len > 1;
    if (row->wip)
        return arena_printf(arena,
                            "The pact at %s is being verified because it is a 'work in progress' "
                            "pact (ie. it is the pact for the %s and is still in pending state). "
                            "" READ_WIP,
                            url, heads(arena, row));
    for (size_t i = 0; i < row->reasons.len; i++)
        buf_printf(&list, "%s    * %s", i ? "\n" : "",
                   long_reason(arena, &row->reasons.items[i], row->pact.provider));
    return arena_printf(
        arena,
        "The pact at %s is being verified because the pact content belongs to the consumer "
        "version%s matching the following %s:\n%s",
        url, many ? "s" : "", many ? "criteria" : "criterion", buf_view(&list).ptr);
}

const char *selection_pending(struct arena *arena, const struct selected *row,
                              const struct selection *selection)
{
    const char *provider = row->pact.provider;
    const char *whose = provider_version(arena, row, selection, "a", provider);
    if (row->live)
        return "This pact belongs to a consumer version that is deployed or released. If this "
               "verification fails, it will fail the build, because this broker lets no such pact "
               "be pending.";
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

const char *selection_after(struct arena *arena, const struct selected *row,
                            const struct selection *selection, bool success, bool published)
{
    static const char *const with_tags[] = {"", " with this tag", " with these tags"};
    const char *provider = row->pact.provider;
    const char *any = provider_version(arena, row, selection, "any", provider);
    size_t tags = selection->branch ? 0 : tags_of(row, selection)->len;
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
                            "verification result%s has been published. If a verification for %s "
                            "fails in the future, it will fail the build. " READ_PENDING,
                            any, with_tags[tags < 2 ? tags : 2],
                            provider_version(arena, row, selection, "a",
                                             arena_printf(arena, "a version of %s", provider)));
    return arena_printf(arena,
                        "This pact is still in pending state for %s as the verification was not "
                        "successful. " READ_PENDING,
                        any);
}
