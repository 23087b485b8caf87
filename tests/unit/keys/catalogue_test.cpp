// SPDX-License-Identifier: Apache-2.0
#include "keys/catalogue.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "keys/keys.h"
#include "tests/unit/keys/key_vectors.h"

namespace keys = metactl::keys;
using keys::Space;
using metactl::tests::read_vectors;
using metactl::tests::refusal;

TEST_CASE("the catalogue has all types of all key spaces, each once", "[keys]") {
  std::map<Space, int> count;
  std::set<std::string_view> names;
  for (const auto& type : keys::catalogue) {
    ++count[type.space];
    names.insert(type.name);
  }
  CHECK(names.size() == keys::catalogue.size());
  CHECK(count == std::map<Space, int>{{Space::user, 45},
                                      {Space::system, 4},
                                      {Space::versioned, 22},
                                      {Space::tool, 8},
                                      {Space::broker, 6},
                                      {Space::qluster, 6},
                                      {Space::nodemgr, 4}});
}

TEST_CASE("every type of the Meta Service has an example with exactly its fields", "[keys]") {
  std::set<std::string> seen;
  for (const auto& example : read_vectors("key-examples.tsv")) {
    CAPTURE(example.type);
    const auto& type = keys::require_type(example.type);
    CHECK(static_cast<int>(type.space) == std::stoi(example.space, nullptr, 16));
    CHECK(type.versioned == example.fields.contains("versionstamp"));
    std::vector<std::string> wanted, found;
    for (const auto& part : keys::fields_of(type)) wanted.emplace_back(part.text);
    for (const auto& [name, value] : example.fields.items())
      if (name != "versionstamp") found.push_back(name);
    CHECK(found == wanted);
    seen.insert(example.type);
  }
  for (const auto& type : keys::catalogue)
    CHECK((type.space >= Space::tool || seen.contains(std::string(type.name))));
}

TEST_CASE("values have a message exactly when their form is one", "[keys]") {
  using Form = keys::Stored::Form;
  for (const auto& type : keys::catalogue) {
    CAPTURE(type.name);
    const auto form = type.value.form;
    CHECK((form == Form::message || form == Form::stamped_message || form == Form::document) ==
          !type.value.message.empty());
  }
  CHECK(keys::key_type("InstanceKey").value.message == "InstanceInfoPB");
  CHECK(keys::key_type("TxnLabelKey").value.form == Form::stamped_message);
  CHECK(keys::key_type("MetaSchemaKey").split);
  CHECK_FALSE(keys::key_type("JobRecycleRecycleKey").in_http);
}

TEST_CASE("the constants of keys.h are the types of the catalogue", "[keys]") {
  CHECK(&keys::instance_type == keys::find_type("InstanceKey"));
  CHECK(&keys::journal_type == keys::find_type("JournalKey"));
}

TEST_CASE("an unknown type is refused with the nearest name", "[keys]") {
  CHECK(keys::find_type("instancekey") == nullptr);
  CHECK(refusal([] { keys::require_type("InstanceKy"); }) ==
        "there is no key type 'InstanceKy'; did you mean 'InstanceKey'?");
  CHECK(refusal([] { keys::require_type("x"); }) == "there is no key type 'x'");
}
