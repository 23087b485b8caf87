// SPDX-License-Identifier: Apache-2.0
// Where the rows of one instance are.
#pragma once

#include <string>
#include <vector>

#include "keys/key_type.h"
#include "keys/keys.h"

namespace metactl::keys {

/// True when keys of the type name an instance.
bool has_instance(const KeyType& type);

/// The ranges of all types that name an instance, in order of the keys.
std::vector<Range> rows_of_instance(const std::string& instance_id);

}  // namespace metactl::keys
