// SPDX-License-Identifier: Apache-2.0
/* One contract, read once, compared by several threads at a time; `make tsan` runs this too. */
#include <pthread.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/contract/match.h"
#include "tests/unit/lib/base/rows.h"

/* As many as it takes for a pattern to become machine code while others use it. */
enum { THREADS = 4, ROUNDS = 1000 };

static const char contract[] =
    "{\"interactions\":[{\"response\":{\"status\":200,\"headers\":{\"Content-Type\":"
    "\"application/json\"},\"body\":{\"id\":\"a1\",\"items\":[{\"n\":1,\"at\":\"2024-05-17\"}],"
    "\"any\":[1,\"x\"]},\"matchingRules\":{\"body\":{"
    "\"$.id\":{\"matchers\":[{\"match\":\"regex\",\"regex\":\"[a-z][0-9]+\"}]},"
    "\"$.items\":{\"matchers\":[{\"match\":\"type\",\"min\":1}]},"
    "\"$.items[*].n\":{\"matchers\":[{\"match\":\"integer\"}]},"
    "\"$.items[*].at\":{\"matchers\":[{\"match\":\"date\",\"format\":\"yyyy-MM-dd\"}]},"
    "\"$.any\":{\"matchers\":[{\"match\":\"arrayContains\",\"variants\":[{\"index\":0,\"rules\":{"
    "\"$\":{\"matchers\":[{\"match\":\"integer\"}]}}}]}]}}}}}]}";

struct worker {
    const struct pact *pact;
    pthread_t thread;
    size_t differences, errors;
};

/* Every other reply differs in its last item. The first to come compiles the patterns for all. */
static void *compare_often(void *context)
{
    struct worker *worker = context;
    for (int i = 0; i < ROUNDS; i++) {
        struct arena *arena ARENA_AUTO = arena_new();
        struct actual_response actual = {.status = 200};
        struct match_result result = {0};
        struct err err = ERR_INIT;
        headers_addz(arena, &actual.headers, "Content-Type", "application/json");
        actual.body = str_printf(arena,
                                 "{\"id\":\"z%d\",\"items\":[{\"n\":1,\"at\":\"2024-01-02\"},"
                                 "{\"n\":%s,\"at\":\"2024-01-03\"}],\"any\":[\"y\",2]}",
                                 i, i % 2 ? "1.5" : "2");
        int rc = match_response(worker->pact, &worker->pact->interactions.items[0].response,
                                &actual, arena, &result, &err);
        worker->errors += rc != 0;
        worker->differences += result.len;
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    struct arena *arena ARENA_AUTO = arena_new();
    struct worker workers[THREADS] = {0};
    struct pact *pact = NULL;
    struct err err = ERR_INIT;
    if (pact_read(str_of(contract), "p.json", arena, &pact, &err) != 0)
        fail_msg("%s", err.text);
    for (int i = 0; i < THREADS; i++) {
        workers[i].pact = pact;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, compare_often, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].errors, 0);
        assert_int_equal(workers[i].differences, ROUNDS / 2);
    }
}

int main(void)
{
    static struct rows tests;
    rows_add_test(&tests, "threads share a contract", test_threads);
    return rows_run(&tests, "match_threads");
}
