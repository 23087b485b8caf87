// SPDX-License-Identifier: Apache-2.0
#include "app/serve.h"

#include <fmt/format.h>

#include <csignal>
#include <mutex>
#include <utility>

#include "app/local.h"
#include "base/crypto.h"
#include "base/text.h"
#include "cli/duration.h"
#include "cli/files.h"
#include "core/meta/handlers.h"
#include "store/sqlite.h"

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

core::Settings core_settings(const cli::ServeOptions& options) {
  core::Settings settings;
  const auto protection = cli::parse_duration(options.fe_drop_protection);
  settings.fe_drop_protection_seconds =
      std::chrono::duration_cast<std::chrono::seconds>(protection).count();
  settings.allow_set_value = options.allow_set_value;
  return settings;
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
  void wait() const {
    int signal = 0;
    sigwait(&set_, &signal);
  }

 private:
  sigset_t set_{};
};

}  // namespace

MetaServer::MetaServer(std::shared_ptr<store::Store> store, core::Environment environment,
                       server::FrontOptions options, const std::string& address, std::uint16_t port)
    : store_(std::move(store)),
      limiter_(*store_, environment.now_ms),
      dispatcher_(*store_, std::move(environment), core::meta::handlers()),
      front_(dispatcher_, limited(std::move(options))),
      address_(address),
      server_(address, port,
              [this](const http::Request& request) { return front_.answer(request); }) {}

server::FrontOptions MetaServer::limited(server::FrontOptions options) {
  options.admit = [this](const google::protobuf::Message& request) { limiter_.admit(request); };
  return options;
}

std::string MetaServer::url() const {
  const bool ipv6 = address_.find(':') != std::string::npos;
  return fmt::format("http://{}:{}", ipv6 ? "[" + address_ + "]" : address_, server_.port());
}

void serve(cli::Io& io, const cli::Connection& connection, const cli::ServeOptions& options,
           bool verbose) {
  const auto [address, port] = parse_listen(options.listen);
  if (options.unknown_route != "404" && options.unknown_route != "ok")
    throw Error(Reason::usage,
                fmt::format("no answer to unknown routes '{}'", options.unknown_route),
                "write --unknown-route 404 or ok");
  auto environment = local_environment(connection, core_settings(options));
  auto store = std::make_shared<store::SqliteStore>(connection.state);
  store->read(
      [](store::View& view) { return view.revision(); });  // A bad file is told at the start.
  const StopSignals signals;
  std::mutex log_mutex;
  server::FrontOptions front;
  front.unknown_route_ok = options.unknown_route == "ok";
  front.open_rpc = options.open_rpc;
  front.token = connection.token.empty() ? kept_token(io, connection.state) : connection.token;
  if (verbose)
    front.log = [&](const std::string& line) {
      const std::lock_guard lock(log_mutex);
      io.err << line << std::endl;
    };
  const MetaServer server(store, std::move(environment), std::move(front), address, port);
  io.out << "listening on " << server.url() << std::endl;
  signals.wait();
}

}  // namespace metactl::app
