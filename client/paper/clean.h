// SPDX-License-Identifier: Apache-2.0
//
// Texts that others wrote, before they are drawn: nothing in them may turn the
// direction of what stands around them, or hide.
#ifndef PASSERELLE_PAPER_CLEAN_H
#define PASSERELLE_PAPER_CLEAN_H

// A copy without control characters (line feeds stay), bidirectional overrides and isolates, separators of lines and
// paragraphs, tag characters; U+FFFD stands for each of them and for bytes that are not UTF-8. The caller frees it.
char *clean_text(const char *text);

#endif
