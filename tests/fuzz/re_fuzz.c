// SPDX-License-Identifier: Apache-2.0
/*
 * A pattern in the first line, a text in the rest. Whatever another library's flavour looks like,
 * it is read or refused, always in the same way, and a text that matches as a whole matches.
 */
#include <stdint.h>
#include <stdlib.h>

#include "lib/base/err.h"
#include "lib/base/re.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATTERN_AT_MOST = 400, TEXT_AT_MOST = 400 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Answers twice; 2 if the pattern is refused. */
static int answer(struct str pattern, unsigned flags, struct str text)
{
    int answers[2] = {0, 0};
    struct err errs[2] = {ERR_INIT, ERR_INIT};
    for (int i = 0; i < 2; i++) {
        const struct re *re = NULL;
        int rc = re_get(pattern, flags, &re, &errs[i]);
        must((rc == 0) == (re != NULL));
        must(rc == 0 || (errs[i].code == (enum err_code)rc && errs[i].text[0]));
        answers[i] = rc == 0 ? re_test(re, text, &errs[i]) : 2;
        must(answers[i] >= 0 || errs[i].text[0]);
    }
    must(answers[0] == answers[1] && strcmp(errs[0].text, errs[1].text) == 0);
    must(answers[0] != ERR_INTERNAL);
    return answers[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = str_make((const char *)data, size), pattern = str_cut(&text, '\n');
    if (pattern.len > PATTERN_AT_MOST || text.len > TEXT_AT_MOST)
        return 0;
    text = text.ptr ? text : STR("");
    int whole = answer(pattern, RE_WHOLE, text), part = answer(pattern, 0, text);
    must((whole == 2) == (part == 2));
    must(whole != 1 || part == 1 || part < 0);
    return 0;
}
