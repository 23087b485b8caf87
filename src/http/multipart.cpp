// SPDX-License-Identifier: Apache-2.0
#include "http/multipart.h"

#include <algorithm>

#include "base/text.h"

namespace metactl::http::multipart {
namespace {

constexpr auto npos = std::string_view::npos;
/// No form of a service has more than a few.
constexpr std::size_t most_parts = 100;
constexpr std::string_view line_end = "\r\n";

/// The text in quotation marks that begins at `at`, behind the first of them. Of escapes only those
/// of quotation marks and backslashes are resolved.
std::string quoted_text(std::string_view text, std::size_t at) {
  std::string result;
  for (; at < text.size() && text[at] != '"'; ++at) {
    const bool is_escape =
        text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\');
    if (is_escape) ++at;
    result += text[at];
  }
  return result;
}

/// Where the next parameter of a header begins: behind a semicolon that no quotation marks enclose.
std::size_t next_parameter(std::string_view header, std::size_t from) {
  bool is_quoted = false;
  for (auto at = from; at < header.size(); ++at) {
    if (is_quoted && header[at] == '\\') {
      ++at;
    } else if (header[at] == '"') {
      is_quoted = !is_quoted;
    } else if (header[at] == ';' && !is_quoted) {
      return at + 1;
    }
  }
  return header.size();
}

/// The parameter of that name behind the first semicolon; "" when there is none.
std::string parameter(std::string_view header, std::string_view name) {
  for (auto at = next_parameter(header, 0); at < header.size();) {
    const auto end = next_parameter(header, at);
    const auto piece = text::trim(header.substr(at, end - at));
    const auto equals = piece.find('=');
    if (equals != npos && text::lower(text::trim(piece.substr(0, equals))) == name) {
      const auto value = text::trim(piece.substr(equals + 1));
      if (value.starts_with('"')) return quoted_text(value, 1);
      return std::string(text::trim(value.substr(0, value.find(';'))));
    }
    at = end;
  }
  return "";
}

/// What a delimiter is followed by.
enum class After : std::uint8_t { text, part, end };

/// `rest` begins behind a boundary; it is moved behind the delimiter.
After after_boundary(std::string_view& rest) {
  if (rest.starts_with("--")) return After::end;
  const auto blanks = std::min(rest.find_first_not_of(" \t"), rest.size());
  if (!rest.substr(blanks).starts_with(line_end)) return After::text;
  rest.remove_prefix(blanks + line_end.size());
  return After::part;
}

/// A part without its delimiters: headers, an empty line, and the content. False when there is no
/// empty line.
bool read_part(std::string_view text, Part& part) {
  while (!text.starts_with(line_end)) {
    const auto end = text.find(line_end);
    if (end == npos) return false;
    const auto header = text.substr(0, end);
    const auto colon = header.find(':');
    if (colon != npos &&
        text::lower(text::trim(header.substr(0, colon))) == "content-disposition") {
      part.name = parameter(header.substr(colon + 1), "name");
      part.file = parameter(header.substr(colon + 1), "filename");
    }
    text.remove_prefix(end + line_end.size());
  }
  part.content = text.substr(line_end.size());
  return true;
}

}  // namespace

std::string boundary_of(std::string_view content_type) {
  return parameter(content_type, "boundary");
}

std::optional<std::vector<Part>> read(std::string_view body, std::string_view boundary) {
  const auto first = "--" + std::string(boundary);
  const auto delimiter = std::string(line_end) + first;
  std::vector<Part> parts;
  std::optional<std::string_view> begun;  // From where the part of now goes.
  auto at = body.starts_with(first) ? 0 : body.find(delimiter);
  for (; at != npos; at = body.find(delimiter, at)) {
    const auto size = at == 0 && body.starts_with(first) ? first.size() : delimiter.size();
    auto rest = body.substr(at + size);
    const auto after = after_boundary(rest);
    if (after == After::text) {
      at += line_end.size();
      continue;
    }
    if (begun) {
      const auto begin = static_cast<std::size_t>(begun->data() - body.data());
      // An empty content has the line end of its header for that of the delimiter.
      const auto text = body.substr(begin, at > begin ? at - begin : 0);
      if (parts.size() == most_parts || !read_part(text, parts.emplace_back())) return std::nullopt;
    }
    if (after == After::end) return parts;
    begun = rest;
    at += size;
  }
  return std::nullopt;
}

const Part* find(const std::vector<Part>& parts, std::string_view name) {
  const auto found =
      std::find_if(parts.begin(), parts.end(), [&](const Part& part) { return part.name == name; });
  return found == parts.end() ? nullptr : &*found;
}

}  // namespace metactl::http::multipart
