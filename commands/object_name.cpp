// SPDX-License-Identifier: Apache-2.0
#include "commands/object_name.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace metactl::commands {

ObjectName parse_object_name(const std::string& word) {
  const auto slash = word.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == word.size())
    throw Error(Reason::usage, fmt::format("not KIND/NAME: '{}'", text::printable(word)),
                "write it as cluster/etl");
  return {word.substr(0, slash), word.substr(slash + 1)};
}

cli::Candidates kind_words(const std::string&) {
  cli::Candidates found;
  for (const auto& kind : manifest::kinds()) found.emplace_back(kind.word, kind.name);
  return found;
}

const manifest::Kind& require_kind(const std::string& name) {
  if (const auto* kind = manifest::find_kind(name)) return *kind;
  std::vector<std::string> names;
  std::vector<std::string> candidates;
  for (const auto& kind : manifest::kinds()) {
    names.emplace_back(kind.word);
    candidates.emplace_back(kind.word);
    candidates.emplace_back(kind.name);
  }
  throw Error(Reason::usage,
              fmt::format("no kind '{}'{}", name, text::did_you_mean(name, candidates)),
              "kinds: " + text::join(names, ", "));
}

}  // namespace metactl::commands
