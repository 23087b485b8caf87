// SPDX-License-Identifier: Apache-2.0
#include "commands/qluster_cutter.h"

#include <utility>

#include "base/error.h"

namespace metactl::commands {

void FeedCutter::add(std::string_view bytes) {
  for (const char c : bytes) {
    if (level_ > 0) {
      add_to_object(c);
    } else {
      add_outside(c);
    }
  }
}

void FeedCutter::add_to_object(char c) {
  keep(c);
  if (is_escaped_) {
    is_escaped_ = false;
  } else if (in_string_) {
    is_escaped_ = c == '\\';
    in_string_ = c != '"';
  } else if (c == '"') {
    in_string_ = true;
  } else if (c == '{') {
    ++level_;
  } else if (c == '}' && --level_ == 0) {
    hand_on();
  }
}

void FeedCutter::add_outside(char c) {
  const bool at_start = part_.empty();
  if (at_start && std::string_view("[], \t\r\n").find(c) != std::string_view::npos) return;
  if (at_start && c == '{') level_ = 1;
  if (c == '\n') return hand_on();
  keep(c);
}

void FeedCutter::keep(char c) {
  if (part_.size() == longest_part)
    throw Error(Reason::internal, "cannot read the feed: a part of it has more than 16 MiB");
  part_ += c;
}

void FeedCutter::finish() {
  level_ = 0;
  in_string_ = is_escaped_ = false;
  if (!part_.empty()) hand_on();
}

void FeedCutter::hand_on() {
  if (part_.ends_with('\r')) part_.pop_back();
  take_(std::exchange(part_, {}));
}

}  // namespace metactl::commands
