// SPDX-License-Identifier: Apache-2.0
// The command line as it is kept in the history: for a shell, and without secrets.
#include <catch2/catch.hpp>

#include "base/text.h"
#include "cli/tree.h"
#include "commands/commands.h"

namespace metactl::tests {
namespace {

using Words = std::vector<std::string>;

std::string kept(const Words& words) {
  cli::Tree tree(words);
  commands::add_all_commands(tree);
  tree.parse(words);
  return tree.command_line(words);
}

}  // namespace

TEST_CASE("a command line is kept as a shell reads it", "[cli][history]") {
  CHECK(kept({"cluster", "add", "etl", "--node", "10.0.0.5:9050"}) ==
        "metactl cluster add etl --node 10.0.0.5:9050");
  CHECK(kept({"cluster", "add", "two words", "-i", "it's"}) ==
        R"(metactl cluster add 'two words' -i 'it'\''s')");
  CHECK(kept({"history"}) == "metactl history");
}

TEST_CASE("values that can be secrets are left out of a kept command line", "[cli][history]") {
  const auto [words, expected] = GENERATE(table<Words, std::string>({
      {{"ak", "rotate", "--ak", "A", "--sk", "plain-s"},
       "metactl ak rotate --ak ****** --sk ******"},
      {{"vault", "alter", "v", "--sk=plain-s"}, "metactl vault alter v --sk=******"},
      {{"--token", "plain-s", "cluster", "list"}, "metactl --token ****** cluster list"},
      {{"--token=plain-s", "cluster", "list"}, "metactl --token=****** cluster list"},
      {{"--token-file", "f", "cluster", "list"}, "metactl --token-file f cluster list"},
      {{"vault", "add", "hdfs", "v", "--fs-name", "f", "--conf", "a.b=plain-s", "--kerberos-keytab",
        "plain-s"},
       "metactl vault add hdfs v --fs-name f --conf ****** --kerberos-keytab ******"},
      {{"instance", "create", "i", "--user-id", "u", "--s3", "bucket=b,ak=plain-s"},
       "metactl instance create i --user-id u --s3 ******"},
      {{"key", "put", "X", "--value", "{\"sk\":\"plain-s\"}"}, "metactl key put X --value ******"},
      {{"api", "x", "-f", "obj.sk=plain-s", "-fak=plain-s2"}, "metactl api x -f ****** -f******"},
      {{"server-config", "set", "a=plain-s", "b=plain-s2"},
       "metactl server-config set ****** ******"},
      {{"cluster", "list", "--server", "http://u:plain-s@h:1/x"},
       "metactl cluster list --server 'http://u:******@h:1/x'"},
      {{"cluster", "list", "--server=http://u:plain-s@h"},
       "metactl cluster list '--server=http://u:******@h'"},
      {{"broker", "config", "set", "--replica", "u:plain-s@h:1"},
       "metactl broker config set --replica 'u:******@h:1'"},
  }));
  CHECK(kept(words) == expected);
}

TEST_CASE("a long command line is cut at a whole character", "[cli][history]") {
  Words words{"cluster", "add", "etl"};
  for (int i = 0; i < 3000; ++i) words.insert(words.end(), {"--node", "ä"});
  const auto line = kept(words);
  CHECK(line.size() <= 4096);
  CHECK(line.size() > 4090);
  CHECK(line.ends_with("..."));
  CHECK(text::is_utf8(line));
}

}  // namespace metactl::tests
