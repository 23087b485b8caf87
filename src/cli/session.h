// SPDX-License-Identifier: Apache-2.0
// What a command works with: a client, the flags that all commands have, and the way to answer.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/compat.h"
#include "api/json.h"
#include "api/meta.h"
#include "cli/config.h"
#include "cli/io.h"
#include "cli/state_tools.h"
#include "cli/watch.h"
#include "client/client.h"
#include "client/retry.h"
#include "http/wire.h"
#include "render/render.h"

namespace metactl::cli {

class Tree;

/// The flags that all commands have, as they were typed.
struct Globals {
  Values settings;  // By the names of cli::settings.
  std::string config;
  bool quiet = false;
  bool verbose = false;
  bool no_input = false;
  bool show_secrets = false;
  bool show_curl = false;
  bool dry_run = false;
  bool read_back = true;
  bool headers = true;
  bool watch = false;
  std::string interval = "2s";  // Between two looks of --watch.
  std::string sort;
  std::vector<std::string> columns;
  std::vector<std::string> where;
};

/// The command that runs, for the history; both are "" where nobody typed one.
struct Invocation {
  std::string id = {};    // 16 hexadecimal digits, new for each command.
  std::string line = {};  // As it was typed, secrets masked.
};

/// Where a client connects: to `server`, or to the local state if that is empty.
struct Connection {
  std::string server = {};
  std::string state = {};
  std::string key_file = {};  // What opens the secrets of the state; "": STATE.key.
  std::string token = {};
  std::string api = "auto";  // The version of a memory broker's API: auto, v2, v3.
  api::Release release = api::releases.front();  // As which a local Meta Service answers.
  std::string notes = {};  // The state file in which changes of servers are noted; "": none.
  std::chrono::milliseconds timeout{};
  bool is_timeout_chosen = false;  // As opposed to the default.
  client::RetrySettings retries = {};
  bool may_upgrade = true;  // A change may bring the state of an older release up to date.
  /// Get lines for people: what happens to the state, and for whom a change waits; may be empty.
  std::function<void(const std::string& text)> note = nullptr;
  std::function<void(const std::string& text)> note_wait = nullptr;
  Invocation command = {};  // For whom.
};

/// A memory broker's settings, as they are typed.
struct BrokerOptions {
  std::string broker_token_file = {};  // "": the broker asks for no token.
  std::string failure_ttl = "60s";
  std::uint64_t failure_quorum = 1;
  std::uint64_t migration_limit = 1;
  bool ordered = false;
  bool ask_proxies = false;
  std::string sync_interval = "0";  // Between two copies of the metadata to replicas; 0: none.
};

struct ServeOptions : BrokerOptions {
  std::string service = "all";  // Or meta, broker, qluster, nodemgr.
  std::string listen = {};      // "": the usual address of the service.
  std::string fe_drop_protection = "0";
  std::string unknown_route = "404";
  bool open_rpc = false;
  bool allow_set_value = false;
  bool allow_shell = false;      // node_mgr's commands are simulated instead of refused.
  bool open_to_network = false;  // Serve what asks for no token on other addresses than loopback.
  std::vector<std::string> allowed_hosts = {};  // Names beside localhost by which it is reached.
  std::string upload_quota = "1G";              // Of all files that node_mgr is sent.
};

/// What only the program itself can do.
struct Services {
  std::function<std::unique_ptr<client::Client>(const Connection&)> connect;
  /// The same, but changes are only rehearsed.
  std::function<std::unique_ptr<client::Client>(const Connection&)> rehearse;
  /// The same on what `server` shows, which may be less than a server has.
  std::function<std::unique_ptr<client::Client>(const Connection&,
                                                std::unique_ptr<client::Client> server)>
      rehearse_on;
  /// True for a local state that was never written; may be empty.
  std::function<bool(const Connection&)> is_new;
  /// Serves until a signal ends it. `token` is empty when none was given.
  std::function<void(Io&, const Connection&, const ServeOptions&, bool verbose)> serve;
  /// Throws Error, integrity, when the secrets of the local state cannot be opened; may be empty.
  std::function<void(const Connection&)> require_key;
  /// Gives the local state another key, and returns how many secrets that changed.
  std::function<std::size_t(const Connection&)> rekey;
  /// The local state as a whole.
  std::function<std::unique_ptr<StateTools>(const Connection&)> state;
  /// Names a command for the history: 16 hexadecimal digits; may be empty.
  std::function<std::string()> new_command_id = {};
};

/// One of the objects of a change that takes several.
struct ChangedObject {
  std::string name;
  bool is_changed = true;  // False: it was as it is wanted already.
};

/// One change, as it is told: "cannot add cluster 'etl'", "cluster/etl created".
struct ChangeText {
  std::string_view verb;   // add
  std::string_view done;   // created
  std::string_view kind;   // cluster
  std::string name;        // etl
  render::Fact fact = {};  // What else the result says.
  /// Each has a result of its own. Empty: `name` is the object.
  std::vector<ChangedObject> objects = {};
};

/// What may be said about a change beside its text.
struct Change {
  /// True when a refusal means that all is as wanted already: then nothing was changed.
  std::function<bool()> is_done = nullptr;
  /// "" when a read shows what was asked for, else what is wrong. Called for remote servers only.
  std::function<std::string()> difference = nullptr;
  std::string hint = {};  // What to type when the change is refused; "": nothing better is known.
};

/// With which status the program ends, for commands that say more by it than others.
struct Outcome {
  int status = 0;  // When nothing failed.
  /// The status for a failure, from the usual one; may be empty.
  std::function<int(int)> failure_status = nullptr;
};

class Session {
 public:
  Session(Io& io, Globals globals, const Services& services)
      : io_(io), globals_(std::move(globals)), services_(services) {}

