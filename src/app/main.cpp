// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

#include "app/embedded_client.h"
#include "app/local.h"
#include "app/run.h"
#include "app/serve.h"
#include "app/state_tools.h"
#include "cli/files.h"
#include "core/journal.h"

namespace metactl {
namespace {

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

std::vector<std::string> variables() {
  std::vector<std::string> names;
  for (auto** variable = environ; *variable; ++variable) {
    const std::string_view text = *variable;
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

/// Shows what is typed again when it goes, also after a failure.
class HiddenInput {
 public:
  HiddenInput() {
    if (::tcgetattr(STDIN_FILENO, &old_) != 0) return;
    auto hidden = old_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
  }
  ~HiddenInput() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &old_);
  }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;

 private:
  termios old_{};
  bool changed_ = false;
};

std::string read_hidden(const std::string& prompt) {
  std::string line;
  {
    const HiddenInput hidden;
    std::cerr << prompt << std::flush;
    std::getline(std::cin, line);
  }
  std::cerr << std::endl;
  return line;
}

std::size_t read_some(char* buffer, std::size_t size) {
  return cli::read_some(STDIN_FILENO, buffer, size, "-");
}

std::unique_ptr<client::Client> connect(const cli::Connection& connection) {
  if (!connection.server.empty()) return app::connect_server(connection);
  const auto environment = app::local_environment(connection, {});
  return std::make_unique<app::EmbeddedClient>(app::open_state(connection, environment),
                                               environment, app::local_origin(connection));
}

/// Closed standard streams would give their numbers to the next files that are opened. What takes
/// their place cannot be written to, so that a lost result is still an error.
void keep_standard_streams() {
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream)
    if (::fcntl(stream, F_GETFD) < 0) ::open("/dev/null", O_RDONLY);
}

/// A write beyond `ulimit -f` is to fail, as on a full disk, instead of ending the program, so that
/// it is told and nothing is left half written.
void survive_size_limit() {
  std::signal(SIGXFSZ, SIG_IGN);
}

bool is_new(const cli::Connection& connection) {
  return ::access(connection.state.c_str(), F_OK) != 0;
}

}  // namespace
}  // namespace metactl

int main(int argc, char** argv) {
  metactl::keep_standard_streams();
  metactl::survive_size_limit();
  std::ios::sync_with_stdio(false);
  metactl::cli::Io io{std::cin,
                      std::cout,
                      std::cerr,
                      ::isatty(STDIN_FILENO) == 1,
                      ::isatty(STDOUT_FILENO) == 1,
                      ::isatty(STDERR_FILENO) == 1,
                      metactl::terminal_width(),
                      metactl::environment,
                      metactl::read_hidden,
                      metactl::read_some,
                      metactl::cli::run_shell,
                      nullptr,
                      metactl::variables()};
  const metactl::cli::Services services{metactl::connect,
                                        metactl::app::rehearse,
                                        metactl::app::rehearse_on,
                                        metactl::is_new,
                                        metactl::app::serve,
                                        metactl::app::require_key,
                                        metactl::app::rekey,
                                        metactl::app::local_state_tools,
                                        metactl::core::new_command_id};
  return metactl::app::run({argv + 1, argv + argc}, io, services);
}
