// SPDX-License-Identifier: Apache-2.0
// What a node_mgr refuses. It has no codes, only texts. Source: node-mgr-api.md, sections 3 and 14.
#pragma once

#include <string>

#include "base/error.h"

namespace metactl::api {

/// A job that was not accepted, or another call that was not done: HTTP 200 with
/// {"result": "error", "info": "<why>"}. The reason is seen from the text, here and by a client.
Error nodemgr_refused(const std::string& why);

/// The state has no node_mgr: no nodes were imported there.
Error nodemgr_missing();

/// What is no job or no file at all: HTTP 400.
Error nodemgr_malformed(const std::string& why);

/// What a server refuses before it is looked at, such as requests of web pages: HTTP 403. A real
/// node_mgr refuses nobody.
Error nodemgr_denied(const std::string& why);

/// The failure of a reply of another status than 200, whose body may tell why.
Error nodemgr_failure_in(int http, const std::string& body);

/// The same failure, with the service's answer in it if it has none: the status of
/// failure_status, but 200 for 500, as for all that a node_mgr could not do.
Error nodemgr_answered(const Error& error);

}  // namespace metactl::api
