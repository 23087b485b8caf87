// SPDX-License-Identifier: Apache-2.0
// What is remembered of the changes of a service, and what takes them back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/operation.h"

namespace metactl::client {

/// A value that a change leaves; nothing where there is none.
struct Effect {
  std::string key;  // Of a stored value; "" when `object` tells what it is.
  std::optional<std::string> before;
  std::optional<std::string> after;
  std::string object = {};  // "cluster/etl" as a server shows it: the values are masked JSON then.

  bool operator==(const Effect&) const = default;
};

/// One change, as it is remembered.
struct PastChange {
  /// Of a local state: its revision after the change. Of a server: the number of the change among
  /// those that were made there from this machine.
  std::uint64_t revision = 0;
  std::int64_t time_ms = 0;       // Unix time.
  std::string actor;              // user@host, or the address of who called a server.
  std::string request_ip;         // What the request named as its origin; mostly "".
  std::string operation;          // add_cluster; also apply, batch, undo, rekey and others.
  std::string request;            // JSON, secrets masked.
  std::string outcome;            // OK; UNKNOWN when the answer of a server was lost.
  std::vector<std::string> keys;  // Of the stored values that it changed; of a local state only.
  // What is not known of these is "".
  std::string command_id = {};    // The same in all that one command changed.
  std::string request_id = {};    // What names the request for its client.
  std::string identity = {};      // Who asked, as the server authenticated it.
  std::string reason = {};        // Why, in the words of who made it.
  std::string command_line = {};  // As it was typed, secrets masked.
  bool is_intact = true;          // False when what is remembered was altered since.

  std::vector<std::uint64_t> undoes = {};  // What it takes back, when it is an undo.
  bool undoes_in_part = false;             // Another call was to follow before that is done.
  std::uint64_t undone_by = 0;             // The change that took it back; 0: it is in effect.

  bool is_undo() const { return !undoes.empty(); }
};

/// Which changes are to be taken back.
struct UndoTarget {
  std::vector<std::uint64_t> revisions = {};  // These, the newest first, ...
  std::optional<std::uint64_t> back_to = {};  // ... or all that came after this one.
};

struct UndoCall {
  const api::AnyOperation* operation;
  std::shared_ptr<const google::protobuf::Message> request;
  std::vector<std::uint64_t> undoes = {};  // What it takes back, ...
  bool undoes_in_part = false;             // ... when the call that follows is made, too.
};

/// How changes are taken back.
struct UndoPlan {
  UndoTarget target;
  std::vector<PastChange> changes;  // Newest first.
  std::vector<Effect> effects;      // What that leaves.
  std::vector<UndoCall> calls;      // On a server, in this order; a local state has none.
};

class History {
 public:
  virtual ~History() = default;

  /// Hands on all changes, newest first, until `visit` gives false; it may take the change.
  using Visit = std::function<bool(PastChange&)>;
  void each(const Visit& visit);

  /// What is taken back with the change of `revision`, newest first: all that its command changed
  /// and that is in effect; all of it, when nothing is. Changes whose outcome is unknown are among
  /// them when they are named only. Just the change when it is of no known command.
  std::vector<std::uint64_t> command_of(std::uint64_t revision);

  /// Each value that the change made another one. Throws Error: not_found, for a revision that is
  /// not remembered; integrity, when something else than metactl changed the values since, or what
  /// is remembered.
  virtual std::vector<Effect> effects(std::uint64_t revision) = 0;

  /// Throws Error: not_found as above; precondition, which names objects and revisions, when
  /// something stands in the way.
  virtual UndoPlan plan_undo(const UndoTarget& target) = 0;

  /// Does what a plan without calls says, in one transaction. Throws as plan_undo, and
  /// precondition when it is another plan by now.
  virtual void undo(const UndoPlan& plan) = 0;

  /// Says that the next change which the client makes is that call of a plan, so that it is
  /// remembered as an undo.
  virtual void begin(const UndoCall& call) = 0;

 private:
  /// As `each`, but for `undone_by`.
  virtual void do_each(const Visit& visit) = 0;
};

}  // namespace metactl::client
