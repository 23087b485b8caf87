// SPDX-License-Identifier: Apache-2.0
// Looking at every row of a state for what is wrong.
#pragma once

#include "api/state.h"
#include "core/secrets.h"
#include "store/store.h"

namespace metactl::core {

/// Adds to `result` what is wrong with the rows: keys and values that cannot be read, records under
/// keys of others, what RuleCheck tells, load transactions without their rows, secrets that do not
/// open, rows of instances without a record, what JournalCheck tells. When reading fails, what was
/// found so far is in `result`.
void verify_rows(store::View& view, const Secrets& secrets, api::Verification& result);

}  // namespace metactl::core
