// SPDX-License-Identifier: Apache-2.0
#include "base/no_space.h"

#include <cerrno>

namespace metactl {

std::string_view no_space_text(int number) {
  switch (number) {
    case ENOSPC:
      return "no space left on its file system";
    case EDQUOT:
      return "no space left: the disk quota is used up";
    case EFBIG:
      return "no space left: it would be larger than a file may be (ulimit -f)";
    default:
      return "";
  }
}

}  // namespace metactl
