// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/err.h"
#include "bff-reference/fault.h"

static void every_fault_has_a_name_and_a_sentence(void **state)
{
    (void)state;
    for (int i = 0; i < FAULT_COUNT; i++) {
        const char *sentence = fault_sentence((enum fault)i);
        assert_non_null(fault_name((enum fault)i));
        assert_non_null(sentence);
        assert_true(sentence[0] >= 'A' && sentence[0] <= 'Z');
        assert_true(strchr(sentence, '.') == sentence + strlen(sentence) - 1);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(fault_name((enum fault)i), fault_name((enum fault)k));
    }
}

static void a_name_switches_on_its_fault_only(void **state)
{
    (void)state;
    for (int i = 0; i < FAULT_COUNT; i++) {
        struct fault_set set = {0};
        assert_int_equal(fault_add(&set, fault_name((enum fault)i), NULL), 0);
        for (int k = 0; k < FAULT_COUNT; k++)
            assert_int_equal(fault_on(set, (enum fault)k), k == i);
    }
}

static void faults_add_up(void **state)
{
    struct fault_set set = {0};
    (void)state;
    assert_int_equal(fault_add(&set, "slow", NULL), 0);
    assert_int_equal(fault_add(&set, "renamed-field", NULL), 0);
    assert_true(fault_on(set, FAULT_SLOW) && fault_on(set, FAULT_RENAMED_FIELD));
    assert_false(fault_on(set, FAULT_ERROR_500));
}

static void an_unknown_name_gets_the_nearest(void **state)
{
    struct fault_set set = {0};
    struct err err = ERR_INIT;
    (void)state;
    assert_int_equal(fault_add(&set, "renamed-feild", &err), ERR_USAGE);
    assert_non_null(strstr(err.text, "'renamed-field'"));
    assert_int_equal(set.bits, 0);
}

static void the_list_has_a_line_each(void **state)
{
    char *text = NULL;
    size_t len = 0, lines = 0;
    (void)state;
    FILE *stream = open_memstream(&text, &len);
    assert_non_null(stream);
    fault_list(stream);
    fclose(stream);
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    assert_int_equal(lines, FAULT_COUNT);
    assert_non_null(strstr(text, fault_sentence(FAULT_N_PLUS_ONE)));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_has_a_name_and_a_sentence),
        cmocka_unit_test(a_name_switches_on_its_fault_only),
        cmocka_unit_test(faults_add_up),
        cmocka_unit_test(an_unknown_name_gets_the_nearest),
        cmocka_unit_test(the_list_has_a_line_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
