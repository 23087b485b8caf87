// SPDX-License-Identifier: Apache-2.0
// From a cloud_unique_id to an instance. Source: meta-service-api.md, section 3.

#include <catch2/catch.hpp>

#include "core/meta/instances.h"
#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace meta = metactl::core::meta;
using metactl::tests::be;
using metactl::tests::compute;
using metactl::tests::CoreFixture;

TEST_CASE("an encoded cloud_unique_id holds an instance id", "[core][resolve]") {
  const auto [id, instance] = GENERATE(table<std::string, std::string>({
      {"1:ALBJLH4Q:m-n3qdpyal27rh8iprxx", "ALBJLH4Q"},
      {"01:ALBJLH4Q:x", "ALBJLH4Q"},
      {"1abc:ALBJLH4Q:x", "ALBJLH4Q"},
      {":1::ALBJLH4Q:::x:", "ALBJLH4Q"},
      {"2:ALBJLH4Q:m-n3qdpyal27rh8iprxx", ""},
      {"1:ALBJLH4Q", ""},
      {"1:ALBJLH4Q:", ""},
      {"1:ALBJLH4Q:x:y", ""},
      {"invalid_version:ALBJLH4Q:m-n3qdpyal27rh8iprxx", ""},
      {"12345678901:ALBJLH4Q:m-n3qdpyal27rh8iprxx", ""},
      {"-1:ALBJLH4Q:x", ""},
      {"0:ALBJLH4Q:x", ""},
      {"11:ALBJLH4Q:x", ""},
      {"", ""},
      {":::", ""},
      {"ALBJLH4Q", ""},
  }));
  CAPTURE(id);
  CHECK(meta::encoded_instance(id) == instance);
}

namespace {

class ResolveFixture : public CoreFixture {
 public:
  ResolveFixture() {
    create("i");
    create("j");
    create_deleted("d");
  }
  std::string resolved(const std::string& id) {
    return memory.read([&](metactl::store::View& view) { return meta::resolve(view, id); });
  }
};

}  // namespace

TEST_CASE_METHOD(ResolveFixture, "an encoded id resolves to an instance that exists",
                 "[core][resolve]") {
  CHECK(resolved("1:i:x") == "i");
  CHECK(resolved("1:d:x") == "d");
  CHECK(resolved("1:nope:x").empty());
  CHECK(resolved("i").empty());
  CHECK(resolved("").empty());
}

TEST_CASE_METHOD(ResolveFixture, "the index of nodes comes before the encoded form",
                 "[core][resolve]") {
  add(compute("c", be("1:i:x", "10.0.0.1")), "j");
  CHECK(resolved("1:i:x") == "j");
  CHECK(resolved("1:i:y") == "i");
}

TEST_CASE_METHOD(ResolveFixture, "empty ids are not indexed", "[core][resolve]") {
  add(compute("c", "{ip: '10.0.0.1', heartbeat_port: 9050}"));
  CHECK(resolved("").empty());
  add(compute("c", "{ip: '10.0.0.1', heartbeat_port: 9050}"), "j");
  CHECK(stored_cluster("c", "j").nodes_size() == 1);
}

TEST_CASE_METHOD(ResolveFixture, "cluster writes take instance_id before cloud_unique_id",
                 "[core][resolve]") {
  const auto add_to = [this](std::string_view named, std::string_view id) {
    return refusal(api::add_cluster, fmt::format("{{{}, cluster: {{{}}}}}", named, compute(id)),
                   {"instance_id"});
  };
  CHECK(add_to("instance_id: 'j', cloud_unique_id: '1:i:x'", "a") == "accepted");
  CHECK(stored_cluster("a", "j").cluster_id() == "a");
  CHECK(add_to("instance_id: 'j', cloud_unique_id: '1:nope:x'", "b") == "accepted");
  CHECK(add_to("cloud_unique_id: '1:i:x'", "c") == "accepted");
  CHECK(stored_cluster("c", "i").cluster_id() == "c");
  CHECK(add_to("instance_id: '', cloud_unique_id: '1:i:x'", "d") == "accepted");
  CHECK(add_to("cloud_unique_id: 'nope'", "e") == "INVALID_ARGUMENT 400");
  CHECK(add_to("cloud_unique_id: ''", "f") == "INVALID_ARGUMENT 400");
}

TEST_CASE_METHOD(ResolveFixture, "add_node by cloud_unique_id alone finds its own instance",
                 "[core][resolve]") {
  add(compute("c", be("n1", "10.0.0.1")));
  call(api::add_node, fmt::format("{{cloud_unique_id: 'n1', cluster: {{{}}}}}",
                                  compute("c", be("n1", "10.0.0.2"))));
  CHECK(nodes_of("c") == "n1 n1");
}
