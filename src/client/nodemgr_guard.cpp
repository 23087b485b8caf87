// SPDX-License-Identifier: Apache-2.0
#include "client/nodemgr_guard.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "api/foreign_json.h"
#include "base/error.h"
#include "base/text.h"

namespace metactl::client {
namespace {

using nlohmann::json;

constexpr std::array texts = {"ver",  "job_type", "job_id", "node_type",   "file_type",
                              "cmd",  "s_ip",     "s_user", "s_pwd",       "s_dbname",
                              "d_ip", "d_user",   "d_pwd",  "d_dbname",    "s_table_name",
                              "file", "url",      "path",   "d_table_name"};
constexpr std::array ports = {"s_port", "d_port"};

bool is_one_of(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Servers match names without regard to case, and take the first of several.
json parse(std::string_view text) {
  std::set<std::string> names;
  const auto look = [&](int depth, json::parse_event_t event, const json& parsed) {
    if (event != json::parse_event_t::key || depth != 1) return true;
    if (!names.insert(text::lower(parsed.get<std::string>())).second)
      throw Error(Reason::usage, fmt::format("the job has '{}' twice", parsed.get<std::string>()));
    return true;
  };
  if (text::json_levels(text) > api::deepest_foreign_json)
    throw Error(Reason::usage, "the job has too many levels");
  json job;
  try {
    job = json::parse(text, look);
  } catch (const json::exception&) {
    throw Error(Reason::usage, "the job is not JSON",
                "a node_mgr would answer succeed and do nothing");
  }
  if (!job.is_object()) throw Error(Reason::usage, "the job is not a JSON object");
  return job;
}

void check_member(const std::string& name, const json& value) {
  const auto known = text::lower(name);
  const bool is_address = known.starts_with("node_ip");
  if ((is_one_of(texts, known) || is_address) && !value.is_string())
    throw Error(Reason::usage, fmt::format("'{}' is not a text", name),
                "what is none ends the process of a real node_mgr");
  if (is_one_of(ports, known) &&
      (!value.is_number_integer() || value < json(1) || value > json(65535)))
    throw Error(Reason::usage, fmt::format("'{}' is not a port from 1 to 65535", name));
  if (known == "file" && value.get<std::string>().find('/') == std::string::npos)
    throw Error(Reason::usage, fmt::format("'{}' has no '/'", name),
                "a backup is named with its folders: /coldbackup/CLUSTER/SHARD/NAME.tgz");
  if (known == "job_type" && (value == "recv" || value == "peek"))
    throw Error(Reason::usage,
                fmt::format("a job of type '{}' is for servers only", value.get<std::string>()));
}

}  // namespace

std::string checked_job(std::string_view text) {
  const auto job = parse(text);
  for (const auto& [name, value] : job.items()) check_member(name, value);
  std::string line(text::trim(text));  // Texts in JSON have no line ends of their own.
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return line;
}

}  // namespace metactl::client
