// SPDX-License-Identifier: Apache-2.0
// The releases of the Meta Service that a core can answer as. What differs between them is listed
// here, and nowhere else: a handler asks for a difference, not for a release.
#pragma once

#include <google/protobuf/message.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace metactl::api {

/// What older releases answer in another way than the newest one.
enum class Difference : std::uint8_t {
  /// create_instance and add_obj_info want neither provider nor external_endpoint of an object
  /// store, and store no external_endpoint that was not given.
  bare_stores,
  /// update_ak_sk by id refuses the keys that the object store has already.
  same_keys_refused,
  /// get_cluster takes the instance_id before the cloud_unique_id, and needs only one of them.
  cluster_by_instance_id,
  /// update_cluster_mysql_user_name refuses an empty list.
  empty_users_refused,
  /// What a request finds wrong with clusters and nodes that are stored, and the wrong number of
  /// masters, is the generic error instead of INVALID_ARGUMENT or NOT_FOUND.
  generic_refusals,
  /// The generic error is written INTERANAL_ERROR.
  misspelt_generic,
  /// get_cluster and get_obj_store_info show no status and none of the members that newer releases
  /// give to every object: remove_newer_members.
  plain_results,
};

struct Release {
  std::string_view name;
  std::uint32_t differences = 0;  // A bit for each.

  constexpr bool has(Difference difference) const {
    return (differences >> static_cast<unsigned>(difference) & 1U) != 0;
  }
};

constexpr std::uint32_t all_of(std::initializer_list<Difference> list) {
  std::uint32_t bits = 0;
  for (const auto difference : list) bits |= 1U << static_cast<unsigned>(difference);
  return bits;
}

/// The newest first, which is the default. Release 2 is that of the older of the two API documents
/// (meta-service-doc-0.txt); what it does not describe is answered as the newest does.
inline constexpr std::array releases = {
    Release{.name = "latest"},
    Release{.name = "2",
            .differences = all_of({Difference::bare_stores, Difference::same_keys_refused,
                                   Difference::cluster_by_instance_id,
                                   Difference::empty_users_refused, Difference::generic_refusals,
                                   Difference::misspelt_generic, Difference::plain_results})},
};

/// The release of that name. Throws Error, usage, with all names.
const Release& find_release(std::string_view name);

/// Takes the members out of `message` and of all messages in it that the release does not show.
void remove_newer_members(const Release& release, google::protobuf::Message& message);

}  // namespace metactl::api
