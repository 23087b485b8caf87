// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace metactl::manifest {

/// manifest.proto and what it imports as a FileDescriptorSet with all comments: protobuf leaves
/// those out of the code that it makes. Embedded by the build.
std::span<const unsigned char> descriptor_set();

}  // namespace metactl::manifest
