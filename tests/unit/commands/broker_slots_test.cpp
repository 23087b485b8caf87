// SPDX-License-Identifier: Apache-2.0
// Slots of a cluster as text, counted and drawn.
#include "commands/broker_slots.h"

#include <catch2/catch.hpp>

#include "api/broker_json.h"

namespace metactl::commands {
namespace {

using Json = nlohmann::json;

/// One part of slots may stand without its list.
Json node(const std::string& address, const std::string& role, const Json& given) {
  const auto slots = given.is_array() ? given : Json::array({given});
  return {{"address", address},
          {"proxy_address", "proxy"},
          {"slots", slots},
          {"repl", {{"role", role}, {"peers", Json::array()}}}};
}

Json slots(std::uint64_t first, std::uint64_t last, Json tag = "None") {
  return {{"range_list", {{first, last}}}, {"tag", std::move(tag)}};
}

/// A tag with the addresses of both ends.
Json moves(const std::string& way, const std::string& from, const std::string& to) {
  return {{way,
           {{"epoch", 7},
            {"src_proxy_address", "p"},
            {"src_node_address", from},
            {"dst_proxy_address", "q"},
            {"dst_node_address", to}}}};
}

pb::BrokerClusterViewPB cluster(const Json& nodes) {
  pb::BrokerClusterViewPB view;
  const Json json = {{"name", "demo"}, {"epoch", 7}, {"nodes", nodes}, {"config", Json::object()}};
  api::read_broker_json(std::string_view(json.dump()), view);
  return view;
}

/// The first chunk gives a quarter of the slots to the second; one more quarter waits.
pb::BrokerClusterViewPB growing() {
  const auto out = moves("Migrating", "a0", "b0");
  const auto in = moves("Importing", "a0", "b0");
  return cluster({node("a0", "master", {slots(0, 4095), slots(4096, 8191, out)}),
                  node("a1", "replica", Json::array()), node("a2", "master", {slots(8192, 16383)}),
                  node("a3", "replica", Json::array()),
                  node("b0", "master", {slots(4096, 8191, in)}),
                  node("b1", "replica", Json::array()), node("b2", "MASTER", Json::array()),
                  node("b3", "replica", Json::array())});
}

}  // namespace

TEST_CASE("slots are told as ranges, with where they move to and come from", "[broker][slots]") {
  const auto view = growing();
  CHECK(slots_text(view.nodes(0)) == "0-4095 4096-8191->b0");
  CHECK(slots_text(view.nodes(4)) == "4096-8191<-a0");
  CHECK(slots_text(view.nodes(1)).empty());
  const auto parts = Json::array({{{"range_list", {{5, 5}, {7, 9}}}, {"tag", "None"}}});
  const auto ranges = cluster(Json::array({node("a", "master", parts)}));
  CHECK(slots_text(ranges.nodes(0)) == "5,7-9");
}

TEST_CASE("nodes with slots are counted in twos", "[broker][slots]") {
  CHECK(nodes_with_slots(growing()) == 4);
  CHECK(migrations_of(growing()).size() == 1);
}

TEST_CASE("what an even split lacks is what has to move", "[broker][slots]") {
  const auto view = growing();
  CHECK(slots_to_move(view, 8) == 8192);
  CHECK(slots_to_move(view, 4) == 4096);
  CHECK(slots_to_move(cluster(Json::array()), 4) == 0);
}

TEST_CASE("after a failover the masters of a chunk are in one half", "[broker][slots]") {
  const auto view =
      cluster({node("a0", "replica", Json::array()), node("a1", "replica", Json::array()),
               node("a2", "master", {slots(8192, 16383)}), node("a3", "master", {slots(0, 8191)})});
  CHECK(slots_to_move(view, 4) == 0);
  CHECK(nodes_with_slots(view) == 4);
}

TEST_CASE("slots move outwards, or inwards over a place", "[broker][slots]") {
  CHECK(moves_outwards(growing()));
  CHECK_FALSE(moves_inwards(growing(), 4));
  const auto back = moves("Migrating", "b0", "a0");
  const auto view =
      cluster({node("a0", "master", {slots(0, 8191)}), node("a1", "replica", Json::array()),
               node("a2", "master", {slots(8192, 12287)}), node("a3", "replica", Json::array()),
               node("b0", "master", {slots(12288, 16383, back)})});
  CHECK(moves_inwards(view, 4));
  CHECK_FALSE(moves_inwards(view, 8));
  CHECK_FALSE(moves_outwards(view));
  CHECK(has_slots_from(view, 4));
  CHECK_FALSE(has_slots_from(view, 5));
  CHECK_FALSE(moves_outwards(cluster(Json::array())));
}

TEST_CASE("the bar has a letter for each master, and a second line for what moves",
          "[broker][slots]") {
  const auto map = slot_map(growing());
  CHECK(map.owners == std::string(32, 'A') + std::string(32, 'B'));
  CHECK(map.moving == std::string(16, '.') + std::string(16, 'C') + std::string(32, '.'));
  REQUIRE(map.legend.size() == 4);
  CHECK(map.legend[0] == std::pair('A', std::string("a0, 8192 slots")));
  CHECK(map.legend[3] == std::pair('D', std::string("b2, 0 slots")));
}

TEST_CASE("a cell of the bar is whose most of its slots are", "[broker][slots]") {
  const auto view =
      cluster({node("a", "master", {slots(0, 99)}), node("b", "master", {slots(100, 255)}),
               node("c", "master", {slots(256, 256)})});
  const auto map = slot_map(view);
  CHECK(map.owners == "BC" + std::string(62, '.'));
  CHECK(map.moving.empty());
}

TEST_CASE("masters without a letter of their own share one", "[broker][slots]") {
  auto nodes = Json::array();
  for (std::uint64_t i = 0; i < 64; ++i)
    nodes.push_back(node("n" + std::to_string(i), "master", {slots(256 * i, 256 * i + 255)}));
  const auto map = slot_map(cluster(nodes));
  CHECK(map.owners ==
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" + std::string(12, '*'));
  CHECK(map.legend.size() == 52);
}

}  // namespace metactl::commands
