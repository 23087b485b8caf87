// SPDX-License-Identifier: Apache-2.0
#include "base/temporary_name.h"

#include <catch2/catch.hpp>

namespace metactl {

TEST_CASE("a temporary file stands beside the one that it becomes", "[base]") {
  const auto name = temporary_template("/a/state.db");
  CHECK(name.starts_with("/a/state.db."));
  CHECK(name.size() == std::string("/a/state.db.123456").size());
  CHECK(temporary_template("state.db").starts_with("state.db."));
}

TEST_CASE("a temporary name is never too long where the name is not", "[base]") {
  const std::string longest(255, 'n');
  const auto name = std::filesystem::path(temporary_template("/a/" + longest)).filename().string();
  CHECK(name.size() <= 255);
  CHECK(is_temporary_of(longest, name));
}

TEST_CASE("a temporary name is known again", "[base]") {
  CHECK(is_temporary_of("/a/state.db", "state.db.a1B2c3"));
  CHECK_FALSE(is_temporary_of("/a/state.db", "state.db.a1B2c"));
  CHECK_FALSE(is_temporary_of("/a/state.db", "state.db.a1B2.3"));
  CHECK_FALSE(is_temporary_of("/a/state.db", "state.db.a1B2c34"));
  CHECK_FALSE(is_temporary_of("/a/state.db", "other.db.a1B2c3"));
}

}  // namespace metactl
