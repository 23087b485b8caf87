// SPDX-License-Identifier: Apache-2.0
// The text of a golden file: command lines and what they print.
//
//     # A comment.
//     modes: memory sqlite        only these, of memory, sqlite and served; all without this line.
//                                 With several, what cannot be undone on a server is not shown
//     services: qluster nodemgr   commands work on a state that is named and has these services, of
//                                 meta, broker, qluster and nodemgr; or a server has them
//     % METACTL_OUTPUT=json       sets a variable of the environment for all commands that follow
//     > cluster.json              makes a file in the working folder ...
//     < {"cluster_name": "etl"}   ... of these lines
//     $ metactl cluster add -i prod --body -
//     < {}                        a line of standard input
//     cluster/etl created         a line of standard output
//     |                           an empty one; "|" also stands before a line that would mean
//                                 something else here
//     ! warning: ...              a line of standard error
//     = 3                         the exit status, when it is not 0
//
// An empty line ends what a command prints. A line "\" says that standard output ended without a
// line end.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/support/command_world.h"

namespace metactl::tests::golden {

struct Step {
  enum class Kind : std::uint8_t { text, environment, file, command };
  Kind kind = Kind::text;
  std::size_t line = 0;               // In the file, from 1.
  std::string text;                   // Without the mark in front.
  std::vector<std::string> input;     // Lines.
  std::vector<std::string> expected;  // Lines as they stand in the file.
};

struct Script {
  std::vector<Mode> modes;
  std::set<api::Service> services;  // None: no state is named.
  std::vector<Step> steps;
};

/// Throws std::runtime_error, with the line, for what is not a golden file.
Script parse(const std::string& content);

/// The file that `parse` reads as this.
std::string print(const Script& script);

/// The words of a command line, without the program's name: '...', "..." and backslashes as in a
/// shell. Throws std::runtime_error.
std::vector<std::string> split_words(const std::string& line);

/// What a command did, as the lines of a golden file; times are masked.
std::vector<std::string> expectation(const CommandWorld::Result& result);

}  // namespace metactl::tests::golden
