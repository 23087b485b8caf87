// SPDX-License-Identifier: Apache-2.0
// CommandWorld and Process search what metactl prints for the mark that all secrets of the tests
// bear. Here it is seen to that they bear it, and that the search finds.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "tests/support/command_world.h"
#include "tests/support/places.h"
#include "tests/support/plain_secrets.h"

namespace metactl::tests {
namespace {

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// The values that are given as secret keys: "sk": "...", sk=..., --sk ...; and as secrets of HDFS:
/// --kerberos-keytab ..., --conf NAME=... and "key": "NAME", "value": "..." but of harmless names.
std::vector<std::string> secrets_in(const std::string& content) {
  static const std::regex pattern(
      R"re(\bsk\\?"\s*:\s*\\?"([^"\\]*)|\bsk=([^ ,"']+)|--sk ([^ "]+))re"
      R"re(|--kerberos-(?:principal|keytab) ([^ "]+)|--conf (?!dfs\.)[a-z.]+=([^ "]+))re");
  std::vector<std::string> found;
  for (std::sregex_iterator match(content.begin(), content.end(), pattern), end; match != end;
       ++match)
    for (std::size_t group = 1; group < match->size(); ++group)
      if ((*match)[group].matched) found.push_back((*match)[group]);
  return found;
}

/// The public example of what the service encrypts.
constexpr auto service_vector = "Hx60p12123af234541nsVsffdfsdfghsdfhsdf34t";

/// What the tests' core has sealed begins with its nonce of twelve 'r', in base64.
constexpr auto sealed_mark = "cnJycnJycnJycnJy";

bool is_harmless(const std::string& value) {
  return value.empty() || value == "******" || value.starts_with("sha256:") ||
         value.starts_with("'") || value.starts_with('$') || value.starts_with(sealed_mark) ||
         value == "encrypted" || value == "TEXT" || value == service_vector ||
         value.find(secret_mark) != std::string::npos;
}

}  // namespace

TEST_CASE("every secret key that commands are given in tests bears the mark", "[golden][secrets]") {
  std::size_t count = 0;
  for (const std::string folder : {"tests/golden", "tests/e2e", "tests/unit/cli"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             std::filesystem::path(metactl::tests::source_dir()) / folder)) {
      if (!entry.is_regular_file() || entry.path().filename() == "s3_bucket_test.cpp" ||
          entry.path().filename() == "secrets_test.cpp")
        continue;
      INFO(entry.path());
      for (const auto& secret : secrets_in(read(entry.path()))) {
        INFO(secret);
        CHECK(is_harmless(secret));
        ++count;
      }
    }
  CHECK(count > 20);
}

TEST_CASE("the search finds a plain secret", "[golden][secrets]") {
  CHECK_THROWS_AS(refuse_plain_secrets({"metactl", "vault", "get"}, "sk plain-secret"),
                  std::runtime_error);
  CHECK_NOTHROW(refuse_plain_secrets({"metactl", "--show-secrets"}, "sk plain-secret"));
  CHECK_NOTHROW(refuse_plain_secrets({"metactl"}, "sk sha256:de29e8f8"));
  CommandWorld world;
  CHECK_THROWS_AS(world.run_line("instance create plain-secret --user-id u"), std::runtime_error);
}

}  // namespace metactl::tests
