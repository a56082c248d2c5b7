// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_BROKER_METHOD_FINDINGS_H
#define TALLY_BROKER_METHOD_FINDINGS_H
/*
 * What does not fit together in one version of an app: its contracts, its inventory, its manifest.
 *
 *   TALLY-MAP-001  an interaction names no method; a contract could be read only in part
 *   M1   a method that uses more than one operation
 *   M4   a method of the inventory without a contract, a contract's method that is not in it
 *   M5   an operation of the manifest without a contract, a contract whose document is not the one
 *        that was shipped, a contract of an operation that was not shipped
 *
 * Source: gate-and-audit, section 3.1. M4 and M5 are judged only where there is an inventory or a
 * manifest; who reads the list has to know, so the answer says which were.
 */
#include "broker/store_methods.h"

struct call;
struct err;
struct json;

/*
 * {"findingsOf": version, "judged": {RULE: bool}, "findingsTotal", "findings": [{rule, level,
 * subject, text}]} into body. The list is cut at LIMIT_PAGE, the total is not.
 */
int method_findings(struct call *call, const struct version *version, const struct uses *uses,
                    struct json *body, struct err *err);

#endif
