// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_CONTRACT_MAPPING_RULES_H
#define TALLY_LIB_CONTRACT_MAPPING_RULES_H
/*
 * What a house says about mapping in its `tally.yaml`, for contracts that cannot name their methods
 * themselves. Source: gate-and-audit, section 3.1, sources 4 and 6.
 *
 *     mapping:
 *       pattern: '^(\w+)\.(\w+)(?:\(([^)]*)\))?: (.+)$'   # repository, method, variant, scenario
 *       rules:                                            # the first that matches counts
 *         - regex: '^a request for transactions'          # searched in the description
 *           method: TransactionRepository.page
 *
 * Other sections of the file belong to others.
 */
#include "lib/contract/pact.h"

struct mapping_rule {
    struct str regex;
    struct str method; /* "TransactionRepository.page" */
};
struct mapping_rules {
    struct str pattern; /* of descriptions that name their method; absent = the usual one */
    struct {
        VEC_OF(struct mapping_rule);
    } rules;
};

/*
 * Read the section of a file's text. Errors: as yaml_parse(); ERR_PARSE with a place for a section
 * that is not as above, a member that is not known, a pattern that does not compile, lacks groups
 * for repository and method, and for a method that is none.
 */
int mapping_rules_read(struct str text, const char *source, struct arena *arena,
                       struct mapping_rules **ret, struct err *err);
/* Let mapping_of() follow the rules for every interaction of a contract; they outlive it. */
void mapping_rules_apply(const struct mapping_rules *rules, struct pact *pact);

#endif
