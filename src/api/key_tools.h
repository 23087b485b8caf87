// SPDX-License-Identifier: Apache-2.0
// Operations on single keys and values. Source: key-encoding.md, sections 4 to 7.
#pragma once

#include "api/operation.h"
#include "proto/service.pb.h"

namespace metactl::api {

/// Errors: INVALID_ARGUMENT (no key, or none that can be decoded).
inline constexpr Operation<pb::KeyRequest, pb::TextResponse> decode_key{{
    .name = "decode_key",
    .input = Input::query,
    .reply = Reply::text,
    .internal = true,
    .summary = "Draw a key over its hexadecimal digits",
}};

/// Errors: INVALID_ARGUMENT (unknown type; a parameter missing or empty).
inline constexpr Operation<pb::KeyRequest, pb::TextResponse> encode_key{{
    .name = "encode_key",
    .input = Input::query,
    .reply = Reply::text,
    .internal = true,
    .summary = "Make a key from its type and fields",
}};

/// Errors: as encode_key; KV_TXN_GET_ERR (nothing stored), PROTOBUF_PARSE_ERR (the value is none of
/// that type). Secrets are as they are stored.
inline constexpr Operation<pb::KeyRequest, pb::TextResponse> get_value{{
    .name = "get_value",
    .input = Input::query,
    .reply = Reply::text,
    .summary = "Show a stored value as JSON",
}};

/// Writes a value as it is told, whatever that breaks; refused by `metactl serve` unless it was
/// started with --allow-set-value. Errors: as encode_key; INVALID_ARGUMENT (not allowed, a key of
/// another type, a type whose values cannot be written), PROTOBUF_PARSE_ERR (no such JSON).
inline constexpr Operation<pb::KeyRequest, pb::TextResponse> set_value{{
    .name = "set_value",
    .effect = Effect::destroy,
    .input = Input::document,
    .reply = Reply::text,
    .summary = "Overwrite a stored value, whatever that breaks",
}};

/// Errors: as set_value; KV_TXN_GET_ERR (nothing stored). Without key_type: a key no row may have.
inline constexpr Operation<pb::KeyRequest, pb::StatusResponse> delete_value{{
    .name = "delete_value",
    .effect = Effect::destroy,
    .input = Input::query,
    .extension = true,
    .summary = "Remove a stored value, whatever that breaks",
}};

}  // namespace metactl::api
