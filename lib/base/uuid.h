// SPDX-License-Identifier: Apache-2.0
#ifndef TALLY_LIB_BASE_UUID_H
#define TALLY_LIB_BASE_UUID_H
/* Random UUIDs (RFC 9562 version 4). */
enum { UUID_TEXT_LEN = 37 };
/* Lower case with hyphens, NUL-terminated; returns ret. */
char *uuid_random(char ret[UUID_TEXT_LEN]);
#endif
