// SPDX-License-Identifier: Apache-2.0
#include "core/state/upgrade.h"

#include <array>

#include "base/error.h"
#include "core/state/chain.h"
#include "core/state/seal.h"
#include "store/sqlite_schema.h"

namespace metactl::core {
namespace {

using Step = void (*)(store::Txn& txn, const Environment& environment, MissingKey missing_key);

bool has_key(store::Txn& txn, const Environment& environment) {
  try {
    environment.secrets.require_key(txn);
    return true;
  } catch (const Error& error) {
    if (error.reason() != Reason::integrity) throw;
    return false;
  }
}

/// The id of the state is the store's own.
void from_1_to_2(store::Txn&, const Environment&, MissingKey) {}

/// Records are chained when nothing changes them any more.
void from_2_to_3(store::Txn& txn, const Environment& environment, MissingKey missing_key) {
  if (missing_key == MissingKey::refused || has_key(txn, environment))
    seal_stored_secrets(txn, environment);
  chain_records(txn);
}

/// What leads from version N to N + 1 is at place N - 1.
constexpr std::array<Step, store::schema_version - 1> steps = {from_1_to_2, from_2_to_3};

}  // namespace

void upgrade_rows(store::Txn& txn, std::uint32_t from_version, const Environment& environment,
                  MissingKey missing_key) {
  for (auto version = from_version; version < store::schema_version; ++version)
    steps.at(version - 1)(txn, environment, missing_key);
}

}  // namespace metactl::core
