# SPDX-License-Identifier: Apache-2.0
# The reference system is no product, so its unit tests link it on their own.
BFF_ARCHIVE := $(BUILD)/lib/libtallybff.a
BFF_UNIT_BIN := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/bff-reference/*_test.c))
BFF_ARCHIVE_OBJ := $(call obj,$(filter-out %_main.c,$(BFF_SRC)))

$(BFF_ARCHIVE): $(BFF_ARCHIVE_OBJ)
	@mkdir -p $(@D); rm -f $@; ar rcs $@ $^
$(BFF_UNIT_BIN): $(BFF_ARCHIVE)
$(BFF_UNIT_BIN): LDLIBS = $(BFF_ARCHIVE) $(CORE) $(PKG_LIBS) -lpthread -lm
