// SPDX-License-Identifier: Apache-2.0
#include "cli/read_back.h"

#include <fmt/format.h>

namespace metactl::cli {

Error contradicted(const std::string& what, const std::string& difference,
                   const std::string& object) {
  Error error(Reason::internal, fmt::format("{}: the server answered OK, but {}", what, difference),
              "look at it before you repeat; --no-read-back leaves this check out");
  error.set_object(object);
  return error;
}

}  // namespace metactl::cli
