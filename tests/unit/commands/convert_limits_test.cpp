// SPDX-License-Identifier: Apache-2.0
// The work of `convert curl` grows with the text that it reads: counted, not timed.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <random>

#include "base/error.h"
#include "cli/lenient_json.h"
#include "cli/shell_script.h"
#include "tests/support/command_world.h"

namespace metactl::tests {
namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

/// The bytes that commands keep of the text that they were read from.
std::size_t kept_bytes(const cli::ShellContent& content) {
  std::size_t count = 0;
  const auto add = [&](const cli::ShellWord& word) {
    for (const auto& piece : word.pieces) count += piece.text.size();
  };
  for (const auto& command : content.commands) {
    for (const auto& word : command.words) add(word);
    if (command.input) add(*command.input);
    if (command.input_file) add(*command.input_file);
  }
  return count;
}

constexpr std::string_view url =
    "http://h:5000/MetaService/http/get_instance?token=$T&instance_id=a";
constexpr auto too_much =
    "error: cannot convert '-': its functions and variables expand to more than metactl reads\n"
    "hint: cut it into several files, or keep only its lines with curl\n";

}  // namespace

TEST_CASE_METHOD(CommandWorld, "a function that calls itself is told once", "[commands][convert]") {
  const std::size_t calls = GENERATE(1U, 6U, 8U, 1000U);
  const auto call = fmt::format("curl \"{}\"\n", url);
  const auto only = run_line("convert curl", "f() {\n" + repeated("f\n", calls) + "}\nf\n");
  CHECK(only.status == 8);
  CHECK(count_of(only.out, "the function 'f' calls itself here, which is not followed") == 1);
  const auto with_curl =
      run_line("convert curl", "f() {\n" + call + repeated("f x\n", calls) + "}\nf\n");
  CHECK(with_curl.status == 8);
  CHECK(count_of(with_curl.out, "calls itself") == 1);
  CHECK(count_of(with_curl.out, "metactl instance get a") == 1);
}

TEST_CASE_METHOD(CommandWorld, "functions that call each other many times are refused",
                 "[commands][convert]") {
  std::string text;
  for (int i = 0; i < 9; ++i)
    text += fmt::format("f{}() {{\n{}}}\n", i, repeated(fmt::format("f{}\n", i + 1), 20));
  const auto result = run_line("convert curl", text + "f9() { :; }\nf0\n");
  CHECK(result.status == 2);
  CHECK(result.err == too_much);
}

TEST_CASE_METHOD(CommandWorld, "arguments and variables that double are refused",
                 "[commands][convert]") {
  std::string text;
  SECTION("variables") {
    for (int i = 0; i < 49; ++i) text += fmt::format("v{0}=$v{1}$v{1}\n", i, i + 1);
    text += "v49=" + std::string(GENERATE("", "x")) + "\ncurl $v0\n";
  }
  SECTION("here-documents") {
    for (int i = 0; i < 49; ++i)
      text += fmt::format("v{0}=$(cat <<E\n$v{1}$v{1}\nE\n)\n", i, i + 1);
    text += "curl $v0\n";
  }
  SECTION("arguments") {
    for (int i = 0; i < 9; ++i)
      text += fmt::format("f{}() {{\nf{} {}\n}}\n", i, i + 1, repeated("\"$@\" ", 20));
    text += "f9() { curl \"$@\"; }\nf0 a\n";
  }
  SECTION("a variable in many substitutions") {
    text = "v=" + std::string(1'000'000, 'x') + "\n" + repeated("curl $(a $v)\n", 300);
  }
  const auto result = run_line("convert curl", text);
  CHECK(result.status == 2);
  CHECK(result.err == too_much);
}

