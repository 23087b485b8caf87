// SPDX-License-Identifier: Apache-2.0
#include "commands/stored_rows.h"

#include <fmt/format.h>

#include <algorithm>

#include "commands/lookup.h"
#include "keys/keys.h"

namespace metactl::commands {
namespace {

pb::ScanKeysResponse page(cli::Session& session, const pb::ScanKeysRequest& request) {
  try {
    return session.client().call(api::scan_keys, request);
  } catch (Error& error) {
    if (session.is_remote() && error.reason() == Reason::internal)
      error.set_hint("the real service cannot list stored rows, only metactl serve can");
    throw;
  }
}

}  // namespace

std::vector<pb::StoredRowPB> scan_rows(cli::Session& session, pb::ScanKeysRequest request,
                                       std::size_t limit) {
  constexpr std::size_t page_size = 1000;
  std::vector<pb::StoredRowPB> rows;
  do {
    request.set_limit(static_cast<std::int32_t>(std::min(limit - rows.size(), page_size)));
    auto response = page(session, request);
    for (auto& row : *response.mutable_rows()) rows.push_back(std::move(row));
    request.set_first(response.next());
  } while (!request.first().empty() && rows.size() < limit);
  return rows;
}

std::optional<std::string> stored_value(cli::Session& session, const std::string& key) {
  const auto range = keys::rows_of_value(key);
  pb::ScanKeysRequest request;
  request.set_first(text::hex(range.first));
  request.set_last(text::hex(range.last));
  const auto rows = scan_rows(session, request);
  if (rows.empty()) return std::nullopt;
  std::string value;
  for (const auto& row : rows) value += row.value();
  return value;
}

std::vector<pb::StoredRowPB> stored_rows(cli::Session& session, const std::string& key_type,
                                         const KeyFields& fields) {
  pb::ScanKeysRequest request;
  request.set_key_type(key_type);
  (*request.mutable_fields())["instance_id"] = session.instance();
  for (const auto& [name, value] : fields) (*request.mutable_fields())[name] = value;
  auto rows = scan_rows(session, std::move(request));
  if (rows.empty()) require_instance(session);
  return rows;
}

void require_instance(cli::Session& session) {
  get_instance(session, session.instance());
}

void refuse_raw(const cli::Session& session) {
  if (session.style().format == render::Format::raw)
    throw Error(Reason::usage, "-o raw is not possible here: this is made from stored rows",
                "metactl api scan_keys");
}

std::int64_t parse_number(const std::string& word, const std::string& name) {
  const auto number = text::to_int(word);
  if (!number) throw Error(Reason::usage, fmt::format("{} is no number: '{}'", name, word));
  return *number;
}

std::size_t parse_limit(const std::string& word) {
  const auto limit = parse_number(word, "--limit");
  if (limit < 1) throw Error(Reason::usage, "--limit must be at least 1");
  return static_cast<std::size_t>(limit);
}

}  // namespace metactl::commands
