// SPDX-License-Identifier: Apache-2.0
// Random sequences of calls, and what must hold after each.

#include <google/protobuf/util/message_differencer.h>
#include <catch2/catch.hpp>
#include <limits>
#include <random>

#include "tests/support/broker_fixture.h"

using google::protobuf::util::MessageDifferencer;
using metactl::tests::BrokerFixture;
namespace api = metactl::api;
namespace pb = metactl::pb;

namespace {

constexpr int hosts = 4;
constexpr int proxies_of_host = 3;

class RandomCalls : public BrokerFixture {
 public:
  void start(unsigned seed) {
    random_.seed(seed);
    memory.transact([](metactl::store::Txn& txn) {
      for (const auto& row : txn.scan("", "")) txn.erase(row.key);
    });
    options.migration_limit = seed % 3;
    options.failure_quorum = 1 + seed % 2;
    restart();
    add_proxies(hosts, proxies_of_host);
  }

  std::uint64_t any(std::uint64_t below) { return random_() % below; }

  std::string any_proxy() {
    return fmt::format("{}:{}", 1 + any(hosts), 7001 + any(proxies_of_host));
  }
  std::string any_cluster() { return any(4) == 0 ? "two" : "one"; }
  std::uint64_t any_nodes() { return any(8) == 0 ? any(20) : 4 * any(6); }

  void commit_any(const std::string& name) {
    const auto document = metadata();
    const auto found = document.clusters().find(name);
    if (found == document.clusters().end()) return;
    for (const auto& chunk : found->second.chunks()) {
      for (const auto& part : chunk.parts()) {
        for (const auto& task : part.migrating_slots()) {
          if (any(3) == 0) continue;
          pb::BrokerCommitRequest request;
          request.set_cluster_name(name);
          auto& slots = *request.mutable_slot_range();
          *slots.mutable_range_list() = task.range_list();
          slots.set_tag(any(2) == 0 ? pb::SlotsPB::Importing : pb::SlotsPB::Migrating);
          slots.mutable_migration()->set_epoch(task.meta().epoch());
          outcome([&] { call(api::broker_commit_migration, filled(request)); });
          return;
        }
      }
    }
  }

  std::string step() {
    const auto name = any_cluster();
    const auto proxy = any_proxy();
    switch (any(18)) {
      case 0:
        return "create " + create(name, any_nodes());
      case 1:
        return any(5) == 0 ? "drop " + drop(name) : "";
      case 2:
        return "add nodes " + add_nodes(name, any_nodes());
      case 3:
        return "ensure nodes " + ensure_nodes(name, any_nodes());
      case 4:
        return "delete free nodes " + delete_free_nodes(name);
      case 5:
        return "expand " + expand(name);
      case 6:
        return "shrink " + shrink(name, any_nodes());
      case 7:
        return "auto scale " + auto_scale(name, any_nodes());
      case 8:
        return "balance " + balance(name);
      case 9:
        return "configure " + configure(name, {{"migration_scan_count", std::to_string(any(3))}});
      case 10:
        return "report " + report(proxy, any(2) == 0 ? "a" : "b");
      case 11:
        now_s += static_cast<std::int64_t>(any(40));
        return "failures " + failures();
      case 12:
        return "failover " + failover(proxy);
      case 13:
        return "add " + add(proxy);
      case 14:
        return any(4) == 0 ? "remove " + remove(proxy) : "";
      case 15:
        return "bump " + bump(epoch() + any(3));
      case 16: {
        auto document = metadata();
        document.set_global_epoch(document.global_epoch() + any(2));
        return "restore " + restore(document);
      }
      default:
        commit_any(name);
        return "commit";
    }
  }

  /// What is wrong now; "" when nothing is.
  std::string problem() {
    const auto document = metadata();
    for (const auto& finding : api::broker_findings(document))
      if (finding.severity == api::Severity::error)
        return fmt::format("{}: {}: {}", finding.id, finding.object, finding.message);
    for (const auto& [name, cluster] : document.clusters()) {
      const auto view = this->cluster(name);
      for (int i = 0; i < view.nodes_size(); ++i) {
        const auto& node = view.nodes(i);
        const auto& peer = view.nodes(i / 4 * 4 + 3 - i % 4);
        if (node.repl().role() == peer.repl().role()) return "two of a role";
        if (node.proxy_address() == peer.proxy_address()) return "a peer on the same half";
        if (node.repl().peers(0).node_address() != peer.address()) return "another peer";
        if (node.repl().role() == "replica" && !node.slots().empty()) return "a replica has slots";
      }
      if (!covers_all(view)) return "shown slots do not add up";
    }
    return "";
  }

