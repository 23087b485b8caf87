// SPDX-License-Identifier: Apache-2.0
// The Error that a call throws, for tests that look at it.
#pragma once

#include <stdexcept>

#include "base/error.h"

namespace metactl::tests {

template <class Call>
Error thrown_by(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  throw std::logic_error("nothing thrown");
}

}  // namespace metactl::tests
