// SPDX-License-Identifier: Apache-2.0
// Forms with files, multipart/form-data. Source: node-mgr-api.md, sections 7 and 17; RFC 7578.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace metactl::http::multipart {

/// One field of a form.
struct Part {
  std::string name;
  std::string file;          // The parameter `filename`; "" when there is none.
  std::string_view content;  // Of the body that was read, which must live as long.
};

/// The boundary that a content type names, quoted or not; "" when it names none.
std::string boundary_of(std::string_view content_type);

/// The parts of a whole body. Nothing for one that does not begin with the boundary, after whatever
/// lines, or ends before the closing one.
std::optional<std::vector<Part>> read(std::string_view body, std::string_view boundary);

/// The first part of that name; nullptr when there is none.
const Part* find(const std::vector<Part>& parts, std::string_view name);

}  // namespace metactl::http::multipart
