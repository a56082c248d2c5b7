// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/position.h"

#include "lib/json/json.h"

static size_t line_start_before(struct str text, size_t offset)
{
    while (offset > 0 && text.ptr[offset - 1] != '\n') {
        offset--;
    }
    return offset;
}

void position_of(struct position *position, const struct json *value, int *ret_line,
                 int *ret_column)
{
    long offset = value ? json_offset(value) : -1;
    if (offset < 0 || (size_t)offset > position->text.len) {
        *ret_line = *ret_column = 0;
        return;
    }
    size_t target = (size_t)offset;
    while (position->offset < target) {
        const char *from = position->text.ptr + position->offset;
        const char *end = memchr(from, '\n', target - position->offset);
        position->offset = end ? (size_t)(end - position->text.ptr) + 1 : target;
        position->line += end != NULL;
        position->line_start = end ? position->offset : position->line_start;
    }
    bool back = position->offset > target && position->line_start > target;
    for (; position->offset > target; position->offset--) {
        position->line -= position->text.ptr[position->offset - 1] == '\n';
    }
    if (back) {
        position->line_start = line_start_before(position->text, target);
    }
    *ret_line = position->line;
    *ret_column = (int)(target - position->line_start) + 1;
}
