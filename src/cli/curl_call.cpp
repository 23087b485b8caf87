// SPDX-License-Identifier: Apache-2.0
#include "cli/curl_call.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace metactl::cli {
namespace {

/// The short options that take a value, and the long names of all that are looked at or take one.
constexpr std::string_view short_with_value = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";

constexpr std::array<std::string_view, 62> long_with_value = {"abstract-unix-socket",
                                                              "aws-sigv4",
                                                              "cacert",
                                                              "capath",
                                                              "cert",
                                                              "cert-type",
                                                              "ciphers",
                                                              "config",
                                                              "connect-timeout",
                                                              "connect-to",
                                                              "continue-at",
                                                              "cookie",
                                                              "cookie-jar",
                                                              "create-file-mode",
                                                              "data",
                                                              "data-ascii",
                                                              "data-binary",
                                                              "data-raw",
                                                              "data-urlencode",
                                                              "delegation",
                                                              "dns-servers",
                                                              "dump-header",
                                                              "expect100-timeout",
                                                              "form",
                                                              "form-string",
                                                              "header",
                                                              "interface",
                                                              "json",
                                                              "keepalive-time",
                                                              "key",
                                                              "key-type",
                                                              "limit-rate",
                                                              "local-port",
                                                              "max-filesize",
                                                              "max-redirs",
                                                              "max-time",
                                                              "netrc-file",
                                                              "noproxy",
                                                              "oauth2-bearer",
                                                              "output",
                                                              "output-dir",
                                                              "pass",
                                                              "pinnedpubkey",
                                                              "proxy",
                                                              "proxy-user",
                                                              "range",
                                                              "referer",
                                                              "request",
                                                              "request-target",
                                                              "resolve",
                                                              "retry",
                                                              "retry-delay",
                                                              "retry-max-time",
                                                              "socks5",
                                                              "socks5-hostname",
                                                              "speed-limit",
                                                              "speed-time",
                                                              "trace",
                                                              "unix-socket",
                                                              "upload-file",
                                                              "user",
                                                              "user-agent"};

std::string_view long_name(char letter) {
  switch (letter) {
    case 'd':
      return "data";
    case 'o':
      return "output";
    case 'u':
      return "user";
    case 'T':
      return "upload-file";
    case 'G':
      return "get";
    case 'I':
      return "head";
    case 'f':
      return "fail";
    case 'b':
      return "cookie";
    case 'H':
      return "header";
    case 'F':
      return "form";
    case 'U':
      return "proxy-user";
    case 'K':
      return "config";
    case ':':
      return "next";
    default:
      return "";
  }
}

bool takes_value(std::string_view name) {
  return name == "url" || name == "write-out" ||
         std::find(long_with_value.begin(), long_with_value.end(), name) != long_with_value.end();
}

bool is_curl(std::string_view word) {
  return word == "curl" || word.ends_with("/curl");
}

ShellText without_front(const ShellText& text, std::size_t count) {
  ShellText rest;
  rest.text = text.text.substr(count);
  for (const auto& [offset, line] : text.lines)
    rest.lines.emplace_back(std::max(offset, count) - count, line);
  rest.unexpanded = text.unexpanded;
  return rest;
}

class Reader {
 public:
  explicit Reader(const std::optional<ShellText>& input) : input_(input) {}

  void option(std::string_view name, const ShellText& value) {
    if (name == "url") return add_url(value);
    if (name == "data" || name == "data-ascii" || name == "data-binary" || name == "json")
      return add_data(value, name == "json" ? "" : "&", true);
    if (name == "data-raw") return add_data(value, "&", false);
    if (name == "data-urlencode") return add_encoded(value);
    if (name == "upload-file") return add_file(value.text);
    if (name == "output") {
      (value.text == "/dev/null" ? call_.discards : call_.writes_file) = true;
    } else if (name == "user") {
      call_.user = value.text;
      add_password(value.text);
    } else if (name == "proxy-user") {
      add_password(value.text);
    } else if (name == "oauth2-bearer" || name == "pass" || name == "cookie") {
      call_.secrets.push_back(value.text);
    } else if (name == "header") {
      add_header(value.text);
    } else if (name == "form" || name == "form-string") {
      call_.form += value.text + '\n';
    } else if (name == "config") {
      call_.others.push_back(value);
    } else if (name == "get") {
      call_.data_in_query = true;
    } else if (name == "head") {
      call_.without_reply = true;
    } else if (name == "fail" || name == "fail-with-body") {
      call_.fails = true;
    }
  }

  void add_url(const ShellText& url) {
    if (call_.url.text.empty()) {
      call_.url = url;
    } else {
      call_.others.push_back(url);
    }
  }

  void skip(const ShellText& word) { call_.others.push_back(word); }

  CurlCall take() {
    take_user();
    if (call_.data_in_query && call_.body == CurlCall::Body::text) {
      const bool has_query = call_.url.text.find('?') != std::string::npos;
      call_.url.text += (has_query ? "&" : "?") + call_.data.text;
      call_.body = CurlCall::Body::none;
    }
    return std::move(call_);
  }

 private:
  void add_password(const std::string& user) {
    const auto colon = user.find(':');
    if (colon != std::string::npos) call_.secrets.push_back(user.substr(colon + 1));
  }

  /// The value of a header that tells who calls.
  void add_header(const std::string& header) {
    const auto colon = std::min(header.find(':'), header.size());
    const auto name = text::upper(header.substr(0, colon));
    for (const auto* part : {"AUTH", "COOKIE", "TOKEN", "KEY", "SECRET", "PASS"})
      if (name.find(part) != std::string::npos && colon < header.size()) {
        call_.secrets.emplace_back(text::trim(header.substr(colon + 1)));
        return;
      }
  }

