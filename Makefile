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
NEEDS_NOTHING := clean help setup fmt dist check lint fuzz asan tsan clang uninstall

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
	@$(CC) $(CFLAGS) $(OBJ_CFLAGS) -MMD -MP -c -o $@ $<

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

# Fuzzers: replayed over their corpus in every build, run by libFuzzer in `make fuzz`.
FUZZ_SRC := $(sort $(wildcard tests/fuzz/*_fuzz.c))
REPLAY_BIN := $(patsubst tests/fuzz/%_fuzz.c,$(BUILD)/tests/fuzz/%_replay,$(FUZZ_SRC))
$(REPLAY_BIN): $(BUILD)/tests/fuzz/%_replay: $(BUILD)/obj/tests/fuzz/%_fuzz.o $(BUILD)/obj/tests/fuzz/replay_main.o $(CORE)
	@mkdir -p $(@D); echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
FUZZ_BIN := $(patsubst tests/fuzz/%_fuzz.c,$(BUILD)/tests/fuzz/%_fuzz,$(FUZZ_SRC))
$(FUZZ_BIN): $(BUILD)/tests/fuzz/%_fuzz: $(BUILD)/obj/tests/fuzz/%_fuzz.o $(CORE)
	@mkdir -p $(@D); $(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

# The wallet app's consumer tests, built as an app outside the tree would: tally.h and libtally.so.
WALLET := $(BUILD)/bin/wallet-contracts
$(WALLET): $(call obj,$(wildcard tests/demo/*.c)) $(DSL_SO)
	@mkdir -p $(@D); echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -L$(BUILD)/lib -ltally -Wl,-rpath,'$$ORIGIN/../lib' -lcmocka $(PKG_LIBS)

$(call obj,$(wildcard tests/demo/*.c)): OBJ_CFLAGS := -Iconsumer-dsl/include

BENCH_BIN := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*_bench.c))
SCALE_BIN := $(BUILD)/tests/bench/broker_scale
BENCH_HELP := $(call obj,tests/bench/common.c tests/bench/broker_load.c)
$(BENCH_BIN) $(SCALE_BIN): $(BUILD)/%: $(BUILD)/obj/%.o $(BENCH_HELP) $(PRODUCTS) $(CORE)
	@mkdir -p $(@D); echo "  LD $@"
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

.PHONY: tests demo test check asan tsan clang fuzz bench fmt lint install uninstall dist setup clean help
.SECONDARY:
tests: all $(WALLET) $(UNIT_BIN) $(REPLAY_BIN)

demo: all $(WALLET)
	@BUILD=$(BUILD) KEEP=$(KEEP) tests/demo/run

test: tests
	@tests/run $(BUILD) unit fuzz e2e interop

# Each sanitizer is this Makefile with another BUILD. TSan runs what has threads.
asan:
	@$(MAKE) BUILD=build/asan WERROR= SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all' tests
	@tests/run build/asan unit fuzz e2e
TSAN_TESTS = lib/http/server_test lib/http/loop_test lib/http/server_life_test lib/http/client_test \
             consumer-dsl/dsl_test lib/base/re_test lib/contract/match_threads_test verifier/verify_test \
             broker/writer_test
tsan:
	@$(MAKE) BUILD=build/tsan WERROR= SANITIZE='-fsanitize=thread' $(filter $(UNIT_BIN:$(BUILD)/%=build/tsan/%),$(TSAN_TESTS:%=build/tsan/tests/unit/%))
	@tests/run build/tsan $(filter $(UNIT_BIN:$(BUILD)/%=build/tsan/%),$(TSAN_TESTS:%=build/tsan/tests/unit/%))
clang:
	@$(MAKE) BUILD=build/clang CC=clang tests

check:
	@ci/setup --purpose check
	@tests/check/all

fuzz:
	@ci/setup --purpose check
	@$(MAKE) BUILD=build/fuzz CC=clang WERROR= SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' fuzz-programs
	@FUZZ_SECONDS=$(FUZZ_SECONDS) FUZZ_TOTAL=$(FUZZ_TOTAL) tests/fuzz/run build/fuzz
.PHONY: fuzz-programs
fuzz-programs: $(FUZZ_BIN)

bench: all $(WALLET) $(BENCH_BIN)
	@BUILD=$(BUILD) tests/bench/run

# The crash test at full size; its figures are its last line.
SOAK_ROUNDS ?= 300
.PHONY: soak
soak: all
	@TALLY_BIN=$(CURDIR)/$(BUILD)/bin SOAK_ROUNDS=$(SOAK_ROUNDS) \
	    tests/e2e/32-broker-loses-nothing-it-acknowledged
	@TALLY_BIN=$(CURDIR)/$(BUILD)/bin SOAK_ROUNDS=$$(($(SOAK_ROUNDS) / 10 + 1)) \
	    tests/e2e/39-broker-is-sound-whenever-it-is-killed

# Apart from the others: a million publications take minutes and gigabytes.
.PHONY: bench-scale
bench-scale: all $(SCALE_BIN)
	@BUILD=$(BUILD) tests/bench/run scale

fmt:
	@git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i
lint:
	@ci/setup --purpose check
	@tests/check/lint

PREFIX ?= /usr/local
install: all
	install -D -t $(DESTDIR)$(PREFIX)/bin $(TALLY)
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/include consumer-dsl/include/tally.h
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib $(DSL_SO) $(DSL_A)
	ln -sf libtally.so $(DESTDIR)$(PREFIX)/lib/libtally.so.0
	mkdir -p $(DESTDIR)$(PREFIX)/lib/pkgconfig
	sed 's,@PREFIX@,$(PREFIX),; s,@VERSION@,$(VERSION),; s,@LIBS@,$(PKG_LIBS),' consumer-dsl/tally.pc.in \
	    > $(DESTDIR)$(PREFIX)/lib/pkgconfig/tally.pc
uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/tally include/tally.h lib/libtally.so lib/libtally.so.0 lib/libtally.a lib/pkgconfig/tally.pc)
dist:
	@mkdir -p build; git archive --prefix=tally-$(VERSION)/ -o build/tally-$(VERSION).tar.gz HEAD; echo build/tally-$(VERSION).tar.gz

setup:
	@ci/setup
clean:
	rm -rf build
help:
	@echo "make demo     install what is missing, build, tell the whole story (KEEP=1 leaves it running)"
	@echo "make test     install what is missing, build, run all tests"
	@echo "make check    layers, headers, format, lint, clang build, tests under ASan+UBSan and TSan"
	@echo "make bench    rates, CPU per operation, peak memory"
	@echo "make soak     kill -9 in a storm of publications, SOAK_ROUNDS (300) times"
	@echo "make bench-scale  the broker's hot questions at up to SCALE_MAX (1000000) publications"
	@echo "make fuzz     every fuzzer for FUZZ_SECONDS (60), or all in FUZZ_TOTAL; ends with a table"
	@echo "make all | install (PREFIX, DESTDIR) | uninstall | dist | fmt | lint | asan | tsan | clean"

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
