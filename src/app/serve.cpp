// SPDX-License-Identifier: Apache-2.0
#include "app/serve.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <set>
#include <utility>

#include "api/operation.h"
#include "app/first_services.h"
#include "app/handlers.h"
#include "app/local.h"
#include "app/proxy_epoch.h"
#include "base/crypto.h"
#include "base/text.h"
#include "cli/duration.h"
#include "cli/files.h"
#include "cli/size.h"
#include "core/nodemgr/handlers.h"
#include "http/browsers.h"

namespace metactl::app {
namespace {

std::pair<std::string, std::uint16_t> parse_listen(const std::string& listen) {
  const auto colon = std::min(listen.rfind(':'), listen.size());
  auto address = listen.substr(0, colon);
  const auto port =
      text::to_int(std::string_view(listen).substr(colon).substr(colon < listen.size() ? 1 : 0))
          .value_or(-1);
  if (port < 0 || port > 65535 || address.empty())
    throw Error(Reason::usage, fmt::format("not an address to listen on: '{}'", listen),
                "write ADDRESS:PORT, such as 127.0.0.1:5000 or [::1]:5000");
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  if (address == "localhost") address = "127.0.0.1";
  return {address, static_cast<std::uint16_t>(port)};
}

/// The token beside the state, the same at every start.
std::string kept_token(cli::Io& io, const std::string& state_path) {
  const std::string path = state_path + ".token";
  if (cli::create_private_file(path, text::hex(crypto::random_bytes(16)) + "\n"))
    io.err << fmt::format("made a random token, kept in '{}'\n", path);
  else
    io.err << fmt::format("using the token in '{}'\n", path);
  return cli::read_secret_file(path);
}

std::int64_t seconds(const std::string& duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(cli::parse_duration(duration)).count();
}

core::Settings core_settings(const cli::ServeOptions& options) {
  core::Settings settings;
  settings.fe_drop_protection_seconds = seconds(options.fe_drop_protection);
  settings.allow_set_value = options.allow_set_value;
  settings.allow_shell = options.allow_shell;
  return settings;
}

/// Sleeps that end when the server does: a broker may wait for its proxies without end.
class Pause {
 public:
  /// Throws Error, unreachable, when the server stops.
  void sleep(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    if (ended_.wait_for(lock, time, [this] { return is_ended_; }))
      throw Error(Reason::unreachable, "the server is being stopped");
  }
  void end() {
    {
      const std::lock_guard lock(mutex_);
      is_ended_ = true;
    }
    ended_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_ended_ = false;
};

/// `pause` must outlive the server.
core::broker::Options broker_settings(const cli::BrokerOptions& options, Pause& pause) {
  core::broker::Options settings;
  settings.failure_ttl = static_cast<std::uint64_t>(seconds(options.failure_ttl));
  settings.failure_quorum = options.failure_quorum;
  settings.migration_limit = options.migration_limit;
  settings.ordered = options.ordered;
  if (options.ask_proxies) {
    settings.proxy_epoch = [](const std::string& address) { return ask_proxy_epoch(address); };
    settings.sleep = [&pause](std::chrono::milliseconds time) { pause.sleep(time); };
  }
  return settings;
}

using api::Service;

/// What one word behind --service serves.
struct Serving {
  std::string_view name;
  std::string_view listen;  // Its usual address.
  std::set<Service> services;

