// SPDX-License-Identifier: Apache-2.0
// Reading stored rows of one key type, for lists that the real service has no call for.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/session.h"

namespace metactl::commands {

/// The first fields of keys, by name.
using KeyFields = std::map<std::string, std::string>;

/// The rows that a request means in order of their keys, page by page, at most `limit`; the limit
/// of the request is not looked at. Throws Error, with a hint when the service cannot list.
std::vector<pb::StoredRowPB> scan_rows(cli::Session& session, pb::ScanKeysRequest request,
                                       std::size_t limit = SIZE_MAX);

/// The value under a key, the rows of a split one joined; nothing when there is none. Throws as
/// scan_rows.
std::optional<std::string> stored_value(cli::Session& session, const std::string& key);

/// All rows of a key type in the instance whose keys begin with these fields, in order of the keys.
/// Throws Error: cli::no_instance, or with a hint when the service cannot list.
std::vector<pb::StoredRowPB> stored_rows(cli::Session& session, const std::string& key_type,
                                         const KeyFields& fields);

/// Throws cli::no_instance unless the session's instance exists. A list of stored rows is empty
/// then, as it may be for another reason.
void require_instance(cli::Session& session);

/// The value of a row as message. Throws Error, integrity, for a value that is none.
template <class Message>
Message message_of(const pb::StoredRowPB& row) {
  Message message;
  if (!message.ParseFromString(row.value()))
    throw Error(Reason::integrity, "damaged value under key " + text::hex(row.key()));
  return message;
}

/// The values of such rows as messages.
template <class Message>
std::vector<Message> stored_messages(cli::Session& session, const std::string& key_type,
                                     const KeyFields& fields) {
  std::vector<Message> messages;
  for (const auto& row : stored_rows(session, key_type, fields))
    messages.push_back(message_of<Message>(row));
  return messages;
}

/// Throws Error, usage, when the rows are wanted as the service's own bytes.
void refuse_raw(const cli::Session& session);

/// A number that was typed. Throws Error, usage, which names it; so does an empty one.
std::int64_t parse_number(const std::string& word, const std::string& name);

/// The same for the value of --limit, which is at least 1.
std::size_t parse_limit(const std::string& word);

}  // namespace metactl::commands