  /// All slots are shown once as stable or migrating, whatever the limit.
  static bool covers_all(const pb::BrokerClusterViewPB& view) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    for (const auto& node : view.nodes())
      for (const auto& slots : node.slots())
        if (slots.tag() != pb::SlotsPB::Importing)
          for (const auto& range : slots.range_list())
            ranges.emplace_back(range.start(), range.end());
    std::sort(ranges.begin(), ranges.end());
    std::uint64_t next = 0;
    for (const auto& [start, end] : ranges) {
      if (start != next || end < start) return false;
      next = end + 1;
    }
    return next == 16384;
  }

  /// All that can be read.
  std::vector<std::string> everything() {
    std::vector<std::string> result;
    const auto note = [&](const google::protobuf::Message& message) {
      result.push_back(message.DebugString());  // Of maps too: in order of their keys.
    };
    note(call(api::broker_list_clusters, {}));
    note(call(api::broker_list_proxies, {}));
    note(call(api::broker_list_failed_proxies, {}));
    note(call(api::broker_get_epoch, {}));
    note(call(api::broker_get_metadata, {}));
    note(call(api::broker_check_resources, {}));
    for (const auto* name : {"one", "two"}) {
      const auto cluster = call(api::broker_get_cluster, named_request(name));
      note(cluster);
      if (cluster.has_cluster()) note(call(api::broker_get_cluster_info, named_request(name)));
    }
    const auto proxies = call(api::broker_list_proxies, {});
    for (const auto& address : proxies.addresses())
      note(call(api::broker_get_proxy, proxy_request(address)));
    return result;
  }

  /// The check of resources by trying it out.
  std::string tried_out() {
    std::string result;
    const auto document = metadata();
    for (int host = 1; host <= hosts; ++host) {
      BrokerFixture copy;
      copy.restore(document);
      bool fails = false;
      for (int i = 1; i <= proxies_of_host; ++i)
        if (copy.failover(fmt::format("{}:{}", host, 7000 + i)) == "NO_AVAILABLE_RESOURCE")
          fails = true;
      if (fails) result += fmt::format("{}{}", result.empty() ? "" : " ", host);
    }
    return result;
  }

 private:
  std::mt19937 random_;
};

}  // namespace

TEST_CASE_METHOD(RandomCalls, "no sequence of calls breaks the rules of a broker", "[broker]") {
  for (unsigned seed = 0; seed < 12; ++seed) {
    start(seed);
    std::string trace;
    auto last_epoch = epoch();
    for (int i = 0; i < 120; ++i) {
      trace += step() + "\n";
      CAPTURE(seed, trace);
      REQUIRE(problem().empty());
      REQUIRE(epoch() >= last_epoch);
      last_epoch = epoch();
      if (i % 12 != 0) continue;
      RandomCalls other;
      other.options.migration_limit = options.migration_limit;
      REQUIRE(other.restore(metadata()).empty());
      const auto restored = other.everything();
      const auto present = everything();
      REQUIRE(restored.size() == present.size());
      for (std::size_t each = 0; each < present.size(); ++each)
        REQUIRE(restored[each] == present[each]);
      REQUIRE(hosts_cannot_fail() == tried_out());
    }
  }
}

