// SPDX-License-Identifier: Apache-2.0
// What is never sent to a node_mgr, because it does harm there or is lost without a word. Source:
// node-mgr-api.md, sections 3, 7, 10 and 12.
#pragma once

#include <string>
#include <string_view>

namespace metactl::client {

/// The largest request that a node_mgr reads as a whole, header included.
inline constexpr std::size_t longest_nodemgr_request = 2047;

/// The text of a job on one line. Throws Error, usage: no JSON object, a member that stands there
/// twice, a text or port of another type (which ends the process of a real server), a `file`
/// without a folder (likewise), and the jobs that servers send each other.
std::string checked_job(std::string_view json);

}  // namespace metactl::client
