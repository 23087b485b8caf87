// SPDX-License-Identifier: Apache-2.0
// Where the tests find what they need. In a file of its own, so that a compiler's cache serves
// all working folders.
#pragma once

#include <string>

namespace metactl::tests {

/// The top folder of the sources, without a slash at its end.
std::string source_dir();

/// The program that was built.
std::string binary();

}  // namespace metactl::tests
