// SPDX-License-Identifier: Apache-2.0
#include "lib/contract/semver.h"

#include <ctype.h>

/* "0" or digits without a leading zero. */
static bool number_ok(struct str part)
{
    for (size_t i = 0; i < part.len; i++) {
        if (!isdigit((unsigned char)part.ptr[i])) {
            return false;
        }
    }
    return part.len == 1 || (part.len > 1 && part.ptr[0] != '0');
}

/* Dot-separated identifiers; numeric ones of a pre-release have no leading zero (rule 9). */
static bool identifiers_ok(struct str text, bool prerelease)
{
    struct str rest = text;
    while (rest.ptr) {
        struct str part = str_cut(&rest, '.');
        bool numeric = part.len > 0;
        for (size_t i = 0; i < part.len; i++) {
            unsigned char c = (unsigned char)part.ptr[i];
            if (!isalnum(c) && c != '-') {
                return false;
            }
            numeric = numeric && isdigit(c);
        }
        if (part.len == 0 || (prerelease && numeric && !number_ok(part))) {
            return false;
        }
    }
    return true;
}

bool semver_ok(struct str text)
{
    struct str rest = text.ptr ? text : STR("");
    struct str build = rest;
    rest = str_cut(&build, '+');
    if (build.ptr && !identifiers_ok(build, false)) {
        return false;
    }
    struct str prerelease = rest;
    rest = str_cut(&prerelease, '-');
    if (prerelease.ptr && !identifiers_ok(prerelease, true)) {
        return false;
    }
    int parts = 0;
    while (rest.ptr) {
        if (!number_ok(str_cut(&rest, '.'))) {
            return false;
        }
        parts++;
    }
    return parts == 3;
}
