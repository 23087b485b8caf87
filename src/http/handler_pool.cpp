// SPDX-License-Identifier: Apache-2.0
#include "http/handler_pool.h"

#include <system_error>
#include <utility>

namespace metactl::http {

void HandlerPool::stop() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  has_work_.notify_all();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  waiting_.clear();
}

void HandlerPool::run(Work work) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
    if (waiting_.size() > idle_ && threads_.size() < most_threads_) {
      try {
        threads_.emplace_back([this] { serve(); });
      } catch (const std::system_error&) {
        if (threads_.empty()) {
          waiting_.pop_back();
          throw;
        }
      }
    }
  }
  has_work_.notify_one();
}

void HandlerPool::serve() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    has_work_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
    --idle_;
    if (ended_) return;
    const auto work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    lock.lock();
  }
}

}  // namespace metactl::http