TEST_CASE("nested compounds keep nothing of the text twice", "[cli][shell]") {
  const std::string_view front = GENERATE(
      "if true; then ", "while a; do ", "case a in b) ", "f() { ", "for i in a; do ", "( ", "{ ",
      "a \"$b\" && ", "`", "${a:-", "if $a; then b \"$c\"; else ", "cat <<A\n", "cat <<A <<B\n");
  CAPTURE(front);
  const auto text = repeated(front, 16'000);
  try {
    const auto content = cli::read_shell(text, "f");
    CHECK(kept_bytes(content) <= text.size());
    CHECK(content.commands.size() <= text.size());
    CHECK(content.block_ends.size() <= 32'001);
  } catch (const Error& error) {
    CHECK(std::string_view(error.what()).find("is not closed") != std::string_view::npos);
  }
}

TEST_CASE("a variable is known inside of the block that sets it", "[cli][shell]") {
  const cli::ShellScript script(
      "if a; then\nV=1\nif b; then\nuse $V\nfi\nelse\nuse $V\nfi\nuse $V\n", "f");
  std::string used;
  for (const auto& command : script.commands()) {
    const auto words = script.expand_all(command.words, {});
    if (words[0].text == "use") used += words[1].text == "1" ? "1" : "?";
  }
  CHECK(used == "1??");
}

TEST_CASE("a text has so many words and no more", "[cli][shell]") {
  CHECK_THROWS_WITH(cli::read_shell(repeated("a ", 500'001), "f"),
                    "cannot read 'f' as shell text: more than 500000 words");
  CHECK_THROWS_WITH(cli::read_shell(repeated("a\n", 250'001), "f"),
                    "cannot read 'f' as shell text: more than 500000 words");
  CHECK(cli::read_shell(repeated("a\n", 249'999), "f").commands.size() == 249'999);
  // A long name of a function would be kept by each of its commands.
  const auto content =
      cli::read_shell(std::string(100'000, 'f') + "() {\n" + repeated("a\n", 1'000), "f");
  CHECK(content.commands.back().function.empty());
}

TEST_CASE_METHOD(CommandWorld, "what many calls have in common is not looked at for each of them",
                 "[commands][convert]") {
  const auto call = fmt::format("curl \"{}\"", url);
  // Each of these was quadratic, or worse.
  std::string text;
  SECTION("a chain") {
    text = call + repeated(" && " + call, 500);
  }
  SECTION("a pipe") {
    text = call + repeated(" | " + call, 500);
  }
  SECTION("many functions") {
    for (int i = 0; i < 20'000; ++i) text += fmt::format("g{}() {{ :; }}\n", i);
    text += repeated(call + "\n", 200);
  }
  SECTION("many variables") {
    for (int i = 0; i < 20'000; ++i) text += fmt::format("V{}=1\n", i);
    for (int i = 0; i < 200; ++i) text += fmt::format("curl \"{}$W{}\"\n", url, i);
  }
  const auto result = run_line("convert curl", text);
  CHECK((result.status == 0 || result.status == 8));
  CHECK(count_of(result.out, "metactl instance get ") >= 200);
}

TEST_CASE("a body of JSON has so many values and no more", "[cli][shell]") {
  CHECK_THROWS_AS(cli::read_lenient_json("[" + repeated("1,", 20'000) + "1]"), cli::JsonLimit);
  std::string object = "{";
  for (int i = 0; i < 1'001; ++i) object += fmt::format("\"a{}\":1,", i);
  CHECK_THROWS_AS(cli::read_lenient_json(object + "}"), cli::JsonLimit);
  CHECK_THROWS_AS(cli::read_lenient_json(repeated("[", 200'000)), cli::JsonError);
}

TEST_CASE_METHOD(CommandWorld, "of one call a hundred mistakes are told", "[commands][convert]") {
  std::string nodes;
  for (int i = 0; i < 2'000; ++i) nodes += fmt::format("{{\"x{}\": 1}},", i);
  const auto text = fmt::format(
      "curl -d '{{\"instance_id\":\"a\",\"cluster\":{{\"nodes\":[{}]}}}}' "
      "\"http://h:5000/MetaService/http/add_node?token=$T\"\n",
      nodes);
  const auto result = run_line("convert curl", text);
  CHECK(count_of(result.out, "[unknown-member]") <= 100);
  CHECK(count_of(result.out, "[unknown-member]") >= 90);
}

TEST_CASE_METHOD(CommandWorld, "a script that is too long is refused, as is a URL",
                 "[commands][convert]") {
  const auto result = run_line("convert curl", std::string(5'000'000, 'x'));
  CHECK(result.status == 2);
  CHECK(result.err ==
        "error: cannot read standard input: more than 4 MiB\n"
        "hint: cut it into several files, or keep only its lines with curl\n");
  const auto url_result =
      run_line("convert curl", fmt::format("curl '{}&x={}'\n", url, std::string(100'000, 'y')));
  CHECK(url_result.status == 8);
  CHECK(count_of(url_result.out, "its URL has more than 8 KiB") == 1);
}

TEST_CASE_METHOD(CommandWorld, "no nested text makes more work than its size allows",
                 "[commands][convert]") {
  std::mt19937 random(1);
  const std::vector<std::string> parts = {"if a; then ",
                                          "fi\n",
                                          "else ",
                                          "while b; do ",
                                          "done\n",
                                          "case x in y) ",
                                          ";; esac\n",
                                          "for i in a b; do ",
                                          "f() {\n",
                                          "}\n",
                                          "f \"$@\"\n",
                                          "g() { f; f; f; }\n",
                                          "g\n",
                                          "$(",
                                          ")",
                                          "`",
                                          "\"",
                                          "'",
                                          "cat <<E\n",
                                          "\nE\n",
                                          "A=$B$B\n",
                                          "B=$A$C$C\n",
                                          "C=$(cat <<E\n$A\nE\n)\n",
                                          "curl -d \"$A\" ",
                                          fmt::format("curl \"{}\"\n", url),
                                          "&& ",
                                          "| ",
                                          "shift\n",
                                          "\\\n",
                                          "{ ",
                                          "${A:-",
                                          "[ $A ] || ",
                                          "\n"};
  for (int i = 0; i < 300; ++i) {
    std::string text;
    for (auto size = random() % 60; size > 0; --size) text += parts[random() % parts.size()];
    CAPTURE(text);
    const auto result = run_line("convert curl", text);
    CHECK((result.status == 0 || result.status == 2 || result.status == 8));
    CHECK(result.out.size() <= 100'000);
  }
}

}  // namespace metactl::tests