  bool has(Service service) const { return services.contains(service); }
};

const std::vector<Serving>& servings() {
  static const std::vector<Serving> all = {
      {"all",
       "127.0.0.1:5000",
       {Service::meta, Service::broker, Service::qluster, Service::nodemgr}},
      {"meta", "127.0.0.1:5000", {Service::meta}},
      {"broker", "127.0.0.1:7799", {Service::broker}},
      {"qluster", "127.0.0.1:8080", {Service::qluster}},
      {"nodemgr", "127.0.0.1:9998", {Service::nodemgr}},
  };
  return all;
}

const Serving& find_serving(const std::string& name) {
  std::vector<std::string> names;
  for (const auto& each : servings()) {
    if (each.name == name) return each;
    names.emplace_back(each.name);
  }
  throw Error(
      Reason::usage,
      fmt::format("no service '{}'{}", text::printable(name), text::did_you_mean(name, names)),
      "write --service " + text::join(names, "|"));
}

/// Services that ask nobody for a token are not opened to a network by a slip.
void refuse_open_port(const Serving& serving, const std::string& address) {
  if (http::is_loopback_host(address)) return;
  for (const auto& [service, name] :
       {std::pair{Service::qluster, "qluster"}, std::pair{Service::nodemgr, "nodemgr"}}) {
    if (!serving.has(service)) continue;
    throw Error(Reason::usage,
                fmt::format("{} asks for no token, and so is not served on '{}'", name, address),
                serving.services.size() > 1
                    ? "--service meta; or --open-to-network, where all may change everything"
                    : "--open-to-network, where all who reach the port may change everything");
  }
}

/// Names of hosts as they are compared. Throws Error, usage.
std::vector<std::string> host_names(const std::vector<std::string>& allowed) {
  std::vector<std::string> names;
  for (const auto& name : allowed) {
    if (!text::consists_of(name, ".-_"))
      throw Error(Reason::usage,
                  fmt::format("invalid --allow-host '{}': expected a host name without a port",
                              text::printable(name)),
                  "write --allow-host meta.example.com");
    names.push_back(text::lower(name));
  }
  return names;
}

/// Jobs that another server left in the middle.
void interrupt_jobs(store::Store& store, const core::Environment& environment,
                    const core::Origin& origin) {
  core::Context context(store, environment, environment.now_ms(), {origin, "serve"});
  core::nodemgr::interrupt_jobs(context);
}

/// Blocks both signals in this thread and all that it will start, so that wait() gets them.
class StopSignals {
 public:
  StopSignals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  /// False when none came in that time.
  bool wait(std::chrono::seconds time) const {
    const timespec limit{time.count(), 0};
    return sigtimedwait(&set_, nullptr, &limit) >= 0;
  }

