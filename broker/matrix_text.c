// SPDX-License-Identifier: Apache-2.0
/* The matrix in words; clients print them. Source: broker-api.md §11.3; several
 * criteria in one selector, which the original describes by one of them, are all named. */
#include "broker/matrix.h"

#include "lib/base/arena.h"

static const char *branch_text(struct arena *arena, const struct resolved *r, const char *from)
{
    const char *none =
        r->asked.main_branch ? "no versions exist for this branch" : "no such version exists";
    if (r->one_of_many && !r->asked.latest && r->version_id > 0)
        return arena_printf(arena, "one of the versions of %s from %s (%s)", r->asked.pacticipant,
                            from, r->number);
    return arena_printf(arena, "%s version of %s from %s (%s)",
                        r->asked.latest ? "the latest" : "a", r->asked.pacticipant, from,
                        r->version_id > 0 ? r->number : none);
}

/* Several criteria at once: "number 1, environment test". */
static const char *combined(struct arena *arena, const struct matrix_selector *asked)
{
    struct matrix_selector criteria[MATRIX_CRITERIA_MAX];
    size_t n = matrix_criteria(asked, criteria);
    const char *text = NULL;
    for (size_t i = 0; i < n && n > 1; i++) {
        const struct matrix_selector *one = &criteria[i];
        const char *kind = one->version       ? "number "
                           : one->environment ? "environment "
                           : one->branch      ? "branch "
                           : one->tag         ? "tag "
                                              : "the main branch";
        const char *value = one->version       ? one->version
                            : one->environment ? one->environment
                            : one->branch      ? one->branch
                            : one->tag         ? one->tag
                                               : "";
        text = arena_printf(arena, "%s%s%s%s", text ? text : "", text ? ", " : "", kind, value);
    }
    return text;
}

const char *matrix_describe(struct arena *arena, const struct resolved *r)
{
    const struct matrix_selector *asked = &r->asked;
    const char *name = asked->pacticipant;
    const char *number = r->version_id > 0 ? r->number : "no such version exists";
    const char *several = combined(arena, asked);
    if (r->pacticipant_id < 0)
        return arena_printf(arena, "%s of %s (no such pacticipant exists)",
                            asked->version ? arena_printf(arena, "version %s", asked->version)
                                           : "any version",
                            name);
    if (several)
        return arena_printf(arena, "%s version of %s with %s (%s)",
                            asked->latest ? "the latest" : "a", name, several, number);
    if (asked->version)
        return arena_printf(arena, "version %s of %s%s", asked->version, name,
                            r->version_id > 0 ? "" : " (no such version exists)");
    if (asked->environment && r->version_id < 0)
        return arena_printf(arena,
                            "a version of %s currently in %s (no version is currently recorded as "
                            "deployed/released in this environment)",
                            name, asked->environment);
    if (asked->environment)
        return arena_printf(arena, "%s of %s currently in %s (%s)",
                            r->one_of_many ? "one of the versions" : "the version", name,
                            asked->environment, r->number);
    if (asked->branch)
        return branch_text(arena, r, arena_printf(arena, "branch %s", asked->branch));
    if (asked->main_branch)
        return branch_text(arena, r, "the main branch");
    if (asked->tag)
        return arena_printf(arena, "%s version of %s with tag %s (%s)",
                            asked->latest ? "the latest" : "a", name, asked->tag, number);
    if (asked->latest)
        return arena_printf(arena, "the latest version of %s (%s)", name, number);
    return arena_printf(arena, "any version of %s", name);
}

const char *matrix_missing(struct arena *arena, const struct resolved *r)
{
    const struct matrix_selector *asked = &r->asked;
    const char *name = asked->pacticipant;
    const char *several = combined(arena, asked);
    if (several)
        return arena_printf(arena, "No version of %s has all of: %s", name, several);
    if (asked->version)
        return arena_printf(arena,
                            "No pacts or verifications have been published for version %s of %s",
                            asked->version, name);
    if (asked->environment)
        return arena_printf(arena,
                            "No version of %s is currently recorded as deployed or released in "
                            "environment %s",
                            name, asked->environment);
    if (asked->branch)
        return arena_printf(arena, "No version of %s from branch %s exists", name, asked->branch);
    if (asked->main_branch)
        return arena_printf(arena, "No version of %s from the main branch exists", name);
    if (asked->tag)
        return arena_printf(arena, "No version with tag %s exists for %s", asked->tag, name);
    return arena_printf(arena, "No pacts or verifications have been published for %s", name);
}
