// SPDX-License-Identifier: Apache-2.0
#include "bff-reference/bff_page.h"

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "bff-reference/bff.h"
#include "bff-reference/cursor.h"

enum { PAGE_NUMBER_MAX = 10000 };

static bool bad(struct problem *ret_problem, const char *detail)
{
    *ret_problem = (struct problem){PROBLEM_BAD_REQUEST, detail};
    return false;
}

static bool read_offset(const struct bff_page_input *input, struct bff_page *ret,
                        struct problem *ret_problem)
{
    ret->by_position = true;
    ret->number = 1;
    if (input->size.ptr && !str_to_i64(input->size, 1, BFF_PAGE_MAX, &ret->limit))
        return bad(ret_problem, "size is a number from 1 to 100");
    if (input->page.ptr && !str_to_i64(input->page, 1, PAGE_NUMBER_MAX, &ret->number))
        return bad(ret_problem, "page is a number from 1 on");
    ret->skip = (ret->number - 1) * ret->limit;
    return true;
}

static bool read_cursor(const struct bff *bff, struct str cursor, struct arena *arena,
                        struct bff_page *ret, struct problem *ret_problem)
{
    ret->by_position = bff_fault(bff, FAULT_SEQUENTIAL_CURSOR);
    if (!cursor.ptr || bff_fault(bff, FAULT_CURSOR_RESTARTS))
        return true;
    ret->continued = true;
    bool known = ret->by_position
                     ? cursor_read_position(arena, cursor, &ret->skip)
                     : cursor_read(arena, bff->config.cursor_key, service_collection(ret->service),
                                   cursor, &ret->after);
    return known || bad(ret_problem, "the cursor is not one of this list, start without one");
}

bool bff_page_read(const struct bff *bff, enum service service, const struct bff_page_input *input,
                   struct arena *arena, struct bff_page *ret, struct problem *ret_problem)
{
    struct bff_page page = {.service = service, .limit = BFF_PAGE_DEFAULT, .since = input->since};
    int64_t since_us;
    if (page.since.ptr && !clock_parse(page.since, &since_us))
        return bad(ret_problem, "since is a date-time with a time zone, like 2026-01-15T00:00:00Z");
    if (bff_fault(bff, FAULT_OFFSET_PAGING)) {
        if (!read_offset(input, &page, ret_problem))
            return false;
    } else {
        if (input->limit.ptr && !str_to_i64(input->limit, 1, BFF_PAGE_MAX, &page.limit))
            return bad(ret_problem, "a page has from 1 to 100 rows");
        if (!read_cursor(bff, input->cursor, arena, &page, ret_problem))
            return false;
    }
    *ret = page;
    return true;
}

struct str bff_page_cursor(const struct bff *bff, const struct bff_page *page, size_t i,
                           struct str row_id, struct arena *arena)
{
    if (page->by_position)
        return cursor_make_position(arena, page->skip + (int64_t)i + 1);
    return cursor_make(arena, bff->config.cursor_key, service_collection(page->service), row_id);
}
