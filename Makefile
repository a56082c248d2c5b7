# SPDX-License-Identifier: Apache-2.0
# One Makefile for everything; all output goes to $(BUILD). `make help` lists the targets.
BUILD ?= build/dev
SANITIZE ?=
WERROR ?= -Werror
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

LIB_ROOMS := base json wire http db graphql contract adr hal
PRODUCT_ROOMS := broker verifier consumer-dsl ci
NEEDS_NOTHING := clean help setup fmt dist

# Setting up writes the flags of the installed packages; make then reads itself again.
ifneq ($(if $(MAKECMDGOALS),$(filter-out $(NEEDS_NOTHING),$(MAKECMDGOALS)),all),)
include $(BUILD)/packages.mk
endif
$(BUILD)/packages.mk: ci/packages ci/setup
	@ci/setup --flags $@

VERSION := 0.1.0
CC_dev ?= gcc
CC := $(CC_dev)
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
        -Wwrite-strings -Wvla -Wformat=2 -Wundef
CFLAGS := -std=c17 -O2 -g -D_GNU_SOURCE -DTALLY_VERSION='"$(VERSION)"' -I. -fPIC -fvisibility=hidden \
          -fno-strict-aliasing -fstack-protector-strong $(WARN) $(WERROR) $(SANITIZE) $(PKG_CFLAGS) $(EXTRA_CFLAGS)
LDFLAGS := $(SANITIZE) -Wl,--as-needed $(EXTRA_LDFLAGS)
LDLIBS = $(PKG_LIBS) -lpthread -lm

LIB_SRC := $(foreach r,$(LIB_ROOMS),$(wildcard lib/$(r)/*.c))
PRODUCT_SRC := $(foreach r,$(PRODUCT_ROOMS),$(wildcard $(r)/*.c))
BFF_SRC := $(wildcard bff-reference/*.c)
obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

-include $(wildcard lib/*/module.mk broker/module.mk verifier/module.mk consumer-dsl/module.mk \
    ci/module.mk bff-reference/module.mk tests/*/module.mk)

TALLY := $(BUILD)/bin/tally
BFF := $(BUILD)/bin/tally-bff
UPSTREAM := $(BUILD)/bin/tally-upstream
CORE := $(BUILD)/lib/libtallycore.a
PRODUCTS := $(BUILD)/lib/libtallyproducts.a
DSL_A := $(BUILD)/lib/libtally.a
DSL_SO := $(BUILD)/lib/libtally.so

.PHONY: all
all: $(TALLY) $(BFF) $(UPSTREAM) $(DSL_SO) $(DSL_A)

# Objects depend on the recorded flags, archives on the recorded list of their members.
$(BUILD)/flags: FORCE
	@mkdir -p $(@D); echo '$(CC) $(CFLAGS)' | cmp -s - $@ || echo '$(CC) $(CFLAGS)' > $@
define record_list
$(BUILD)/$(1).list: FORCE
	@mkdir -p $$(@D); echo '$(2)' | cmp -s - $$@ || echo '$(2)' > $$@
endef
$(eval $(call record_list,core,$(LIB_SRC)))
$(eval $(call record_list,products,$(PRODUCT_SRC)))
.PHONY: FORCE
FORCE:

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(CORE): $(call obj,$(LIB_SRC)) $(BUILD)/core.list
	@mkdir -p $(@D); rm -f $@; ar rcs $@ $(filter %.o,$^)
$(PRODUCTS): $(call obj,$(PRODUCT_SRC)) $(BUILD)/products.list
	@mkdir -p $(@D); rm -f $@; ar rcs $@ $(filter %.o,$^)

$(TALLY): $(call obj,tally.c) $(PRODUCTS) $(CORE)
	@mkdir -p $(@D); echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
# bff_main.c and upstream_main.c hold the two main functions, the other files are common.
BFF_COMMON := $(filter-out bff-reference/bff_main.c bff-reference/upstream_main.c,$(BFF_SRC))
$(BFF): $(call obj,bff-reference/bff_main.c $(BFF_COMMON)) $(CORE)
	@mkdir -p $(@D); echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(UPSTREAM): $(call obj,bff-reference/upstream_main.c $(BFF_COMMON)) $(CORE)
	@mkdir -p $(@D); echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

DSL_OBJ := $(call obj,$(wildcard consumer-dsl/*.c))
$(DSL_SO): $(DSL_OBJ) $(CORE)
	@mkdir -p $(@D); echo "  LD $@"
	@$(CC) $(LDFLAGS) -shared -Wl,-soname,libtally.so.0 -o $@ $^ $(LDLIBS)
	@ln -sf libtally.so $@.0
# One object with only the public names left visible, so that ours never meet the user's.
$(DSL_A): $(DSL_OBJ) $(CORE)
	@mkdir -p $(@D); echo "  AR $@"
	@ld -r -o $(BUILD)/lib/libtally.o $(DSL_OBJ) --whole-archive $(CORE)
	@objcopy --localize-hidden $(BUILD)/lib/libtally.o
	@rm -f $@; ar rcs $@ $(BUILD)/lib/libtally.o

# Unit tests: one program per file, found by name.
UNIT_SRC := $(shell find tests/unit -name '*_test.c' 2>/dev/null | sort)
UNIT_BIN := $(patsubst %.c,$(BUILD)/%,$(UNIT_SRC))
UNIT_HELP := $(filter-out %_test.c,$(shell find tests/unit -name '*.c' 2>/dev/null))
$(UNIT_BIN): $(BUILD)/%: $(BUILD)/obj/%.o $(call obj,$(UNIT_HELP)) $(PRODUCTS) $(CORE)
	@mkdir -p $(@D); echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

.PHONY: setup clean help
setup:
	@ci/setup
clean:
	rm -rf build

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
