// SPDX-License-Identifier: Apache-2.0
// Replays the examples of both API documents; README.md describes the files.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "server/front.h"
#include "tests/conformance/example.h"
#include "tests/support/core_fixture.h"
#include "tests/support/places.h"

namespace metactl::tests {
namespace {

constexpr auto token = "greedisgood9999";
constexpr std::string_view base = "/MetaService/http/";
const std::filesystem::path folder = metactl::tests::source_dir() + "/tests/conformance";

std::vector<std::filesystem::path> files(const std::string& document) {
  std::set<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder / document))
    found.insert(entry.path());
  return {found.begin(), found.end()};
}

/// Carries out the steps of one file on an empty state, on a service of that release.
class Replay : CoreFixture {
 public:
  explicit Replay(std::string prefix, std::string_view release = "latest")
      : prefix_(std::move(prefix)) {
    settings.release = api::find_release(release);
  }

  void run(const Step& step) {
    if (step.kind == "at") {
      set_now(std::stoll(step.argument));
    } else if (step.kind == "prepare") {
      send({"PUT", std::string(base) + step.argument, std::string("token=") + token, step.text,
            "127.0.0.1"});
      INFO(reply_.body);
      REQUIRE(reply_.status == 200);
    } else if (step.kind == "request") {
      send(parse_request(step.text, token));
    } else if (step.kind == "reply") {
      check(step);
    } else {
      FAIL("no such section: " << step.kind);
    }
  }

 private:
  void send(http::Request request) {
    REQUIRE(request.path.starts_with(base));
    request.path.insert(base.size(), prefix_);
    before_ = content();
    const core::Dispatcher dispatcher(memory, environment(), core::meta::handlers());
    reply_ = server::Front(dispatcher, {.token = token, .log = nullptr}).answer(request);
  }

  void check(const Step& step) {
    CHECK(std::to_string(reply_.status) == step.argument);
    if (settings.release.name != "latest") {
      // The layout of the older document differs from example to example.
      using nlohmann::ordered_json;
      CHECK(ordered_json::parse(reply_.body).dump(1) == ordered_json::parse(step.text).dump(1));
    } else if (!matches(reply_.body, step.text + "\n")) {
      CHECK(reply_.body == step.text + "\n");
    }
    CHECK(reply_.content_type == "application/json");
    if (reply_.status != 200) CHECK(content() == before_);
  }

  const std::string prefix_;
  http::Reply reply_;
  std::vector<store::Pair> before_;
};

/// The calls that the requests of a document are about.
std::set<std::string> replayed_calls(const std::string& document) {
  std::set<std::string> calls;
  for (const auto& file : files(document))
    for (const auto& step : read_example(file))
      if (step.kind == "request")
        calls.insert(parse_request(step.text, token).path.substr(base.size()));
  return calls;
}

}  // namespace

TEST_CASE("the examples of the API documents are answered as the fact sheet says",
          "[conformance]") {
  const std::string document = GENERATE("doc-0", "doc-1");
  const std::string prefix = GENERATE("", "v1/");
  for (const auto& file : files(document)) {
    DYNAMIC_SECTION(document << "/" << file.filename().string() << " " << prefix) {
      Replay replay(prefix);
      for (const auto& step : read_example(file)) {
        INFO(file.string() << ":" << step.line);
        replay.run(step);
      }
    }
  }
}

TEST_CASE("release 2 answers every example of the older document unmodified, request and reply",
          "[conformance][compat]") {
  const std::string prefix = GENERATE("", "v1/");
  for (const auto& file : files("compat-2")) {
    DYNAMIC_SECTION(file.filename().string() << " " << prefix) {
      Replay replay(prefix, "2");
      for (const auto& step : read_example(file)) {
        INFO(file.string() << ":" << step.line);
        replay.run(step);
      }
    }
  }
}

TEST_CASE("the examples of all calls that exist are there", "[conformance]") {
  const std::set<std::string> older = {
      "create_instance", "add_cluster", "get_cluster", "drop_cluster",
      "rename_cluster",  "add_node",    "drop_node",   "update_cluster_mysql_user_name"};
  auto newer = older;
  newer.insert({"drop_instance", "get_instance", "set_instance_status", "enable_instance_sse",
                "get_cluster_status", "set_cluster_status"});
  for (const auto& call : older) CHECK(replayed_calls("doc-0").contains(call));
  auto all_of_document = older;
  all_of_document.insert({"get_obj_store_info", "update_ak_sk", "add_obj_info"});
  CHECK(replayed_calls("compat-2") == all_of_document);
  for (const auto& call : newer) CHECK(replayed_calls("doc-1").contains(call));
}

TEST_CASE("an expected reply is exact but for its gaps", "[conformance]") {
  CHECK(matches("a b c\n", "a [...] c\n"));
  CHECK(matches("a  c\n", "a [...] c\n"));
  CHECK(matches("one two three", "[...]two[...]"));
  CHECK(matches("x", "[...]"));
  CHECK_FALSE(matches("a\nb", "a[...]b"));
  CHECK_FALSE(matches("a b", "a [...] c"));
  CHECK_FALSE(matches("ab", "a"));
  CHECK_FALSE(matches("one three", "[...]two[...]"));
}

}  // namespace metactl::tests
