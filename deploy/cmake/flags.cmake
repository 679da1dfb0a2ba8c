# SPDX-License-Identifier: Apache-2.0
# Two interface targets carry all flags; nothing is appended to CMAKE_C_FLAGS.
option(PASSERELLE_TESTS "build the tests" ON)
option(PASSERELLE_WERROR "warnings are errors" OFF)
set(PASSERELLE_SANITIZE "" CACHE STRING "value of -fsanitize=, e.g. address,undefined")
option(PASSERELLE_FUZZ "build the libFuzzer targets (clang)" OFF)

add_library(project_warnings INTERFACE)
target_compile_options(project_warnings INTERFACE
	-Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
	-Wvla -Wformat=2 -Werror=format-security -Wundef -Wnull-dereference -Wcast-qual -Wwrite-strings
	-Wswitch-enum -Werror=implicit-function-declaration
	# gcc alone reads the fall-through comments of uthash.h
	$<$<C_COMPILER_ID:GNU>:-Wimplicit-fallthrough -Wlogical-op -Wduplicated-cond -Wtrampolines>
	$<$<BOOL:${PASSERELLE_WERROR}>:-Werror>)

add_library(project_hardening INTERFACE)
target_compile_definitions(project_hardening INTERFACE _GNU_SOURCE)
target_compile_options(project_hardening INTERFACE
	-fno-strict-overflow -fno-delete-null-pointer-checks -fno-strict-aliasing
	-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
if(PASSERELLE_SANITIZE)
	# Auto-initialised variables and FORTIFY hide from the sanitizers what they look for.
	target_compile_options(project_hardening INTERFACE -fsanitize=${PASSERELLE_SANITIZE}
		-fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(project_hardening INTERFACE -fsanitize=${PASSERELLE_SANITIZE})
else()
	target_compile_definitions(project_hardening INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=3>)
	target_compile_options(project_hardening INTERFACE
		-fstack-protector-strong -fstack-clash-protection -fcf-protection=full
		-ftrivial-auto-var-init=zero $<$<C_COMPILER_ID:GNU>:-fzero-call-used-regs=used-gpr>
		# clang before 16 asks for this besides
		$<$<AND:$<C_COMPILER_ID:Clang>,$<VERSION_LESS:$<C_COMPILER_VERSION>,16>>:-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang>)
	target_link_options(project_hardening INTERFACE
		-Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code -Wl,--as-needed)
endif()
if(PASSERELLE_FUZZ)
	# Every layer reports the branches that it takes; only fuzz targets link the fuzzer itself.
	target_compile_options(project_hardening INTERFACE -fsanitize=fuzzer-no-link)
endif()
