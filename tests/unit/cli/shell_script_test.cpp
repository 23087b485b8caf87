// SPDX-License-Identifier: Apache-2.0
// Shell text is read as a shell reads it.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <random>

#include "base/error.h"
#include "cli/curl_call.h"
#include "cli/shell_script.h"

namespace metactl::tests {
namespace {

/// The words of all commands, a line each, with "<source>" for variables that are not known.
std::string read(const std::string& text) {
  const cli::ShellScript script(text, "f");
  std::string result;
  for (const auto& command : script.commands()) {
    std::string line;
    for (const auto& word : script.expand_all(command.words, {})) line += "[" + word.text + "]";
    for (auto [mark, shown] :
         {std::pair(cli::variable_begin, "<"), std::pair(cli::variable_end, ">")})
      for (auto at = line.find(mark); at != std::string::npos; at = line.find(mark))
        line.replace(at, mark.size(), shown);
    result += fmt::format("{}{}: {}", result.empty() ? "" : "\n", command.line, line);
  }
  return result;
}

std::string failure(const std::string& text) {
  try {
    read(text);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

cli::CurlCall call(const std::string& text) {
  const cli::ShellScript script(text, "f");
  const auto& command = script.commands().back();
  std::optional<cli::ShellText> input;
  if (command.input) input = script.expand(*command.input, {}, true);
  return cli::read_curl_call(script.expand_all(command.words, {}), input).value();
}

}  // namespace

TEST_CASE("words, quotes and escapes are resolved", "[cli][shell]") {
  CHECK(read("curl  -d 'a b' \"c\\\"d\" e\\ f # no word") == "1: [curl][-d][a b][c\"d][e f]");
  CHECK(read("a \\\n  b\nc") == "1: [a][b]\n3: [c]");
  CHECK(read("a $'x\\ty\\'z'") == "1: [a][x\ty'z]");
  CHECK(read("a ''\r\nb\r\n") == "1: [a][]\n2: [b]");
  CHECK(read("a#b c") == "1: [a#b][c]");
  CHECK(read("a 'x\ny' z") == "1: [a][x\ny][z]");
}

TEST_CASE("variables are put in when they are assigned once", "[cli][shell]") {
  CHECK(read("A=x; b $A \"${A}y\" $B") == "1: [A=x]\n1: [b][x][xy][<$B>]");
  CHECK(read("A=x; A=y; b $A") == "1: [A=x]\n1: [A=y]\n1: [b][<$A>]");
  CHECK(read("A=${A:-x}; b $A") == "1: [A=<${A:-x}>]\n1: [b][<${A:-x}>]");
  CHECK(read("export A=x B=$A\nc $B") == "1: [export][A=x][B=x]\n2: [c][x]");
  CHECK(read("for A in 1 2; do b $A; done") == "1: [for][A][in][1][2]\n1: [b][<$A>]");
  CHECK(read("A=$B; B=$A; c $A") == "1: [A=<$B>]\n1: [B=<$A>]\n1: [c][<$A>]");
}

TEST_CASE("values that depend on a condition or a command are not known behind it",
          "[cli][shell]") {
  CHECK(read("if a; then A=x; b $A; fi; c $A") == "1: [a]\n1: [A=x]\n1: [b][x]\n1: [c][<$A>]");
  CHECK(read("a && A=x; b $A") == "1: [a]\n1: [A=x]\n1: [b][<$A>]");
  CHECK(read("A=x b; c $A") == "1: [A=x][b]\n1: [c][<$A>]");
  CHECK(read("A=x; A+=y; c $A") == "1: [A=x]\n1: [A+=y]\n1: [c][<$A>]");
  CHECK(read("A=x; f() { A=y; }; c $A") == "1: [A=x]\n1: [A=y]\n1: [c][<$A>]");
  CHECK(read("case $a in a) A=x;; esac\nb $A").ends_with("2: [b][<$A>]"));
  const cli::ShellScript script("for i in 1; do :; done\nread -r a\nB=$(c)", "f");
  CHECK(script.origin("i") == "comes from a loop, line 1");
  CHECK(script.origin("a") == "is set by 'read', line 2");
  CHECK(script.origin("B") == "is the output of a command, line 3");
  CHECK(script.origin("x").empty());
}

TEST_CASE("arguments of functions are those that shift leaves", "[cli][shell]") {
  const cli::ShellScript script("f() { A=$1; shift; b $A $1 \"$@\"; }", "f");
  cli::ShellScript::Scope scope{"f", {}};
  for (const auto* argument : {"x", "y", "z"}) scope.arguments.push_back({argument, {}, {}});
  std::string words;
  for (const auto& word : script.expand_all(script.commands().back().words, scope))
    words += "[" + word.text + "]";
  CHECK(words == "[b][x][y][y][z]");
}

TEST_CASE("operators of variables work on known values", "[cli][shell]") {
  CHECK(read("A=x/; b ${A%/} ${A#x} ${A:-y}").ends_with("[b][x][/][x/]"));
  CHECK(read("A=x/; b ${A%*} ${#A}").ends_with("[b][<${A%*}>][<${#A}>]"));
  CHECK(read("for A in 1; do b ${A:-y}; done").ends_with("[b][<$A>]"));
  CHECK(read("b ${A:-y} ${B%/}") == "1: [b][<${A:-y}>][<${B%/}>]");
  CHECK(read("A='x y'; b $A \"$A\"").ends_with("[b][x][y][x y]"));
}

TEST_CASE("commands are found wherever they stand", "[cli][shell]") {
  CHECK(read("a && b || c; d | e & f") == "1: [a]\n1: [b]\n1: [c]\n1: [d]\n1: [e]\n1: [f]");
  CHECK(read("x=$(a | b) # c") == "1: [a]\n1: [b]\n1: [x=<$(a | b)>]");
  CHECK(read("x=`a b`; c") == "1: [a][b]\n1: [x=<`a b`>]\n1: [c]");
  CHECK(read("if ! a; then b; else c; fi") == "1: [a]\n1: [b]\n1: [c]");
  CHECK(read("(a; b) > f 2>&1") == "1: [a]\n1: [b]");
  CHECK(read("case $x in\n a) b;;\nesac") == "1: [case][<$x>][in]\n2: [a]\n2: [b]");
  CHECK(read("a $((1 + (2))) b") == "1: [a][<$((1 + (2)))>][b]");
}

TEST_CASE("here-documents are input, and expand unless their end is quoted", "[cli][shell]") {
  CHECK(call("curl u -d @- <<E\n{\"a\": \"\\$x\"}\nE\n").data.text == "{\"a\": \"$x\"}\n");
  CHECK(call("A=1\ncurl u -d @- <<-E\n\t$A\n\tE\n").data.text == "1\n");
  const auto verbatim = call("curl u -d @- <<'E'\n{\n\"$ID\"\nE\n").data;
  REQUIRE(verbatim.unexpanded.size() == 1);
  CHECK(verbatim.unexpanded[0] == std::pair<std::string, std::size_t>("$ID", 3));
  CHECK(call("curl u -d @- <<< x").data.text == "x");
}

TEST_CASE("what is not closed is told with its line", "[cli][shell]") {
  CHECK(failure("a\nb 'c\nd") ==
        "cannot read 'f' as shell text: line 2: the quotation mark ' is not closed");
  CHECK(failure("a \"b") ==
        "cannot read 'f' as shell text: line 1: the quotation mark \" is not closed");
  CHECK(failure("a $(b") == "cannot read 'f' as shell text: line 1: the bracket $( is not closed");
  CHECK(failure("a ${b") == "cannot read 'f' as shell text: line 1: the bracket { is not closed");
  CHECK(failure(std::string("a\0b", 3)) == "'f' is no text: it holds zero bytes");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "$(";
  CHECK(failure(deep).find("very many brackets") != std::string::npos);
}

TEST_CASE("options of curl are read in all their forms", "[cli][shell]") {
  using Body = cli::CurlCall::Body;
  for (const auto* text :
       {"curl -sSX PUT http://h/p -d x", "curl -XPUT -dx http://h/p",
        "curl --request=PUT --data=x --url http://h/p", "sudo curl --url=http://h/p --data-raw x",
        "/usr/bin/curl -o /dev/null -H 'A: b' --json x -w '%{http_code}' http://h/p"}) {
    INFO(text);
    CHECK(call(text).url.text == "http://h/p");
    CHECK(call(text).data.text == "x");
  }
  CHECK(call("curl -fsS u -d @f.json").body == Body::file);
  CHECK(call("curl -fsS u -d @f.json").fails);
  CHECK(call("curl u -d a=1 -d b=2").data.text == "a=1&b=2");
  CHECK(call("curl -G u -d a=1 --data-urlencode 'b=x y'").url.text == "u?a=1&b=x%20y");
  CHECK(call("curl u -d @-").body == Body::input);
  CHECK(call("curl u --output /dev/null").discards);
  CHECK(call("curl http://a:b@h/p").url.text == "http://h/p");
  CHECK(call("curl http://a:b@h/p").secrets == std::vector<std::string>{"b"});
  CHECK(call("curl u -H 'X-Token: t' -b c=d").secrets == std::vector<std::string>{"t", "c=d"});
  CHECK(call("curl u v").others.size() == 1);
  CHECK(call("curl u --next v").others.size() == 2);
}

TEST_CASE("no text makes the reader fail in another way", "[cli][shell]") {
  std::mt19937 random(1);
  const std::string_view alphabet = "ab$({})'\"`\\\n|&;<>#= EOF@-!\xee\x80\x81\xff";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto size = random() % 40; size > 0; --size) text += alphabet[random() % alphabet.size()];
    CHECK_NOTHROW(failure(text));
  }
}

}  // namespace metactl::tests
