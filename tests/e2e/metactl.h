// SPDX-License-Identifier: Apache-2.0
// The built metactl, run in a folder of its own.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "http/transport.h"
#include "keys/keys.h"
#include "proto/instance.pb.h"
#include "proto/journal.pb.h"
#include "store/sqlite.h"
#include "tests/support/loopback.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace metactl::tests {

inline constexpr std::chrono::seconds patient{60};  // Only a hanging test takes so long.

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// A call to a server that runs. 0: no answer came.
inline http::Reply call(http::CurlTransport& transport, std::string_view name,
                        const std::string& body, std::string_view token = "secret") {
  try {
    return transport.send({.method = "PUT",
                           .path = fmt::format("/MetaService/http/{}", name),
                           .query = fmt::format("token={}", token),
                           .body = body,
                           .peer = {}});
  } catch (const Error& error) {
    return {.status = 0, .content_type = {}, .body = error.what()};
  }
}

inline http::Reply call(const std::string& url, std::string_view name, const std::string& body,
                        std::string_view token = "secret") {
  http::CurlTransport transport(url, patient);
  return call(transport, name, body, token);
}

/// The body of add_node for instance "i" and cluster "c".
inline std::string node_body(std::string_view ip, int port) {
  return fmt::format(
      R"({{"instance_id": "i", "cluster": {{"cluster_id": "c", "type": "COMPUTE", "nodes": [)"
      R"({{"cloud_unique_id": "{0}_{1}", "ip": "{0}", "heartbeat_port": {1}}}]}}}})",
      ip, port);
}

class MetactlFixture {
 public:
  const TempDir folder;
  const std::string state = folder / "state.db";

  std::map<std::string, std::string> environment() const {
    std::map<std::string, std::string> result = {
        {"HOME", folder.path()}, {"METACTL_STATE", state}, {"METACTL", binary()}};
    for (const char* name : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"})
      if (const char* value = std::getenv(name)) result[name] = value;
    return result;
  }

  Launch metactl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), binary());
    return {.arguments = std::move(arguments), .environment = environment()};
  }
  /// A script in which "$METACTL" is the program.
  Launch shell(const std::string& script) const {
    return {.arguments = {"/bin/sh", "-c", script}, .environment = environment()};
  }

  /// What the program says; a failed check when it fails.
  std::string out(std::vector<std::string> arguments) const {
    const auto outcome = run(metactl(std::move(arguments)));
    if (outcome.status != 0)
      throw std::runtime_error(fmt::format("exit {}: {}", outcome.status, outcome.err));
    return outcome.out;
  }

  /// Instance "i" with the COMPUTE cluster "c", in the state.
  void create_cluster() const {
    out({"instance", "create", "i", "--user-id", "u"});
    out({"cluster", "add", "c"});
  }

  /// The endpoints of all nodes of instance "i", read from the state file.
  std::set<std::string> nodes() const {
    store::SqliteStore store(state);
    pb::InstanceInfoPB instance;
    instance.ParseFromString(store.read(
        [](store::View& view) { return view.get(keys::instance_key("i")).value_or(""); }));
    std::set<std::string> endpoints;
    for (const auto& cluster : instance.clusters())
      for (const auto& node : cluster.nodes())
        endpoints.insert(fmt::format("{}:{}", node.ip(), node.heartbeat_port()));
    return endpoints;
  }

  /// How many records the journal has about an operation.
  int journaled(std::string_view operation) const {
    store::SqliteStore store(state);
    const auto range = keys::journal();
    int count = 0;
    for (const auto& pair :
         store.read([&](store::View& view) { return view.scan(range.first, range.last); })) {
      pb::JournalRecord record;
      record.ParseFromString(pair.value);
      if (record.operation() == operation) ++count;
    }
    return count;
  }
};

/// `metactl serve` on a free port, with the token "secret".
class Serving {
 public:
  explicit Serving(const MetactlFixture& fixture, const std::vector<std::string>& options = {})
      : process_(launch(fixture, options)) {
    const auto line = process_.line();
    const std::string expected = "listening on ";
    if (!line.starts_with(expected)) throw std::runtime_error("serve says: " + line);
    url_ = line.substr(expected.size());
  }

  const std::string& url() const { return url_; }
  std::uint16_t port() const { return port_of(url_); }
  Process& process() { return process_; }
  Outcome stop(int signal = SIGTERM) {
    process_.signal(signal);
    return process_.wait();
  }

  static Launch launch(const MetactlFixture& fixture, const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"serve", "--listen", "127.0.0.1:0"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    auto result = fixture.metactl(std::move(arguments));
    result.environment["METACTL_TOKEN"] = "secret";
    return result;
  }

 private:
  Process process_;
  std::string url_;
};

}  // namespace metactl::tests