  /// http://USER:PASSWORD@HOST
  void take_user() {
    auto& url = call_.url.text;
    const auto scheme = url.find("://");
    const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
    const auto end = std::min(url.find_first_of("/?#", begin), url.size());
    const auto at = end == begin ? std::string::npos : url.rfind('@', end - 1);
    if (at == std::string::npos || at < begin) return;
    const auto user = url.substr(begin, at - begin);
    if (call_.user.empty()) call_.user = user;
    add_password(user);
    const auto size = at + 1 - begin;
    url.erase(begin, size);
    for (auto& [offset, line] : call_.url.lines)
      if (offset > begin) offset = std::max(offset, begin + size) - size;
  }

  void add_data(const ShellText& value, std::string_view joint, bool may_be_file) {
    if (may_be_file && value.text.starts_with('@')) return add_file(value.text.substr(1));
    if (call_.body == CurlCall::Body::text) call_.data.text += joint;
    call_.body = CurlCall::Body::text;
    call_.data.append(value);
  }

  void add_encoded(const ShellText& value) {
    const auto equals = value.text.find('=');
    auto encoded = value;
    const auto from = equals == std::string::npos ? 0 : equals + 1;
    const auto content = value.text.substr(from);
    encoded.text = value.text.substr(0, from) +
                   (has_variable(content) ? content : text::percent_encode(content));
    add_data(encoded, "&", false);
  }

  void add_file(const std::string& path) {
    if (path != "-") {
      call_.body = CurlCall::Body::file;
      call_.file = path;
    } else if (input_) {
      call_.body = CurlCall::Body::text;
      call_.data.append(*input_);
    } else {
      call_.body = CurlCall::Body::input;
    }
  }

  const std::optional<ShellText>& input_;
  CurlCall call_;
};

/// Walks over the words behind `curl`, and hands options with their values and URLs to a reader.
class Words {
 public:
  using Word = std::vector<ShellText>::const_iterator;

  Words(Reader& reader, Word word, Word end) : reader_(reader), word_(word), end_(end) {}

  void read() {
    for (; word_ != end_; ++word_) {
      const auto& text = word_->text;
      if (text == "--next" || text == "-:") return skip_rest();
      if (text.starts_with("--")) {
        read_long(text);
      } else if (text.starts_with('-') && text.size() > 1) {
        read_short(text);
      } else {
        reader_.add_url(*word_);
      }
    }
  }

 private:
  void skip_rest() {
    for (; word_ != end_; ++word_) reader_.skip(*word_);
  }

  void read_long(std::string_view text) {
    const auto equals = std::min(text.find('='), text.size());
    const auto name = text.substr(2, equals - 2);
    if (!takes_value(name)) {
      reader_.option(name, ShellText());
    } else {
      read_value(name, equals < text.size() ? std::optional(equals + 1) : std::nullopt);
    }
  }

  /// "-sXPOST": the letters up to the first that has a value.
  void read_short(std::string_view text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
      if (short_with_value.find(text[i]) != std::string_view::npos)
        return read_value(long_name(text[i]),
                          i + 1 < text.size() ? std::optional(i + 1) : std::nullopt);
      reader_.option(long_name(text[i]), ShellText());
    }
  }

  /// The value begins at `place` of the word, else it is the next word.
  void read_value(std::string_view name, std::optional<std::size_t> place) {
    if (place) {
      reader_.option(name, without_front(*word_, *place));
    } else if (word_ + 1 != end_) {
      reader_.option(name, *++word_);
    }
  }

  Reader& reader_;
  Word word_;
  const Word end_;
};

}  // namespace

std::optional<CurlCall> read_curl_call(const std::vector<ShellText>& words,
                                       const std::optional<ShellText>& input) {
  const auto curl =
      std::find_if(words.begin(), words.end(), [](const auto& word) { return is_curl(word.text); });
  if (curl == words.end() || words[0].text == "echo" || words[0].text == "printf")
    return std::nullopt;
  Reader reader(input);
  Words(reader, curl + 1, words.end()).read();
  auto call = reader.take();
  if (call.url.text.empty()) return std::nullopt;
  for (auto word = curl; word != words.end(); ++word)
    call.unexpanded.insert(call.unexpanded.end(), word->unexpanded.begin(), word->unexpanded.end());
  if (input) call.unexpanded_input = input->unexpanded;
  call.line = curl->line_at(0);
  return call;
}

CurlUrl split_url(std::string_view url) {
  CurlUrl parts;
  const auto query = std::min(url.find('?'), url.size());
  parts.query = url.substr(std::min(query + 1, url.size()));
  auto place = url.substr(0, query);
  parts.query = parts.query.substr(0, parts.query.find('#'));
  const auto scheme = place.find("://");
  auto path =
      std::min(place.find('/', scheme == std::string_view::npos ? 0 : scheme + 3), place.size());
  // Services stand behind no other path, and that of a variable may have slashes in it.
  const auto lower = text::lower(place) + "/";
  for (const auto* service : {"/metaservice/", "/recyclerservice/", "/rest/v2/"})
    if (const auto found = lower.find(service, path); found != std::string::npos) {
      path = found;
      break;
    }
  parts.path = place.substr(path);
  place = place.substr(0, path);
  const bool has_scheme = place.find("://") != std::string_view::npos;
  parts.server = has_scheme || place == as_variable("METACTL_SERVER")
                     ? std::string(place)
                     : "http://" + std::string(place);
  return parts;
}

}  // namespace metactl::cli
