// SPDX-License-Identifier: Apache-2.0
// A node_mgr as it was published: it frames HTTP as the real one does, and runs no job. Source:
// node-mgr-api.md, sections 3 to 7 and 11.
#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/fake_server.h"
#include "tests/support/temp_dir.h"

namespace metactl::tests {

class NodemgrDouble {
 public:
  /// What a node_mgr does otherwise than it should. Set it before the calls.
  struct Manners {
    bool is_later_version = false;  // get_status answers {"result", "info"}.
    bool is_silent = false;         // Never answers; the connection stays open until the end.
    int polls_before_start = 0;     // Looks at a new job that still show `none`.
    std::string failure = {};       // What a backup or restore ends with instead of a success.
    bool forgets = false;           // As after a restart: every job is `none` behind its start.
    /// Makes another reply of a good one; "" closes the connection without answer.
    std::function<std::string(const std::string& reply)> spoil = nullptr;
  };

  NodemgrDouble() : NodemgrDouble(Manners()) {}
  explicit NodemgrDouble(Manners manners);
  ~NodemgrDouble();
  NodemgrDouble(const NodemgrDouble&) = delete;
  NodemgrDouble& operator=(const NodemgrDouble&) = delete;

  std::string url() const { return socket_.url(); }
  /// 127.0.0.1:PORT
  std::string address() const { return url().substr(std::string("http://").size()); }

  /// What the first read of each connection gave.
  std::vector<std::string> reads() const;
  /// The jobs that were read, as far as they are JSON objects.
  std::vector<nlohmann::json> jobs() const;
  /// True when a job came that ends the process of a real node_mgr.
  bool has_crashed() const { return has_crashed_; }
  /// Where files go: to `mysql`, `pgsql`, `cluster` and `upload` in it.
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  using Json = nlohmann::json;

  bool wait_for(int descriptor) const;
  std::string read_once(int peer) const;
  void serve_one();
  std::string answer(int peer, const std::string& read);
  std::string run(const std::string& body);
  std::string status(const std::string& id);
  void set_status(const std::string& id, const std::string& text);
  void begin(const std::string& id, const std::string& job_type);
  std::string take_file(int peer, std::string read);

  const Manners manners_;
  const TempDir folder_;
  const DeafSocket socket_{true};
  mutable std::mutex mutex_;
  std::vector<std::string> reads_;
  std::vector<Json> jobs_;
  std::deque<std::pair<std::string, std::string>> statuses_;  // By job, newest first.
  struct Walk {
    std::string id;
    std::deque<std::string> texts;  // Still to come, one a look.
  };
  std::vector<Walk> walks_;
  std::atomic<bool> has_crashed_ = false;
  std::atomic<bool> is_stopped_ = false;
  std::thread thread_;
};

}  // namespace metactl::tests