  /// Reads the configuration. Called before a command runs. Throws Error, usage, also when a file
  /// that was named does not exist, unless the command makes it.
  void configure(bool makes_config = false);

  /// The command does not work on the default state: Throws Error, usage, unless a flag, the
  /// environment or a context names a server or a state. A state that does not exist is not_found
  /// from now on, unless the command may make it.
  void need_target();

  /// How long files that others change are waited for.
  LockWait lock_wait() const;

  /// Opened on first use.
  client::Client& client();
  bool is_remote() const { return !setting("server").value.empty(); }

  /// A session that works where that context says, whatever other flags and the environment say;
  /// only --instance wins. Throws Error, not_found, for an unknown context.
  std::unique_ptr<Session> in_context(const std::string& name) const;

  /// The instance of --instance or of the context; on a local state with one instance, that one.
  std::string instance();
  /// The same, without looking at the state; "" when none is named.
  std::string named_instance() { return setting("instance").value; }

  /// A cloud_unique_id that leads to that instance: the service asks for the id of a node, and
  /// takes any that has the instance encoded in it.
  std::string instance_reference();

  /// The instance of a request that was read from a body, which the lookups around it are about
  /// too. Throws Error, usage, when -i names another one.
  void use_instance(const std::string& id);

  const Setting& setting(std::string_view name) const;
  Connection connection() const;

  // Reading.

  /// Calls, and hands the response to `present`; with `-o raw` prints the service's own bytes
  /// instead.
  template <class Request, class Response, class Present>
  void show(const api::Operation<Request, Response>& operation, const Request& request,
            Present&& present) {
    if (style_.format == render::Format::raw) return print_raw(operation.info, request);
    try {
      present(client().call(operation, request));
    } catch (const Error& error) {
      throw with_instance(error);
    }
  }

  void print(const render::List& list);
  void print(const render::Object& object) { render::print(io_.out, object, style_); }
  /// A message as JSON value, secrets masked unless --show-secrets.
  nlohmann::ordered_json value_of(const google::protobuf::Message& message) const;
  /// A secret key, and an access key, as they may be shown.
  std::string secret(const std::string& value) const;
  std::string access_key(const std::string& value) const;

  /// Runs `look` again and again, and prints of the list that it prints what is new. Ends by an
  /// Error only.
  [[noreturn]] void watch(const std::function<void()>& look);

  // Changing.

  /// Says what will be lost and asks; returns when the answer is yes. Throws Error, usage, when it
  /// is no or cannot be asked. `consequence` stands behind `what` in the question.
  void confirm(const std::string& what, const std::string& consequence = {});

  /// What is typed at the terminal in answer, which does not show it; nothing when nobody can be
  /// asked.
  std::optional<std::string> ask_hidden(const std::string& prompt);

  /// Calls, looks at the result, and tells what was changed.
  template <class Request, class Response>
  void change(const api::Operation<Request, Response>& operation, const Request& request,
              const ChangeText& text, const Change& change = {}) {
    attempt(text, change, [&] {
      if (style_.format == render::Format::raw) return print_raw(operation.info, request);
      client().call(operation, request);
    });
  }

