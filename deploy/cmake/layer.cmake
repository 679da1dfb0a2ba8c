# SPDX-License-Identifier: Apache-2.0
# One folder is one static library that links only what it may use, so that a
# call against the direction of the arrows fails to link.
#   passerelle_layer(<target> <include root> [libraries it may use...])
function(passerelle_layer target root)
	file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
	add_library(${target} STATIC ${sources})
	target_include_directories(${target} PUBLIC ${root})
	target_link_libraries(${target} PUBLIC ${ARGN} PRIVATE project_warnings project_hardening)
	target_compile_options(${target} PRIVATE -fvisibility=hidden)
endfunction()
