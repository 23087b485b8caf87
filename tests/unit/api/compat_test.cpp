// SPDX-License-Identifier: Apache-2.0
// The releases that a Meta Service can answer as.
#include "api/compat.h"

#include <catch2/catch.hpp>
#include <set>

#include "api/json.h"
#include "base/error.h"
#include "proto/resource_api.pb.h"

namespace api = metactl::api;
namespace pb = metactl::pb;
using metactl::Error;

TEST_CASE("the newest release is the default and differs in nothing", "[api][compat]") {
  CHECK(api::releases.front().name == "latest");
  CHECK(api::releases.front().differences == 0);
  std::set<std::string_view> names;
  for (const auto& release : api::releases) {
    CHECK(names.insert(release.name).second);
    CHECK(&api::find_release(release.name) == &release);
  }
}

TEST_CASE("a release has the differences that are listed for it", "[api][compat]") {
  const api::Release release{.name = "x",
                             .differences = api::all_of({api::Difference::empty_users_refused})};
  CHECK(release.has(api::Difference::empty_users_refused));
  CHECK_FALSE(release.has(api::Difference::bare_stores));
  CHECK(api::find_release("2").has(api::Difference::bare_stores));
}

TEST_CASE("an unknown release is refused with the names of all", "[api][compat]") {
  const auto* name = GENERATE("", "3", "02", "2 ", "newest", "LATEST");
  CAPTURE(name);
  try {
    api::find_release(name);
    FAIL("found");
  } catch (const Error& error) {
    CHECK(error.reason() == metactl::Reason::usage);
    for (const auto& release : api::releases)
      CHECK_THAT(error.hint(), Catch::Contains(std::string(release.name)));
  }
}

TEST_CASE("newer members are taken out at any depth, for the releases that lack them",
          "[api][compat]") {
  const std::string all =
      R"({"cluster":[{"cluster_id":"c","nodes":[{"ip":"x","ctime":"1","status":)"
      R"("NODE_STATUS_RUNNING"}],"cluster_status":"NORMAL","ctime":"2","mtime":"3"}],)"
      R"("enable_storage_vault":true})";
  pb::GetClusterResponse response;
  api::from_json(all, response);
  api::remove_newer_members(api::find_release("latest"), response);
  CHECK(api::to_json(response) == all);
  api::remove_newer_members(api::find_release("2"), response);
  CHECK(api::to_json(response) ==
        R"({"cluster":[{"cluster_id":"c","nodes":[{"ip":"x","ctime":"1"}]}]})");
}
