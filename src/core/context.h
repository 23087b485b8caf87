// SPDX-License-Identifier: Apache-2.0
// What a handler works with: the store, the time, and who asks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "api/compat.h"
#include "core/journal.h"
#include "core/secrets.h"
#include "store/store.h"

namespace metactl::pb {
class NodemgrInfoResponse;
}

namespace metactl::core {

/// What `serve` is asked to do that the service's own settings, which are in the state, do not say.
struct Settings {
  api::Release release = api::releases.front();  // As which the Meta Service answers.
  std::int64_t fe_drop_protection_seconds = 0;   // 0: FE nodes may be dropped at any age.
  bool allow_set_value = true;  // Run set_value and delete_value, which may break anything.
  bool allow_shell = false;     // Simulate node_mgr's shell commands instead of refusing them.

  /// Keeps a file that node_mgr is sent, in place of one of the same name in that area. Empty:
  /// files are looked at only.
  std::function<void(const std::string& area, const std::string& name, std::string_view content)>
      keep_file = {};
  /// How busy and how full this machine is; what cannot be measured stays absent.
  std::function<void(pb::NodemgrInfoResponse&)> measure = {};
};

/// Where time, randomness and secrets come from; tests give their own.
struct Environment {
  std::function<std::int64_t()> now_ms;  // Unix time in milliseconds.
  std::function<std::string(std::size_t)> random_bytes;
  Secrets secrets;
  Settings settings;
  bool journal = true;  // Write a record of each change.
};

/// One call. A handler runs one read or one transact (those that must run more say why), and keeps
/// nothing afterwards.
class Context {
 public:
  Context(store::Store& store, const Environment& environment, std::int64_t now_ms,
          JournalEntry entry)
      : store_(store), environment_(environment), now_ms_(now_ms), entry_(std::move(entry)) {}

  /// Runs `body(store::Txn&)` and commits what it changed together with its journal record.
  template <class Body>
  auto transact(Body&& body) {
    return store_.transact([&](store::Txn& txn) {
      RecordingTxn recording(txn);
      if constexpr (std::is_void_v<std::invoke_result_t<Body&, store::Txn&>>) {
        body(recording);
        record(txn, recording);
      } else {
        auto result = body(recording);
        record(txn, recording);
        return result;
      }
    });
  }

  /// Runs `body(store::View&)` on one consistent view.
  template <class Body>
  auto read(Body&& body) {
    return store_.read(std::forward<Body>(body));
  }

  std::int64_t now() const { return now_ms_ / 1000; }  // Unix time in seconds.
  std::int64_t now_ms() const { return now_ms_; }      // The same in milliseconds.
  std::string random_bytes(std::size_t count) const { return environment_.random_bytes(count); }
  const Secrets& secrets() const { return environment_.secrets; }
  const Settings& settings() const { return environment_.settings; }
  /// True when the release that is asked for differs from the newest in this.
  bool has(api::Difference difference) const { return settings().release.has(difference); }

 private:
  void record(store::Txn& txn, const RecordingTxn& recording) const {
    if (environment_.journal) write_journal(txn, recording, entry_, now_ms_);
  }

  store::Store& store_;
  const Environment& environment_;
  std::int64_t now_ms_;
  JournalEntry entry_;
};

}  // namespace metactl::core
