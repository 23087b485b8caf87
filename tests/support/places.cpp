// SPDX-License-Identifier: Apache-2.0
#include "tests/support/places.h"

namespace metactl::tests {

std::string source_dir() {
  return METACTL_SOURCE_DIR;
}

std::string binary() {
  return METACTL_BINARY;
}

}  // namespace metactl::tests
