// SPDX-License-Identifier: Apache-2.0
// What the parts of `metactl doctor` share.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "api/finding.h"
#include "cli/session.h"

namespace metactl::commands {

/// What was looked at, and what was found.
struct Diagnosis {
  bool is_remote = false;    // Of a server, not a local state.
  std::string service = {};  // What is looked at: "server/URL" or "file/STATE".
  std::vector<api::Finding> findings = {};
  int checks = 0;   // Things that were looked at.
  int failure = 0;  // The status with which the program ends when the service gave no answer.

  bool is_sick = false;  // It answers, but not as a service that works: no instance is looked at.
  bool has_damage = false;  // What a state verify would call wrong is among the findings.

  void add(api::Finding finding) { findings.push_back(std::move(finding)); }
  /// What kept a look from being made. An unreachable or refusing service ends all further ones.
  void add_failure(const Error& error, const std::string& object);
};

/// The files in use: their modes and owners, the key of the state, what was left behind.
void check_files(cli::Session& session, Diagnosis& diagnosis);

/// The server: whether it answers, how fast, by which clock, to which token and which calls.
/// Nothing that is asked changes anything.
void check_server(cli::Session& session, std::chrono::milliseconds slow, Diagnosis& diagnosis);

/// A local state's file: what `state verify` finds, of the named instance and of none.
void check_rows(cli::Session& session, Diagnosis& diagnosis);

/// The instances: the one that is named, else all that the service lists.
void check_instances(cli::Session& session, Diagnosis& diagnosis);

/// Files and folders in use that are there; the state's are not for a server.
struct FilesInUse {
  std::vector<std::string> private_files;
  std::vector<std::string> folders;
};
FilesInUse files_in_use(cli::Session& session);

/// Throws Error before anything is looked at: usage, when the folder of the file does not exist,
/// the file is one in use, or a tar would go to a terminal; conflict, for a file that is there,
/// unless `force`. "" passes.
void check_bundle(cli::Session& session, const std::string& path, bool force);

/// Writes a tar for a bug report, mode 0600, or to standard output for "-". It has no secrets.
/// Throws Error, conflict, for a file that is there, unless `force`.
void write_bundle(cli::Session& session, const std::string& path, bool force,
                  const Diagnosis& diagnosis);

/// The ids of the instances to be looked at: the one that is named, else all that were not dropped.
/// Throws Error, also when the server cannot list them.
std::vector<std::string> instances_to_check(cli::Session& session);

}  // namespace metactl::commands
