// SPDX-License-Identifier: Apache-2.0
#include "core/state/upgrade.h"

#include <array>

#include "core/state/chain.h"
#include "store/sqlite_schema.h"

namespace metactl::core {
namespace {

using Step = void (*)(store::Txn& txn, const Environment& environment);

/// The id of the state is the store's own.
void from_1_to_2(store::Txn&, const Environment&) {}

/// Records are chained when nothing changes them any more.
void from_2_to_3(store::Txn& txn, const Environment&) {
  chain_records(txn);
}

/// What leads from version N to N + 1 is at place N - 1.
constexpr std::array<Step, store::schema_version - 1> steps = {from_1_to_2, from_2_to_3};

}  // namespace

void upgrade_rows(store::Txn& txn, std::uint32_t from_version, const Environment& environment) {
  for (auto version = from_version; version < store::schema_version; ++version)
    steps.at(version - 1)(txn, environment);
}

}  // namespace metactl::core
