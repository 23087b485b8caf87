// SPDX-License-Identifier: Apache-2.0
// Replays the files in broker/: calls of a memory broker and their exact replies. README.md
// describes them. Source: broker-api.md, sections 0 and 18.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "core/broker/handlers.h"
#include "server/broker_front.h"
#include "store/memory.h"
#include "tests/conformance/example.h"
#include "tests/support/places.h"

namespace metactl::tests {
namespace {

using nlohmann::ordered_json;

/// A broker with a state of its own, behind its front.
class Broker {
 public:
  explicit Broker(core::broker::Options options)
      : handlers_(core::broker::handlers(std::move(options))) {}

  http::Reply send(const std::string& method, const std::string& path,
                   const std::string& body = "") const {
    http::Request request;
    request.method = method;
    const auto mark = std::min(path.find('?'), path.size());
    request.path = "/api/v2" + path.substr(0, mark);
    request.query = path.substr(std::min(mark + 1, path.size()));
    request.body = body;
    return front_.answer(request);
  }
  ordered_json get(const std::string& path) const {
    return ordered_json::parse(send("GET", path).body);
  }

 private:
  store::MemoryStore store_;
  const std::vector<core::Handler> handlers_;
  const core::Dispatcher dispatcher_{
      store_,
      {.now_ms = [] { return std::int64_t{1'600'000'000'000}; },
       .random_bytes = nullptr,
       .secrets = core::Secrets([](const auto&) { return std::string(); }),
       .settings = {}},
      handlers_};
  const server::BrokerFront front_{dispatcher_, {}};
};

/// "1:7002" is short for the proxy 10.0.0.1:7002 with its nodes 10.0.0.1:6003 and 10.0.0.1:6004.
std::string add_proxy(const Broker& broker, const std::string& name) {
  const auto host = "10.0.0." + name.substr(0, name.find(':'));
  const auto number = std::stoi(name.substr(name.find(':') + 1)) - 7000;
  const ordered_json body{{"proxy_address", "10.0.0." + name},
                          {"nodes",
                           {fmt::format("{}:{}", host, 6000 + 2 * number - 1),
                            fmt::format("{}:{}", host, 6000 + 2 * number)}}};
  return std::to_string(broker.send("POST", "/proxies/meta", body.dump()).status);
}

std::string range_text(const ordered_json& slots) {
  std::vector<std::string> ranges;
  for (const auto& range : slots["range_list"])
    ranges.push_back(fmt::format("{}-{}", range[0].get<int>(), range[1].get<int>()));
  auto result = text::join(ranges, ",");
  if (slots["tag"] == "None") return result;
  const auto& meta = *slots["tag"].begin();
  const bool leaves = slots["tag"].begin().key() == "Migrating";
  return fmt::format("{}{}{}@{}", result, leaves ? ">" : "<",
                     meta[leaves ? "dst_node_address" : "src_node_address"].get<std::string>(),
                     meta["epoch"].get<int>());
}

/// A line for each node: address, role, slots; ">" and "<" where they go to and come from, "@" the
/// epoch.
std::string nodes_text(const Broker& broker, const std::string& cluster) {
  std::vector<std::string> lines;
  const auto reply = broker.get("/clusters/meta/" + cluster);
  for (const auto& node : reply["cluster"]["nodes"]) {
    auto line = fmt::format("{} {}", node["address"].get<std::string>(),
                            node["repl"]["role"].get<std::string>());
    for (const auto& slots : node["slots"]) line += " " + range_text(slots);
    lines.push_back(std::move(line));
  }
  return text::join(lines, "\n");
}

/// The two proxies of each chunk: "1:7001+2:7001 3:7001+4:7001".
std::string chunks_text(const Broker& broker, const std::string& cluster) {
  const auto short_name = [](const ordered_json& address) {
    return address.get<std::string>().substr(std::string("10.0.0.").size());
  };
  std::vector<std::string> chunks;
  const auto metadata = broker.get("/metadata");
  for (const auto& chunk : metadata["clusters"][cluster]["chunks"])
    chunks.push_back(short_name(chunk["proxy_addresses"][0]) + "+" +
                     short_name(chunk["proxy_addresses"][1]));
  return text::join(chunks, " ");
}

/// The global epoch, and that of the cluster if one is named.
std::string epochs_text(const Broker& broker, const std::string& cluster) {
  auto result = broker.send("GET", "/epoch").body;
  if (!cluster.empty())
    result += " / " + broker.get("/metadata")["clusters"][cluster]["epoch"].dump();
  return result;
}

std::string info_text(const Broker& broker, const std::string& cluster) {
  const auto info = broker.get("/clusters/info/" + cluster);
  return fmt::format("{}, {}, {}", info["node_number"].dump(),
                     info["node_number_with_slots"].dump(), info["is_migrating"].dump());
}

/// Status and body; an error of the broker is its code alone.
std::string reply_text(const http::Reply& reply) {
  auto body = reply.body;
  const auto json = ordered_json::parse(body, nullptr, false);
  if (json.is_object() && json.size() == 1 && json.contains("error"))
    body = json["error"].get<std::string>();
  return fmt::format("{}{}{}", reply.status, body.empty() ? "" : " ", text::trim(body));
}

/// What a file expects: its JSON without blanks.
std::string expected(const std::string& text) {
  const auto blank = text.find_first_of(" \n");
  if (blank == text.npos || (text[blank + 1] != '{' && text[blank + 1] != '[')) return text;
  const auto json = ordered_json::parse(text.substr(blank + 1), nullptr, false);
  return json.is_discarded() ? text : text.substr(0, blank) + " " + json.dump();
}

class Replay {
 public:
  void run(const Step& step) {
    if (step.kind == "limit") {
      core::broker::Options options;
      options.migration_limit = std::stoull(step.argument);
      broker_ = std::make_unique<Broker>(std::move(options));
    } else if (step.kind == "proxies") {
      for (const auto& name : text::split(step.argument, ' '))
        CHECK(add_proxy(*broker_, name) == "200");
    } else {
      const auto actual = outcome(step);
      INFO(actual);
      CHECK(matches(actual, expected(step.text)));
    }
  }

 private:
  std::string outcome(const Step& step) const {
    if (step.kind == "nodes") return nodes_text(*broker_, step.argument);
    if (step.kind == "chunks") return chunks_text(*broker_, step.argument);
    if (step.kind == "epochs") return epochs_text(*broker_, step.argument);
    if (step.kind == "info") return info_text(*broker_, step.argument);
    const auto blank = std::min(step.argument.find(' '), step.argument.size());
    return reply_text(
        broker_->send(step.kind, step.argument.substr(0, blank), step.argument.substr(blank)));
  }

  std::unique_ptr<Broker> broker_ = std::make_unique<Broker>(core::broker::Options());
};

}  // namespace

TEST_CASE("the broker's worked examples and documents are answered to the byte",
          "[conformance][broker]") {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(metactl::tests::source_dir()) / "tests/conformance/broker"))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  CHECK(files.size() >= 6);
  for (const auto& path : files) {
    Replay replay;
    for (const auto& step : read_example(path)) {
      INFO(fmt::format("{}:{}: {} {}", path.filename().string(), step.line, step.kind,
                       step.argument));
      replay.run(step);
    }
  }
}

}  // namespace metactl::tests
