// SPDX-License-Identifier: Apache-2.0
// Secrets that are asked for at a terminal.
#include <catch2/catch.hpp>

#include "tests/support/command_world.h"

namespace metactl::tests {
namespace {

const std::string place = " --bucket data --prefix p --endpoint e --region r --provider S3";

/// At a terminal, with the instances "prod", which has the vault "hot", and "older", which has the
/// object store "1". Both keys are plain-sk-1.
class TerminalFixture : public CommandWorld {
 public:
  TerminalFixture() {
    write_file("key.txt", "plain-sk-1\n");
    must("instance create prod --user-id ops");
    must("vault add s3 hot -i prod --ak ABCDEFGH --sk-file key.txt" + place);
    must("instance create --body -",
         R"({"instance_id": "older", "obj_info": {"ak": "ABCDEFGH", "sk": "plain-sk-1",
             "bucket": "data", "prefix": "p", "endpoint": "e", "external_endpoint": "e",
             "region": "r", "provider": "S3"}})");
    in_is_terminal = true;
    err_is_terminal = true;
  }

  void must(const std::string& line, const std::string& input = {}) {
    const auto result = run_line(line, input);
    INFO(line << ": " << result.err);
    REQUIRE(result.status == 0);
  }

  /// The secret key that is stored in vault "hot".
  std::string stored() {
    const auto shown = run_line("vault get hot -i prod -o csv --show-secrets").out;
    const auto at = shown.find("\nsk,") + 4;
    return shown.substr(at, shown.find('\n', at) - at);
  }
};

constexpr auto alter = "vault alter hot -i prod --ak ABCDEFGH";

}  // namespace

TEST_CASE_METHOD(TerminalFixture, "a secret key that no option names is asked for",
                 "[cli][secrets]") {
  const std::string line =
      GENERATE(as<std::string>{}, alter, "vault add s3 cold -i prod --ak ABCDEFGH" + place,
               "obj add -i older --bucket more --ak ABCDEFGH --prefix p --endpoint e --region r "
               "--provider S3",
               "obj alter 1 -i older --ak ABCDEFGH", "ak rotate -i older --ak ABCDEFGH",
               "ak rotate -i prod --vault hot --ak ABCDEFGH", "iam set 42 --ak ABCDEFGH",
               "ram-user set 42 -i prod --ak ABCDEFGH");
  INFO(line);
  const auto result = run_line(line, "plain-sk-2\n");
  CHECK(result.status == 0);
  CHECK(result.err.starts_with("secret key: \n"));
  CHECK(result.out.find("unchanged") == std::string::npos);
}

TEST_CASE_METHOD(TerminalFixture, "what is typed is the secret key", "[cli][secrets]") {
  must(alter, "plain-sk-2\nplain-sk-3\n");
  CHECK(stored() == "plain-sk-2");
}

TEST_CASE_METHOD(TerminalFixture, "nothing typed is no secret key", "[cli][secrets]") {
  const auto* const input = GENERATE("\n", "", "  \n");
  const auto result = run_line(alter, input);
  CHECK(result.status == 2);
  CHECK(result.err ==
        "secret key: \nerror: no secret key was typed\n"
        "hint: --sk-file FILE, --sk-env VARIABLE or --sk-stdin\n");
  CHECK(stored() == "plain-sk-1");
}

TEST_CASE_METHOD(TerminalFixture, "a blank around what is typed does not belong to it",
                 "[cli][secrets]") {
  must(alter, " plain-sk-2\t\n");
  CHECK(stored() == "plain-sk-2");
}

TEST_CASE_METHOD(TerminalFixture, "nobody is asked without a terminal or with --no-input",
                 "[cli][secrets]") {
  std::string line = alter;
  SECTION("standard input is none") {
    in_is_terminal = false;
  }
  SECTION("standard error is none") {
    err_is_terminal = false;
  }
  SECTION("--no-input") {
    line += " --no-input";
  }
  SECTION("--no-input as JSON") {
    line += " --no-input -o json";
  }
  const auto result = run_line(line, "plain-sk-2\n");
  CHECK(result.status == 2);
  CHECK(result.err.find("no secret key is given") != std::string::npos);
  CHECK(result.err.find("secret key: ") == std::string::npos);
  CHECK(stored() == "plain-sk-1");
}

