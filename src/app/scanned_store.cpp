// SPDX-License-Identifier: Apache-2.0
#include "app/scanned_store.h"

#include <algorithm>
#include <stdexcept>

#include "api/meta.h"
#include "base/text.h"
#include "keys/keys.h"

namespace metactl::app {
namespace {

/// Larger than that of any server, so that ids made from it are new; ids of transactions have 53
/// bits for it.
constexpr std::uint64_t far_revision = std::uint64_t{1} << 52;

constexpr std::size_t page_size = 1000;

bool is_left_out(const std::string& key) {
  return static_cast<std::uint8_t>(key.front()) >= static_cast<std::uint8_t>(keys::Space::tool) ||
         keys::parse_instance_key(key) || keys::parse_storage_vault_key(key);
}

/// True when a range has nothing but what is left out, so that nobody need be asked.
bool is_left_out(const std::string& first, const std::string& last) {
  if (last == first + '\0') return is_left_out(first);
  if (first >= std::string(1, static_cast<char>(keys::Space::tool))) return true;
  for (const auto& range : {keys::all_instances(), keys::all_vaults()})
    if (first >= range.first && !last.empty() && last <= range.last) return true;
  return false;
}

class ScannedView final : public store::View {
 public:
  ScannedView(client::Client& server, bool are_needed) : server_(server), are_needed_(are_needed) {}

  std::optional<std::string> get(std::string_view key) override {
    auto rows = scan(key, std::string(key) + '\0', 1);
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front().value);
  }

  std::vector<store::Pair> scan(std::string_view first, std::string_view last,
                                std::size_t limit) override {
    std::vector<store::Pair> found;
    if (is_left_out(std::string(first), std::string(last))) return found;
    pb::ScanKeysRequest request;
    request.set_first(text::hex(first));
    request.set_last(text::hex(last));
    do {
      request.set_limit(static_cast<std::int32_t>(std::min(limit - found.size(), page_size)));
      auto response = page(request);
      for (auto& row : *response.mutable_rows())
        if (!is_left_out(row.key()))
          found.push_back({std::move(*row.mutable_key()), std::move(*row.mutable_value())});
      request.set_first(response.next());
    } while (!request.first().empty() && found.size() < limit);
    return found;
  }

  std::uint64_t revision() const override { return far_revision; }

 private:
  pb::ScanKeysResponse page(const pb::ScanKeysRequest& request) {
    try {
      return server_.call(api::scan_keys, request);
    } catch (const Error& error) {
      // Who does not know the call answers in many ways.
      if (error.reason() != Reason::internal) throw;
      if (!are_needed_) return {};
      throw Error(Reason::usage,
                  "this cannot be rehearsed on a server that does not show its stored rows",
                  "only metactl serve shows them; --dry-run is about instances elsewhere");
    }
  }

  client::Client& server_;
  bool are_needed_;
};

}  // namespace

void ScannedStore::do_transact(const std::function<void(store::Txn&)>&) {
  throw std::logic_error("a server is not written through its rows");
}

void ScannedStore::do_read(const std::function<void(store::View&)>& body) {
  ScannedView view(server_, are_needed_);
  body(view);
}

}  // namespace metactl::app