 private:
  sigset_t set_{};
};

/// The id of the state; "" while it has none or cannot be read.
std::string id_of(store::SqliteStore& store) {
  std::string id;
  try {
    const bool is_new = store.read([](store::View& view) { return view.revision() == 0; });
    if (!is_new)
      store.read_with_mark([&](store::View&, const store::StateMark& mark) { id = mark.id; });
  } catch (const Error&) {
    // Then clients are not told, for now.
  }
  return id;
}

/// Looks at the state from time to time until a signal comes: what was lost by hand is told, and
/// saved as far as it can be, also when nobody asks for anything.
void watch_until_stopped(store::Store& store, const StopSignals& signals,
                         const std::function<void(const std::string& line)>& log) {
  bool is_told = false;
  while (!signals.wait(std::chrono::seconds(1))) {
    try {
      store.read([](store::View&) {});
    } catch (const Error& error) {
      if (!std::exchange(is_told, true))
        log(fmt::format("error: {}", text::printable(error.what())));
    }
  }
}

}  // namespace

StateServer::StateServer(std::shared_ptr<store::Store> store, core::Environment environment,
                         ServedServices services, const std::string& address, std::uint16_t port)
    : hosts_{address, std::move(services.host_names)},
      store_(std::move(store)),
      limiter_(*store_, environment.now_ms),
      handlers_(all_handlers(std::move(services.broker_core))),
      failures_(std::move(services.log)),
      dispatcher_(*store_, std::move(environment), handlers_,
                  [this](const auto& operation, const auto* failure) {
                    failures_.see(operation, failure);
                  }),
      router_({.meta = meta_front(std::move(services.meta)),
               .broker = front(broker_, std::move(services.broker)),
               .qluster = front(qluster_, std::move(services.qluster)),
               .nodemgr = front(nodemgr_, std::move(services.nodemgr))}),
      state_name_(std::move(services.state_id)),
      server_(
          address, port, [this](const http::Request& request) { return answer(request); },
          limits()) {
  if (services.replica_sync)
    replica_sync_ = std::make_unique<ReplicaSync>(dispatcher_, std::move(*services.replica_sync));
}

const std::string& StateName::get() {
  static const std::string none;
  if (is_known_) return id_;
  const std::lock_guard lock(mutex_);
  if (is_known_ || !read_) return id_;
  auto id = read_();
  if (id.empty()) return none;
  id_ = std::move(id);
  is_known_ = true;
  return id_;
}

http::Reply StateServer::answer(const http::Request& request) {
  auto reply = router_.answer(request);
  if (const auto& id = state_name_.get(); !id.empty())
    reply.headers.emplace(http::state_header, id);
  return reply;
}

const server::Front* StateServer::meta_front(std::optional<server::FrontOptions> options) {
  if (options)
    options->admit = [this](const google::protobuf::Message& request) { limiter_.admit(request); };
  return front(meta_, std::move(options));
}

template <class Front, class Options>
const Front* StateServer::front(std::optional<Front>& made, std::optional<Options> options) {
  if (!options) return nullptr;
  options->hosts = hosts_;
  return &made.emplace(dispatcher_, std::move(*options));
}

/// A node_mgr takes a file of 64 MiB with what is around it, and drops silent connections early.
http::ServerLimits StateServer::limits() const {
  http::ServerLimits limits;
  if (!meta_ && !broker_ && !qluster_) {
    limits.idle = std::chrono::seconds(10);
    limits.body_bytes += std::size_t{1} << 20;
  }
  limits.admit = [this](const http::Request& head) { return router_.admit(head); };
  limits.refuse_body = [this, bytes = limits.body_bytes](const http::Request& request) {
    return router_.refuse_large(request, bytes);
  };
  limits.is_read = [this](const http::Request& request) { return router_.is_read(request); };
  return limits;
}

std::string StateServer::url() const {
  const auto& address = hosts_.address;
  const bool ipv6 = address.find(':') != std::string::npos;
  return fmt::format("http://{}:{}", ipv6 ? "[" + address + "]" : address, server_.port());
}

void serve(cli::Io& io, const cli::Connection& connection, const cli::ServeOptions& options,
           bool verbose) {
  const auto& serving = find_serving(options.service);
  const auto [address, port] =
      parse_listen(options.listen.empty() ? std::string(serving.listen) : options.listen);
  if (!options.open_to_network) refuse_open_port(serving, address);
  if (options.unknown_route != "404" && options.unknown_route != "ok")
    throw Error(Reason::usage,
                fmt::format("no answer to unknown routes '{}'", options.unknown_route),
                "write --unknown-route 404 or ok");
  if (options.failure_quorum == 0)
    throw Error(Reason::usage, "--broker-failure-quorum is 0: no report would be needed",
                "1 or more");
  auto names = host_names(options.allowed_hosts);
  auto environment = local_environment(connection, core_settings(options),
                                       {.bytes = cli::parse_size(options.upload_quota)});
  std::mutex log_mutex;
  const auto log = [&](const std::string& line) {
    const std::lock_guard lock(log_mutex);
    io.err << line << std::endl;
  };
  auto logged = connection;  // The state has something to say while requests are logged.
  const auto note = [&log](const std::string& line) { log(text::printable(line)); };
  if (logged.note) logged.note = note;
  if (logged.note_wait) logged.note_wait = note;
  const auto store = open_state(logged, environment);
  store->read(
      [](store::View& view) { return view.revision(); });  // A bad file is told at the start.
  store->require_writable();
  try {
    make_first_services(store, environment, local_origin(connection), serving.services);
  } catch (const Error& error) {  // Such as on a full disk: what is there is served all the same.
    log(fmt::format("warning: {}", text::printable(error.what())));
  }
  const StopSignals signals;
  Pause pause;
  ServedServices services;
  services.log = log;
  services.state_id = [store] { return id_of(*store); };
  services.host_names = std::move(names);
  if (serving.has(Service::meta)) {
    auto& front = services.meta.emplace();
    front.unknown_route_ok = options.unknown_route == "ok";
    front.open_rpc = options.open_rpc;
    front.token = connection.token.empty() ? kept_token(io, connection.state) : connection.token;
    if (verbose) front.log = log;
  }
  if (serving.has(Service::broker)) {
    auto& front = services.broker.emplace();
    if (!options.broker_token_file.empty())
      front.token = cli::read_secret_file(options.broker_token_file);
    if (verbose) front.log = log;
    services.broker_core = broker_settings(options, pause);
    if (const auto interval = cli::parse_duration(options.sync_interval); interval.count() > 0)
      services.replica_sync = ReplicaSyncOptions{interval, log};
  }
  if (serving.has(Service::qluster)) {
    auto& front = services.qluster.emplace();
    if (verbose) front.log = log;
  }
  if (serving.has(Service::nodemgr)) {
    auto& front = services.nodemgr.emplace();
    if (verbose) front.log = log;
    interrupt_jobs(*store, environment, local_origin(connection));
  }
  const StateServer server(store, std::move(environment), std::move(services), address, port);
  io.out << "listening on " << server.url() << std::endl;
  watch_until_stopped(*store, signals, log);
  pause.end();
}

}  // namespace metactl::app
