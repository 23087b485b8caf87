// SPDX-License-Identifier: Apache-2.0
#include "cli/lenient_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/shell_script.h"

namespace metactl::cli {
namespace {

using Kind = JsonNode::Kind;
constexpr std::size_t deepest = 100;
constexpr std::size_t most_values = 20'000;
constexpr std::size_t most_members = 1'000;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  JsonNode read() {
    skip_blanks();
    if (at_ == text_.size()) refuse("the body is empty");
    auto node = read_value(0);
    skip_blanks();
    if (at_ < text_.size()) refuse("there is text behind the end of the object");
    return node;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw JsonError(at_, what); }

  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_blanks() {
    at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    if (here() == '/' || here() == '#') refuse("JSON has no comments");
  }

  JsonNode read_value(std::size_t depth) {
    if (depth > deepest) refuse("too many levels");
    if (++values_ > most_values) throw JsonLimit(at_, "it has more than 20000 values");
    const auto begin = at_;
    JsonNode node;
    if (here() == '{' || here() == '[') {
      node = read_children(depth);
    } else if (here() == '"' || here() == '\'') {
      node.kind = Kind::string;
      node.text = read_string();
    } else {
      node.text = read_word();
      node.kind = has_variable(node.text) ? Kind::string : Kind::word;
    }
    node.offset = begin;
    return node;
  }

  JsonNode read_children(std::size_t depth) {
    const bool is_object = here() == '{';
    const char end = is_object ? '}' : ']';
    JsonNode node;
    node.kind = is_object ? Kind::object : Kind::array;
    ++at_;
    for (skip_blanks(); here() != end; skip_blanks()) {
      if (at_ == text_.size()) refuse(fmt::format("the body ends before a closing {}", end));
      if (is_object && node.children.size() == most_members)
        throw JsonLimit(at_, "an object has more than 1000 members");
      node.children.push_back(is_object ? read_member(depth) : read_value(depth + 1));
      skip_blanks();
      if (here() == end) break;
      if (here() != ',')
        refuse(at_ == text_.size() ? fmt::format("the body ends before a closing {}", end)
                                   : fmt::format("no comma or {} behind a value", end));
      ++at_;
    }
    ++at_;
    return node;
  }

  JsonNode read_member(std::size_t depth) {
    const auto begin = at_;
    auto name = here() == '"' || here() == '\'' ? read_string() : read_word();
    skip_blanks();
    if (here() != ':') refuse("no colon behind the name of a member");
    ++at_;
    skip_blanks();
    auto node = read_value(depth + 1);
    node.name = std::move(name);
    node.offset = begin;
    return node;
  }

  std::string read_word() {
    const auto begin = at_;
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n,:{}[]\"'").find(here()) == std::string_view::npos) {
      if (text_.substr(at_).starts_with(variable_begin))
        at_ = std::min(text_.find(variable_end, at_), text_.size() - 1);
      ++at_;
    }
    if (at_ == begin) refuse("a value is missing");
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string read_string() {
    const auto begin = at_;
    const char mark = here();
    for (++at_; here() != mark; ++at_) {
      if (text_.substr(at_).starts_with(variable_begin))
        at_ = std::min(text_.find(variable_end, at_), text_.size());
      if (here() == '\\') ++at_;
      if (at_ >= text_.size()) {
        at_ = begin;
        refuse("a quotation mark is not closed");
      }
    }
    const auto content = text_.substr(begin + 1, at_ - begin - 1);
    ++at_;
    if (content.find('\\') == std::string_view::npos) return std::string(content);
    return with_escapes_resolved(content, begin);
  }

  static std::string with_escapes_resolved(std::string_view content, std::size_t begin) {
    std::string json = "\"";
    for (std::size_t i = 0; i < content.size(); ++i) {
      const char c = content[i];
      if (c == '\\' && i + 1 < content.size()) {
        if (content[i + 1] != '\'') json += c;
        json += content[++i];
      } else if (c == '"') {
        json += "\\\"";
      } else if (static_cast<unsigned char>(c) < 0x20) {
        json += fmt::format("\\u{:04x}", c);
      } else {
        json += c;
      }
    }
    const auto value = nlohmann::json::parse(json + '"', nullptr, false);
    if (!value.is_string()) throw JsonError(begin, "a string has an escape that does not exist");
    return value.get<std::string>();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

JsonNode read_lenient_json(std::string_view text) {
  return Reader(text).read();
}

}  // namespace metactl::cli
