// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <array>
#include <catch2/catch.hpp>

namespace text = metactl::text;
using Strings = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST_CASE("split keeps empty pieces", "[base][text]") {
  CHECK(text::split("", ',') == Strings{""});
  CHECK(text::split("a", ',') == Strings{"a"});
  CHECK(text::split("a,b", ',') == Strings{"a", "b"});
  CHECK(text::split(",a,,b,", ',') == Strings{"", "a", "", "b", ""});
  CHECK(text::split("a b", ',') == Strings{"a b"});
}

TEST_CASE("trim takes blanks, tabs and line ends from both sides", "[base][text]") {
  CHECK(text::trim("") == "");
  CHECK(text::trim(" \t\r\n") == "");
  CHECK(text::trim("\r\n a \t b\t ") == "a \t b");
  CHECK(text::trim("a") == "a");
}

TEST_CASE("join puts the separator between pieces", "[base][text]") {
  CHECK(text::join(Strings{}, ", ") == "");
  CHECK(text::join(Strings{"a"}, ", ") == "a");
  CHECK(text::join(Strings{"a", "", "b"}, ", ") == "a, , b");
}

TEST_CASE("hexadecimal digits go there and back", "[base][text]") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  CHECK(text::hex(std::string_view("\x00\x0f\xff", 3)) == "000fff");
  CHECK(text::unhex(text::hex(all)) == all);
  CHECK(text::unhex("aAfF") == "\xaa\xff");
  CHECK(text::unhex("") == "");
  for (const auto* bad : {"a", "aab", "0g", "g0", " 0", "0x", "--"}) CHECK_FALSE(text::unhex(bad));
}

TEST_CASE("to_int reads the whole text or nothing", "[base][text]") {
  CHECK(text::to_int("0") == 0);
  CHECK(text::to_int("-1") == -1);
  CHECK(text::to_int("007") == 7);
  CHECK(text::to_int("9223372036854775807") == INT64_MAX);
  CHECK(text::to_int("-9223372036854775808") == INT64_MIN);
  for (const auto* bad : {"", "-", "+1", " 1", "1 ", "1a", "a", "1.0", "0x1", "9223372036854775808",
                          "-9223372036854775809"})
    CHECK_FALSE(text::to_int(bad));
}

TEST_CASE("percent escapes", "[base][text]") {
  CHECK(text::percent_encode("aZ09-._~") == "aZ09-._~");
  CHECK(text::percent_encode("a b/?&=+%") == "a%20b%2F%3F%26%3D%2B%25");
  CHECK(text::percent_encode("\xc3\xa4") == "%C3%A4");
  CHECK(text::query_encode("aZ09-._~:/,=+;@!$*()'?") == "aZ09-._~:/,=+;@!$*()'?");
  CHECK(text::query_encode("a b%&#\x01\x7f\n\xc3\xa4") == "a%20b%25%26%23%01%7F%0A%C3%A4");
  CHECK(text::query_encode("\"<>[]\\^`{|}") == "%22%3C%3E%5B%5D%5C%5E%60%7B%7C%7D");
  CHECK(text::percent_decode("a%20b%2f%2F") == "a b//");
  CHECK(text::percent_decode("a+b") == "a+b");
  for (const auto* malformed : {"%", "%4", "%zz", "a%", "%%", "%4g"})
    CHECK(text::percent_decode(malformed) == malformed);
  CHECK(text::percent_decode("%2541") == "%41");
  CHECK(text::percent_decode("%%41") == "%A");
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  CHECK(text::percent_decode(text::percent_encode(all)) == all);
  CHECK(text::parse_query("x=" + text::query_encode(all)) ==
        std::vector<std::pair<std::string, std::string>>{{"x", all}});
}

TEST_CASE("a query is read as decoded pairs, in order", "[base][text]") {
  CHECK(text::parse_query("").empty());
  CHECK(text::parse_query("b=2&a=1") == Pairs{{"b", "2"}, {"a", "1"}});
  CHECK(text::parse_query("a%3D=x%26y&&b&c=&d=1=2&=e") ==
        Pairs{{"a=", "x&y"}, {"b", ""}, {"c", ""}, {"d", "1=2"}, {"", "e"}});
}

TEST_CASE("the nearest name explains a typing error", "[base][text]") {
  const Strings names = {"add", "drop", "rename", "set-status"};
  CHECK(text::nearest("dorp", names) == "drop");
  CHECK(text::nearest("renme", names) == "rename");
  CHECK(text::nearest("ad", names) == "add");
  CHECK(text::nearest("set_statu", names) == "set-status");
  CHECK(text::nearest("add", names) == "add");
  CHECK(text::nearest("SetStatus", Strings{"reset-status", "setstatus"}) == "setstatus");
  CHECK(text::nearest("DROPEVERYTHING", Strings{"dropeverything"}) == "dropeverything");
  CHECK_FALSE(text::nearest("xyz", names));
  CHECK_FALSE(text::nearest("renexyz", names));
  CHECK_FALSE(text::nearest("", names));
  CHECK_FALSE(text::nearest("x", Strings{"y"}));
  CHECK_FALSE(text::nearest("add", Strings{}));
  CHECK(text::did_you_mean("dorp", names) == "; did you mean 'drop'?");
  CHECK(text::did_you_mean("xyz", names).empty());
}

TEST_CASE("of equally near names the first is taken", "[base][text]") {
  CHECK(text::nearest("cat", Strings{"bat", "car", "can"}) == "bat");
  CHECK(text::nearest("cat", Strings{"dog", "bats", "cut"}) == "cut");
}

TEST_CASE("shell_quote survives a shell", "[base][text]") {
  CHECK(text::shell_quote("") == "''");
  CHECK(text::shell_quote("a b$x\"") == "'a b$x\"'");
  CHECK(text::shell_quote("it's") == "'it'\\''s'");
}

TEST_CASE("consists_of allows letters, digits and the others", "[base][text]") {
  CHECK(text::consists_of("aZ09", ""));
  CHECK(text::consists_of("a-b_c", "-_"));
  CHECK_FALSE(text::consists_of("", "-"));
  CHECK_FALSE(text::consists_of("a-b", "_"));
  CHECK_FALSE(text::consists_of("a b", "-_"));
  CHECK_FALSE(text::consists_of("\xc3\xa4", ""));
}

TEST_CASE("printable shows what a terminal would act on", "[base][text]") {
  const auto [raw, shown] = GENERATE(table<std::string, std::string>({
      {"", ""},
      {"plain ~", "plain ~"},
      {"a\x1b[31m\n\t", "a\\x1b[31m\\x0a\\x09"},
      {std::string("\0", 1), "\\x00"},
      {"\x7f", "\\x7f"},
      {"\xc3\xa4", "\xc3\xa4"},
      {"\xe2\x82\xac", "\xe2\x82\xac"},
      {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
      {"\xc2\x9b", "\\xc2\\x9b"},    // U+009B begins a command.
      {"\xc2\xa0", "\xc2\xa0"},      // U+00A0
      {"\xc3", "\\xc3"},             // Cut short.
      {"\xe2\x82x", "\\xe2\\x82x"},  // Broken.
      {"\x80", "\\x80"},             // Begins with a continuation.
      {"\xc0\xaf", "\\xc0\\xaf"},    // Too long for what it says.
      {"\xc1\xbf", "\\xc1\\xbf"},
      {"\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"},
      {"\xff", "\\xff"},
  }));
  CHECK(text::printable(raw) == shown);
}
