// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_RESULTS_H
#define TALLY_LIB_CONTRACT_RESULTS_H
/*
 * What verifiers say about single interactions: the `testResults` of a verification result. Pure;
 * one reading for the broker, which keeps results, and the gate, which judges by them.
 */
#include "lib/json/json.h"

enum results_verdict { RESULTS_NONE, RESULTS_PASSED, RESULTS_FAILED };

/*
 * The entries of `testResults`, one per interaction that was replayed: the value itself if it is a
 * list, or the list `tests` of the object that the Ruby verifier writes. NULL when there is neither
 * (also for NULL), which is no evidence about any interaction.
 */
const struct json *results_entries(const struct json *test_results);

/*
 * The verdict of one entry. It may be said as `success` (a boolean), as `status` (a word), or both;
 * mismatches and exceptions say that something failed. Whatever speaks of failure wins, so that a
 * contradiction is never a pass. A `success` that is neither boolean nor null counts as failed.
 * RESULTS_NONE: nothing was said, or a status that is neither success nor failure ("skipped"); such
 * an entry is no proof, and the interaction counts as not replayed.
 */
enum results_verdict results_entry_verdict(const struct json *entry);

#endif
