// SPDX-License-Identifier: Apache-2.0
//
// Questions and answers, the part of the frame codec with the most fields. For
// codec_frame_in.c and codec_frame_out.c only.
#ifndef PASSERELLE_WIRE_CODEC_ANSWER_H
#define PASSERELLE_WIRE_CODEC_ANSWER_H

#include "wire/codec_field.h"

#include <passerelle/v1/wire.pb-c.h>

enum { STATUS_REPLY_SIZE = 128 }; // of every StatusReply, see wire.proto

void take_query(struct taking *taking, const Passerelle__V1__Query *from, struct query *to);
void take_answer(struct taking *taking, const Passerelle__V1__Answer *from, struct answer *to);

// Room for the messages inside.
union query_out {
	Passerelle__V1__StatusQuestion status;
	Passerelle__V1__FlowQuestion flow;
	Passerelle__V1__DirectoryQuestion directory;
};
union answer_out {
	Passerelle__V1__StatusReply status;
	Passerelle__V1__FlowReply flow;
	Passerelle__V1__DirectoryReply directory;
};
void give_query(const struct query *from, Passerelle__V1__Query *to, union query_out *inside);
// False without memory.
bool give_answer(struct arena *arena, const struct answer *from, Passerelle__V1__Answer *to, union answer_out *inside);

#endif
