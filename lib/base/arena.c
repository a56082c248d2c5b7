// SPDX-License-Identifier: Apache-2.0
#include "lib/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_PLAIN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_PLAIN 1
#endif
#endif
#ifndef ARENA_PLAIN
#define ARENA_PLAIN 0
#endif

enum { BLOCK_MIN = 4 * 1024, BLOCK_MAX = 256 * 1024, ALIGN = alignof(max_align_t) };

struct block {
    struct block *next;
    size_t size, used; /* of data */
    alignas(max_align_t) char data[];
};

struct arena {
    struct block *blocks; /* the one being filled first */
    size_t next_size;
    size_t handed_out;
};

void arena_exhausted(size_t size)
{
    fprintf(stderr, "tally: error: out of memory (%zu bytes asked for)\n", size);
    abort();
}

struct arena *arena_new(void)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (!arena)
        arena_exhausted(sizeof *arena);
    arena->next_size = BLOCK_MIN;
    return arena;
}

static void free_blocks(struct block *block)
{
    while (block) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    free_blocks(arena->blocks);
    free(arena);
}

void arena_cleanup(struct arena **arena)
{
    arena_free(*arena);
}

void arena_reset(struct arena *arena)
{
    struct block *keep = NULL;
    if (!ARENA_PLAIN && arena->blocks && arena->blocks->size <= BLOCK_MAX) {
        keep = arena->blocks;
        free_blocks(keep->next);
        keep->next = NULL;
        keep->used = 0;
    } else {
        free_blocks(arena->blocks);
    }
    arena->blocks = keep;
    arena->handed_out = 0;
}

static struct block *block_new(size_t size)
{
    if (size > SIZE_MAX / 2)
        arena_exhausted(size);
    struct block *block = malloc(sizeof *block + size);
    if (!block)
        arena_exhausted(size);
    *block = (struct block){.size = size};
    return block;
}

/* A block of its own, behind the one being filled, which still has room for small things. */
static void *alloc_alone(struct arena *arena, size_t size)
{
    struct block *block = block_new(size);
    block->used = size;
    if (arena->blocks && !ARENA_PLAIN) {
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block->data;
}

/* As it was left: for who fills all of it. */
static void *alloc_raw(struct arena *arena, size_t size)
{
    if (size == 0)
        size = 1;
    arena->handed_out += size;
    if (ARENA_PLAIN || size > arena->next_size / 4)
        return alloc_alone(arena, size);
    size_t rounded = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct block *block = arena->blocks;
    if (!block || block->size - block->used < rounded) {
        block = block_new(arena->next_size);
        block->next = arena->blocks;
        arena->blocks = block;
        if (arena->next_size < BLOCK_MAX)
            arena->next_size *= 2;
    }
    char *at = block->data + block->used;
    block->used += rounded;
    return at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(alloc_raw(arena, size), 0, size > 0 ? size : 1);
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
    void *copy = alloc_raw(arena, size);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
    if (len == SIZE_MAX)
        arena_exhausted(len);
    char *copy = alloc_raw(arena, len + 1);
    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_vprintf(struct arena *arena, const char *fmt, va_list args)
{
    char small[512]; /* most texts are formatted once only */
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(small, sizeof small, fmt, again);
    va_end(again);
    assert(len >= 0);
    if ((size_t)len < sizeof small)
        return arena_strndup(arena, small, (size_t)len);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, fmt, args);
    return text;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = arena_vprintf(arena, fmt, args);
    va_end(args);
    return text;
}

size_t arena_used(const struct arena *arena)
{
    return arena->handed_out;
}