namespace {

/// The place of the entry that is number `wanted` in order of keys: maps themselves have none.
int place_in_order(const google::protobuf::Message& message,
                   const google::protobuf::FieldDescriptor* field, int wanted) {
  std::vector<std::pair<std::string, int>> entries;
  const auto& fields = *message.GetReflection();
  for (int i = 0; i < fields.FieldSize(message, field); ++i) {
    const auto& entry = fields.GetRepeatedMessage(message, field, i);
    const auto* key = entry.GetDescriptor()->map_key();
    entries.emplace_back(entry.GetReflection()->GetString(entry, key), i);
  }
  std::sort(entries.begin(), entries.end());
  return entries.at(static_cast<std::size_t>(wanted)).second;
}

/// A field of the document, any depth, that is given another value.
void spoil(google::protobuf::Message& message, std::mt19937& random) {
  const auto& fields = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> set;
  fields.ListFields(message, &set);
  if (set.empty()) return;
  const auto* field = set[random() % set.size()];
  constexpr auto last = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t numbers[] = {0, 1, 2, 9000, 16383, 16384, 1U << 31U, last - 1, last};
  if (field->cpp_type() == field->CPPTYPE_MESSAGE && !field->is_repeated()) {
    spoil(*fields.MutableMessage(&message, field), random);
  } else if (field->cpp_type() == field->CPPTYPE_MESSAGE) {
    const auto size = fields.FieldSize(message, field);
    auto index = static_cast<int>(random() % static_cast<unsigned>(size));
    if (field->is_map()) index = place_in_order(message, field, index);
    const bool is_count = field->name() == "parts" || field->is_map();
    if (!is_count && random() % 8 == 0)
      fields.RemoveLast(&message, field);
    else
      spoil(*fields.MutableRepeatedMessage(&message, field, index), random);
  } else if (field->cpp_type() == field->CPPTYPE_UINT64) {
    fields.SetUInt64(&message, field, numbers[random() % std::size(numbers)]);
  } else if (field->cpp_type() == field->CPPTYPE_STRING && field->is_repeated()) {
    fields.SetRepeatedString(&message, field, 0, random() % 2 == 0 ? "" : "10.0.0.2:7001");
  } else if (field->cpp_type() == field->CPPTYPE_BOOL) {
    fields.SetBool(&message, field, random() % 2 == 0);
  } else if (field->cpp_type() == field->CPPTYPE_ENUM) {
    fields.SetEnumValue(&message, field, static_cast<int>(random() % 3));
  }
}

}  // namespace

TEST_CASE_METHOD(RandomCalls, "strange documents do no harm", "[broker]") {
  for (unsigned seed = 0; seed < 150; ++seed) {
    CAPTURE(seed);
    start(seed);
    create("one", 8);
    add_nodes("one", 4);
    if (seed % 2 == 0) expand("one");
    report("1:7001", "r");
    failover("2:7001");
    std::mt19937 random(seed);
    auto document = metadata();
    for (unsigned i = 0; i < 1 + seed % 12; ++i) spoil(document, random);
    document.set_version("mem-broker-0.2");
    if (!restore(document).empty()) continue;
    REQUIRE(
        MessageDifferencer::Equals(metadata().clusters().at("one"), document.clusters().at("one")));
    api::broker_findings(document);
    for (int i = 0; i < 20; ++i) {
      step();
      everything();
      api::broker_findings(metadata());
    }
  }
}

TEST_CASE_METHOD(BrokerFixture, "a broker with 2,000 proxies", "[broker]") {
  auto [host_count, each] = GENERATE(std::pair(20, 100), std::pair(1000, 2));
  journal = false;
  pb::BrokerMetadataPB document;
  document.set_version("mem-broker-0.2");
  document.set_global_epoch(1);
  document.set_enable_ordered_proxy(false);
  for (int host = 1; host <= host_count; ++host) {
    for (int i = 1; i <= each; ++i) {
      auto& proxy = (*document.mutable_all_proxies())[fmt::format("h{}.example:{}", host, i)];
      proxy.set_proxy_address(fmt::format("h{}.example:{}", host, i));
      proxy.set_host(fmt::format("h{}", host));
      proxy.add_node_addresses("a");
      proxy.add_node_addresses("b");
      proxy.set_index(0);
    }
  }
  REQUIRE(restore(document).empty());
  CHECK(create("demo", 3992).empty());
  CHECK(info() == "3992 3992");
  CHECK(cluster("demo").nodes_size() == 3992);
  CHECK(call(api::broker_list_proxies, {}).addresses_size() == 2000);
  CHECK(api::broker_findings(metadata()).empty());
  CHECK(shrink("demo", 4).empty());
  CHECK(info() == "3992 3990 migrating");
  CHECK(failover("h1.example:1").empty());
  CHECK(call(api::broker_check_resources, {}).hosts_cannot_fail_size() == (each > 2 ? 20 : 0));
}