TEST_CASE_METHOD(TerminalFixture, "nobody is asked when an option says where the key is",
                 "[cli][secrets]") {
  environment["STORE_KEY"] = "plain-sk-2";
  write_file("key2.txt", "plain-sk-2\n");
  const std::string option =
      GENERATE(as<std::string>{}, "--sk-file key2.txt", "--sk-env STORE_KEY");
  const auto result = run_line(std::string(alter) + " " + option, "plain-sk-2\n");
  CHECK(result.status == 0);
  CHECK(result.err.empty());
  CHECK(stored() == "plain-sk-2");
}

TEST_CASE_METHOD(TerminalFixture, "a terminal, which shows what is typed, is no --sk-stdin",
                 "[cli][secrets]") {
  const std::string option = GENERATE(as<std::string>{}, "--sk-stdin", "--sk-file -");
  const auto result = run_line(std::string(alter) + " " + option, "plain-sk-2\n");
  CHECK(result.status == 2);
  CHECK(result.err.find("terminal") != std::string::npos);
  CHECK(stored() == "plain-sk-1");
}

TEST_CASE_METHOD(TerminalFixture, "nobody is asked for a role or a new name", "[cli][secrets]") {
  const std::string line =
      GENERATE(as<std::string>{}, "vault alter hot -i prod --role-arn arn",
               "vault alter hot -i prod --rename warm", "vault alter hot -i prod --path-style",
               "obj alter 1 -i older --role-arn arn");
  const auto result = run_line(line, "plain-sk-2\n");
  CHECK(result.status == 0);
  CHECK(result.err.empty());
}

TEST_CASE_METHOD(TerminalFixture, "nobody is asked before the rest of the command is right",
                 "[cli][secrets]") {
  const std::string line =
      GENERATE(as<std::string>{}, "vault alter hot -i prod --role-arn arn --ak ABCDEFGH",
               "vault alter hot -i prod --sk-stdin", "vault add s3 hot -i prod --ak ABCDEFGH",
               "vault alter hott -i prod --ak ABCDEFGH",
               "ak rotate -i prod --vault hott --ak ABCDEFGH", "ak rotate -i prod --vault hot",
               "obj alter 9 -i older --ak ABCDEFGH", "ram-user set -i prod --ak ABCDEFGH");
  INFO(line);
  const auto result = run_line(line, "plain-sk-2\n");
  CHECK(result.status != 0);
  CHECK(result.err.find("secret key: ") == std::string::npos);
}

TEST_CASE_METHOD(TerminalFixture, "dropping the default vault says so in the question",
                 "[cli][vault]") {
  must("vault add hdfs attic -i prod --fs-name hdfs://nn:8020 --default");
  const auto refused = run_line("vault drop attic -i prod", "n\n");
  CHECK(refused.status == 2);
  CHECK(refused.err.find("drop vault 'attic'") != std::string::npos);
  CHECK(refused.err.find("it is the default vault") != std::string::npos);
  CHECK(run_line("vault drop attic -i prod", "y\n").status == 0);
  const auto other = run_line("vault drop hot -i prod --force", "n\n");
  CHECK(other.err.find("drop vault 'hot'") != std::string::npos);
  CHECK(other.err.find("default") == std::string::npos);
}

TEST_CASE_METHOD(TerminalFixture, "the password of a frontend is asked for", "[cli][secrets]") {
  // Nobody listens there; the question comes first.
  const auto result = run_line("cluster fragments --fe http://127.0.0.1:1", "plain-secret\n");
  CHECK(result.status == 6);
  CHECK(result.err.starts_with("password: \nerror: "));
}

}  // namespace metactl::tests
