// SPDX-License-Identifier: Apache-2.0
#include "store/memory.h"

#include <stdexcept>
#include <utility>

#include "store/reserved.h"

namespace metactl::store {

/// A state with the changes of one transaction laid over it.
class MemoryStore::MemoryTxn final : public Txn {
 public:
  using Changes = std::map<std::string, std::optional<std::string>, std::less<>>;

  MemoryTxn(const State& state, std::uint64_t revision) : state_(state), revision_(revision) {}

  std::optional<std::string> get(std::string_view key) override {
    if (const auto own = changes_.find(key); own != changes_.end()) return own->second;
    if (const auto pair = state_.pairs.find(key); pair != state_.pairs.end()) return pair->second;
    return std::nullopt;
  }

  std::vector<Pair> scan(std::string_view first, std::string_view last, std::size_t limit) override;

  std::uint64_t revision() const override { return revision_; }
  std::uint16_t order() const override { return 0; }

  void put(std::string_view key, std::string_view value) override {
    refuse_reserved(key);
    if (get(key) != value) changes_.insert_or_assign(std::string(key), std::string(value));
  }

  void erase(std::string_view key) override {
    refuse_reserved(key);
    if (get(key)) changes_.insert_or_assign(std::string(key), std::nullopt);
  }

  Changes& changes() { return changes_; }

 private:
  const State& state_;
  const std::uint64_t revision_;
  Changes changes_;
};

std::vector<Pair> MemoryStore::MemoryTxn::scan(std::string_view first, std::string_view last,
                                               std::size_t limit) {
  std::vector<Pair> result;
  const auto inside = [last](const auto& place, const auto& map) {
    return place != map.end() && (last.empty() || place->first < last);
  };
  auto old = state_.pairs.lower_bound(first);
  auto own = changes_.lower_bound(first);
  while (result.size() < limit) {
    const bool have_old = inside(old, state_.pairs);
    const bool have_own = inside(own, changes_);
    if (!have_old && !have_own) break;
    if (have_old && (!have_own || old->first < own->first)) {
      result.push_back({old->first, old->second});
      ++old;
      continue;
    }
    if (have_old && old->first == own->first) ++old;
    if (own->second) result.push_back({own->first, *own->second});
    ++own;
  }
  return result;
}

/// Holds on to the newest state, which no writer changes meanwhile.
class MemoryStore::Reading {
 public:
  explicit Reading(MemoryStore& store) : store_(store) {
    const std::lock_guard lock(store_.mutex_);
    state_ = store_.state_;
  }
  ~Reading() {
    const std::lock_guard lock(store_.mutex_);  // So that a writer may rely on use_count.
    state_.reset();
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  const State& state() const { return *state_; }

 private:
  MemoryStore& store_;
  std::shared_ptr<const State> state_;
};

void MemoryStore::do_read(const std::function<void(View&)>& body) {
  const Reading reading(*this);
  MemoryTxn view(reading.state(), reading.state().revision);
  body(view);
}

void MemoryStore::do_transact(const std::function<void(Txn&)>& body) {
  if (writer_ == std::this_thread::get_id()) throw std::logic_error("transact inside of transact");
  const std::lock_guard writing(writing_);
  struct Mark {
    std::atomic<std::thread::id>& writer;
    ~Mark() { writer = std::thread::id(); }
  } mark{writer_};
  writer_ = std::this_thread::get_id();

  // Only this thread may change the state now, so it can be read without the lock.
  MemoryTxn txn(*state_, state_->revision + 1);
  body(txn);
  if (txn.changes().empty()) return;

  const std::lock_guard lock(mutex_);
  if (state_.use_count() > 1) state_ = std::make_shared<State>(*state_);
  for (auto& [key, value] : txn.changes()) {
    if (value) {
      state_->pairs.insert_or_assign(key, std::move(*value));
    } else {
      state_->pairs.erase(key);
    }
  }
  ++state_->revision;
}

}  // namespace metactl::store