  /// Looks whether a server did what it answered OK to, unless --no-read-back is given; a local
  /// state is believed. `difference` is as in Change. Throws Error, internal, with what it tells.
  void require_shown(const ChangeText& text, const std::function<std::string()>& difference);

  /// Throws Error, integrity, when a secret in the message is stored but could not be opened.
  void require_opened(const google::protobuf::Message& message) const;

  /// Throws Error, usage, under --dry-run: the command does what cannot be rehearsed.
  void refuse_dry_run() const;

  /// A state that is not there yet is no failure: the command, or what it plans, makes it.
  void allow_new_state() { allows_new_state_ = true; }
  /// Nor is that anything to be told.
  void may_make_state() { allows_new_state_ = told_new_state_ = true; }

  /// Asks once in a protected context when the operation changes anything. Calls that go through
  /// client() do so by themselves.
  void protect(const api::OperationInfo& operation);

  /// What a rehearsal would have left in the store, masked: as lines, and as JSON.
  void print_effects();
  nlohmann::ordered_json effects();

  /// True when `metactl undo` takes calls of the operation back: on a server only those that have
  /// an opposite.
  bool can_undo(std::string_view operation) const;
  /// The same for all that the command does.
  bool can_be_undone() const;

  /// Tells that nothing had to be done.
  void unchanged(const ChangeText& text);
  void done(const ChangeText& text);
  /// Tells that something is as it should be.
  void checked(const ChangeText& text);

  /// The request in a file or "-" (standard input) as the API documents write it. A field that does
  /// not exist is an error here, while a server would ignore it.
  void read_body(const std::string& path, google::protobuf::Message& request);

  /// A line on stderr, unless --quiet.
  void note(const std::string& text);
  void warn(const std::string& text);

  /// Prints the service's own bytes; throws what it refused.
  void print_raw(const api::OperationInfo& operation, const google::protobuf::Message& request);
  /// The same with a body that goes as it is.
  void print_raw(const api::AnyOperation& operation, const std::string& body);

  Io& io() const { return io_; }
  const std::shared_ptr<Outcome>& outcome() const { return outcome_; }
  /// The operations that the command stands for.
  void set_operations(const std::vector<std::string>& names) { operations_ = names; }

  /// The command itself, for the history.
  void set_command(Invocation command) { command_ = std::move(command); }

  /// The tree that the command stands in, for help and man pages.
  const Tree& tree() const { return *tree_; }
  void set_tree(const Tree& tree) { tree_ = &tree; }
  const Globals& globals() const { return globals_; }
  const render::Style& style() const { return style_; }
  const Services& services() const { return services_; }
  const ConfigFile& config() const { return config_; }
  std::string config_file() const;

 private:
  bool can_ask() const;
  void attempt(const ChangeText& text, const Change& change, const std::function<void()>& call);
  Error with_instance(const Error& error);
  void tell(bool changed, std::string_view action, const ChangeText& text);
  void require_target() const;
  void refuse_lost_context() const;
  bool may_change() const;
  void check_target(const api::OperationInfo& operation);
  void trace(const api::OperationInfo& operation, const google::protobuf::Message& request);
  void send_raw(const api::AnyOperation& operation, const google::protobuf::Message& shown,
                const http::Request& request);
  std::string sole_instance();

  Io& io_;
  Globals globals_;
  const Services& services_;
  const Tree* tree_ = nullptr;
  ConfigFile config_;
  std::map<std::string, Setting, std::less<>> settings_;
  render::Style style_;
  bool needs_target_ = false;
  bool allows_new_state_ = false;
  bool told_new_state_ = false;
  std::string written_body_;  // Of a call whose message does not hold all of it, secrets masked.
  std::vector<std::string> operations_;
  Invocation command_;
  std::unique_ptr<client::Client> client_;
  std::unique_ptr<Watch> watch_;
  std::shared_ptr<Outcome> outcome_ = std::make_shared<Outcome>();
};

using api::value_names;

/// What is told of an instance that does not exist, everywhere alike, when a call failed for that.
Error no_instance(const std::string& id, const Error& cause);

/// Throws Error, usage, when a value that a command cannot do without is empty. What must be typed
/// is declared instead: Command::needs.
void require(const std::string& value, const std::string& name, const std::string& hint);

}  // namespace metactl::cli
