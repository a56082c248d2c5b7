// SPDX-License-Identifier: Apache-2.0
#include "verifier/run.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "lib/base/arena.h"
#include "lib/base/term.h"
#include "verifier/state.h"

/* After so many in a row it is not the interaction that is unlucky. */
enum { UNREACHED_MAX = 3 };

struct work {
    const struct replay_target *target;
    const struct pact *pact;
    struct verdict **verdicts; /* to be replayed */
    size_t n;
    bool states;
    atomic_size_t next;
    atomic_int *unreached;
    atomic_bool *stop;
    size_t done_before, total; /* for the progress line */
};

struct worker {
    struct work *work;
    struct replayer *replayer;
    bool shows;
    pthread_t thread;
    bool started;
};

static void note_outcome(struct work *work, const struct verdict *verdict)
{
    bool failed = verdict->outcome == OUTCOME_FAILED && !verdict->pending;
    if (verdict->outcome != OUTCOME_UNREACHED)
        atomic_store(work->unreached, 0);
    else if (atomic_fetch_add(work->unreached, 1) + 1 >= UNREACHED_MAX)
        atomic_store(work->stop, true);
    if (failed && work->target->options->exit_on_first)
        atomic_store(work->stop, true);
}

static void *work_on(void *arg)
{
    struct worker *worker = arg;
    struct work *work = worker->work;
    while (!atomic_load(work->stop)) {
        size_t i = atomic_fetch_add(&work->next, 1);
        if (i >= work->n)
            break;
        replay_interaction(worker->replayer, work->pact, work->states, work->verdicts[i]);
        note_outcome(work, work->verdicts[i]);
        if (worker->shows)
            term_progress("replayed", work->done_before + i + 1, work->total);
    }
    return NULL;
}

/* The calling thread is one of the workers. */
static void work_together(struct work *work, struct run *run, size_t jobs)
{
    struct worker workers[64] = {0};
    size_t n = jobs < run->n ? jobs : run->n;
    n = n < work->n ? n : work->n;
    for (size_t i = 0; i < n; i++) {
        workers[i] = (struct worker){.work = work, .replayer = &run->replayers[i], .shows = i == 0};
        if (i > 0)
            workers[i].started =
                pthread_create(&workers[i].thread, NULL, work_on, &workers[i]) == 0;
    }
    if (n > 0)
        work_on(&workers[0]);
    for (size_t i = 1; i < n; i++) {
        if (workers[i].started)
            pthread_join(workers[i].thread, NULL);
    }
}

/* Verdicts still to be made, of interactions with or without states (or both). */
static size_t choose(const struct contract *contract, bool stateless, bool stateful,
                     struct verdict **ret)
{
    size_t n = 0;
    for (size_t i = 0; i < contract->pact->interactions.len; i++) {
        struct verdict *verdict = &contract->verdicts[i];
        bool has_state = verdict->interaction->states.len > 0;
        if (verdict->outcome == OUTCOME_NOT_RUN && (has_state ? stateful : stateless))
            ret[n++] = verdict;
    }
    return n;
}

/* A batch shares one call for the state "". */
static void run_batch(struct work *work, struct run *run, size_t jobs)
{
    const struct verify_options *options = work->target->options;
    struct replayer *first = &run->replayers[0];
    struct str reason = STR_NONE;
    enum replay_answer answer = REPLAY_ANSWERED;
    work->states = false;
    if (options->state_url && work->n > 0)
        answer = state_empty(first, "setup", &reason);
    if (answer != REPLAY_ANSWERED) {
        for (size_t i = 0; i < work->n; i++) {
            work->verdicts[i]->outcome =
                answer == REPLAY_UNREACHED ? OUTCOME_UNREACHED : OUTCOME_FAILED;
            work->verdicts[i]->reason = str_dup(first->keep, reason);
        }
        return;
    }
    work_together(work, run, jobs);
    if (options->state_url && options->state_teardown && work->n > 0 &&
        state_empty(first, "teardown", &reason) != REPLAY_ANSWERED)
        *VEC_PUSH(first->keep, &work->verdicts[work->n - 1]->warnings) =
            str_dup(first->keep, reason);
}

static size_t total_of(const struct contracts *contracts)
{
    struct counts counts = contracts_counts(contracts);
    return counts.not_run;
}

static void run_contract(struct run *run, struct work *work, struct contract *contract, size_t jobs)
{
    struct work batch = *work;
    size_t n = contract->pact->interactions.len;
    struct verdict **verdicts = calloc(n + 1, sizeof *verdicts);
    if (!verdicts)
        arena_exhausted(n * sizeof *verdicts);
    batch.pact = contract->pact;
    batch.verdicts = verdicts;
    if (jobs > 1) {
        batch.n = choose(contract, true, false, verdicts);
        run_batch(&batch, run, jobs);
        batch.done_before += batch.n;
        atomic_store(&batch.next, 0);
    }
    batch.n = choose(contract, jobs == 1, true, verdicts);
    batch.states = true;
    work_together(&batch, run, 1);
    work->done_before = batch.done_before + batch.n;
    free(verdicts);
}

void run_all(struct run *run, const struct replay_target *target, struct contracts *contracts)
{
    size_t jobs = (size_t)target->options->jobs;
    atomic_bool stop = false;
    atomic_int unreached = 0;
    run->replayers = calloc(jobs, sizeof *run->replayers);
    if (!run->replayers)
        arena_exhausted(jobs * sizeof *run->replayers);
    run->n = jobs;
    for (size_t i = 0; i < jobs; i++)
        replayer_init(&run->replayers[i], target);
    struct work work = {
        .target = target, .stop = &stop, .unreached = &unreached, .total = total_of(contracts)};
    VEC_EACH(contracts, struct contract *, contract) {
        if (!atomic_load(&stop))
            run_contract(run, &work, contract, jobs);
    }
    term_progress_end();
}

void run_release(struct run *run)
{
    for (size_t i = 0; i < run->n; i++)
        replayer_release(&run->replayers[i]);
    free(run->replayers);
    *run = (struct run){0};
}
