// SPDX-License-Identifier: Apache-2.0
// One change of a journal record, from the values around it.
#pragma once

#include <optional>
#include <string>

#include "proto/journal.pb.h"

namespace metactl::core {

/// Fills an empty `change` with what it did to the value under `key`; nothing stands for none.
void describe(pb::JournalChange& change, const std::string& key,
              const std::optional<std::string>& before, const std::optional<std::string>& after);

}  // namespace metactl::core
