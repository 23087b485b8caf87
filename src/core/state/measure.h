// SPDX-License-Identifier: Apache-2.0
// How much of what a state holds.
#pragma once

#include "api/state.h"
#include "store/store.h"

namespace metactl::core {

/// All that the rows tell: neither the id of the state nor the sizes of its files.
api::StateInfo measure(store::View& view);

}  // namespace metactl::core
