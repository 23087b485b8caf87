// SPDX-License-Identifier: Apache-2.0
// The ordered transactional key-value store that every core keeps its state in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace metactl::store {

struct Pair {
  std::string key;
  std::string value;
  bool operator==(const Pair&) const = default;
};

/// One consistent view of the store: nothing that others commit meanwhile is seen.
class View {
 public:
  virtual ~View() = default;

  /// The value under `key`; nothing when there is none.
  virtual std::optional<std::string> get(std::string_view key) = 0;

  /// Pairs with first <= key < last in byte order of keys, at most `limit`; empty when there are
  /// none. An empty `last` means "to the end". The strings are copies.
  virtual std::vector<Pair> scan(std::string_view first, std::string_view last,
                                 std::size_t limit = SIZE_MAX) = 0;

  /// In a transaction the revision that it will commit as, in a read the newest one that it sees;
  /// 0 is the revision of a store that was never written.
  virtual std::uint64_t revision() const = 0;
};

/// A view that also changes. It sees its own changes.
class Txn : public View {
 public:
  /// Keys must not be empty and must not start with a byte 00, which the stores keep for
  /// themselves.
  virtual void put(std::string_view key, std::string_view value) = 0;
  virtual void erase(std::string_view key) = 0;  // Fine when there is no such key.

  /// Which of the transactions this is that commit as one revision, from 0.
  virtual std::uint16_t order() const = 0;
};

/// Throws Error: unreachable (locked for too long), integrity (damaged, foreign), denied
/// (permission), no_space (disk full), internal. All members may be called from any thread.
class Store {
 public:
  virtual ~Store() = default;

  /// Runs `body` and commits what it changed, all of it or, when it throws, nothing. Each commit
  /// makes the revision one larger; a body that changes nothing commits nothing. The body may run
  /// several times, and on another thread while the caller waits, so it must have no other effect.
  /// It may read the store, but must not call transact again: logic_error. Returns what the last
  /// run returned.
  template <class Body>
  auto transact(Body&& body) -> std::invoke_result_t<Body&, Txn&> {
    return returning<Txn>(body, [this](const auto& run) { do_transact(run); });
  }

  /// Runs `body` on one consistent view. Never waits for a writer, and creates nothing.
  template <class Body>
  auto read(Body&& body) -> std::invoke_result_t<Body&, View&> {
    return returning<View>(body, [this](const auto& run) { do_read(run); });
  }

 protected:
  virtual void do_transact(const std::function<void(Txn&)>& body) = 0;
  virtual void do_read(const std::function<void(View&)>& body) = 0;

 private:
  template <class Access, class Body, class Run>
  static auto returning(Body& body, const Run& run) -> std::invoke_result_t<Body&, Access&> {
    using Result = std::invoke_result_t<Body&, Access&>;
    if constexpr (std::is_void_v<Result>) {
      run([&body](Access& access) { body(access); });
    } else {
      std::optional<Result> result;
      run([&](Access& access) { result.emplace(body(access)); });
      return std::move(*result);
    }
  }
};

/// 10 bytes, growing with each commit: 8 bytes revision, 2 bytes order within it, big endian.
std::string versionstamp(std::uint64_t revision, std::uint16_t order);
/// That of what this transaction writes.
std::string versionstamp(const Txn& txn);

}  // namespace metactl::store
