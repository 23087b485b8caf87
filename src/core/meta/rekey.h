// SPDX-License-Identifier: Apache-2.0
// Changing the key that the secrets of a state are sealed with.
#pragma once

#include <string>

#include "core/context.h"

namespace metactl::core::meta {

/// Seals every secret of the state again, with `new_key`, in one transaction. Returns how many
/// there were. Throws Error, integrity, when one cannot be opened; then nothing is changed.
std::size_t rekey(Context& context, const std::string& new_key);

}  // namespace metactl::core::meta
