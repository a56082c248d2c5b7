// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_ARENA_H
#define TALLY_LIB_BASE_ARENA_H
/*
 * Memory that dies all at once, one arena per unit of work. Under AddressSanitizer every
 * allocation is a malloc of its own, so that overruns are seen.
 *
 * Out of memory stops the process. That is honest only because every size a peer controls has been
 * checked against limits.h before.
 */
#include <stdarg.h>
#include <stddef.h>

struct str;
struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is fine */
/* Forget everything allocated, keep a block for reuse. */
void arena_reset(struct arena *arena);

/* Zeroed, aligned for any type. size 0 gives a unique pointer. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull));
void *arena_copy(struct arena *arena, const void *data, size_t size);
/* Copies are NUL-terminated. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));
/* Bytes handed out since creation or reset. */
size_t arena_used(const struct arena *arena);

#define ARENA_NEW(arena, type)      ((type *)arena_alloc(arena, sizeof(type)))
#define ARENA_ARRAY(arena, type, n) ((type *)arena_alloc(arena, sizeof(type) * (size_t)(n)))

/* Say that memory ran out and stop the process; for modules that malloc on their own. */
void arena_exhausted(size_t size) __attribute__((noreturn));

void arena_cleanup(struct arena **arena);
/* struct arena *a ARENA_AUTO = arena_new(); is freed when it goes out of scope. */
#define ARENA_AUTO __attribute__((cleanup(arena_cleanup)))

#endif
