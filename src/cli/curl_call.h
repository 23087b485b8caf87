// SPDX-License-Identifier: Apache-2.0
// What a command line of curl would send.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/shell_script.h"

namespace metactl::cli {

struct CurlCall {
  enum class Body : std::uint8_t { none, text, file, input };
  std::size_t line = 0;
  ShellText url;
  Body body = Body::none;
  ShellText data;              // Of Body::text.
  std::string file;            // Of Body::file.
  std::string user;            // NAME:PASSWORD of -u.
  std::string form;            // All parts of -F, a line each.
  bool data_in_query = false;  // -G
  bool without_reply = false;  // -I
  bool fails = false;          // Its exit status tells HTTP statuses from 400 on.
  bool discards = false;       // -o /dev/null
  bool writes_file = false;
  std::vector<std::string> secrets;  // Of headers, cookies, users: they have no other use here.
  std::vector<ShellText> others;     // What is not read: more URLs, all behind --next, -K FILE.
  /// Of all words of the call, and of its here-document; see ShellText.
  std::vector<std::pair<std::string, std::size_t>> unexpanded;
  std::vector<std::pair<std::string, std::size_t>> unexpanded_input;
};

/// The call in the words of a command; `input` is its here-document, if it has one. Nothing when
/// no word is curl, or no URL follows it. A user in the URL becomes `user`.
std::optional<CurlCall> read_curl_call(const std::vector<ShellText>& words,
                                       const std::optional<ShellText>& input);

/// A URL in its parts: http://host:port as "http://host:port", with http:// if it has no scheme and
/// "" if it is a variable alone that may have one; the path, and the query without '?'.
struct CurlUrl {
  std::string server;
  std::string path;
  std::string query;
};
CurlUrl split_url(std::string_view url);

}  // namespace metactl::cli
